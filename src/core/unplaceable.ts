import { lastOffer } from './last-offer.ts'
import type { Instant } from './model.ts'
import { Needs } from './needs.ts'
import type { KnownHost } from './offer.ts'
import type { Snapshot } from './snapshot.ts'
import { canNeverFit, type MatchContext, type Need } from './stages.ts'
import { executorsFor, resourcesOf, type Template } from './template.ts'

/**
 * Knows templates that none of the hosts that have offered to their role can ever run: an attribute, a region or a
 * resource is not there at all. Where no such host is known nothing is known of the template either.
 */
export class Unplaceable {
  readonly #hosts: readonly KnownHost[]
  readonly #context: MatchContext
  readonly #needs = new Needs()
  readonly #known = new Map<Template, boolean>()

  constructor({ hosts, mesos, windows }: Pick<Snapshot, 'hosts' | 'mesos' | 'windows'>, now: Instant) {
    this.#hosts = hosts
    this.#context = { now, hostBackoff: {}, home: mesos.home, windows }
  }

  has(template: Template): boolean {
    let found = this.#known.get(template)
    if (found === undefined) {
      found = this.#look(template)
      this.#known.set(template, found)
    }
    return found
  }

  /** One host that could is enough, and is mostly the first. */
  #look(template: Template): boolean {
    const need: Need = this.#needs.of(template, resourcesOf(template, executorsFor(template, 1)))
    let offering = false
    for (const host of this.#hosts) {
      const offer = lastOffer(host, template.role)
      if (offer === undefined) continue
      offering = true
      if (!canNeverFit(offer, need, this.#context)) return false
    }
    return offering
  }
}
