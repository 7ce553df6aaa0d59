import type { Instant } from './model.ts'
import { Needs } from './needs.ts'
import type { KnownHost } from './offer.ts'
import type { Snapshot } from './snapshot.ts'
import { canNeverFit, type HostOffer, type MatchContext, type Need } from './stages.ts'
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
      const free = host.free[template.role]
      if (free === undefined) continue
      offering = true
      const { hostname, mesosAgentId, attributes, domain, unavailability } = host
      const portRanges = host.freePorts?.[template.role] ?? []
      const { role } = template
      const offer: HostOffer = {
        ...{ hostname, mesosAgentId, attributes, domain, unavailability },
        ...{ address: '', role, offers: [], free, portRanges },
      }
      if (!canNeverFit(offer, need, this.#context)) return false
    }
    return offering
  }
}
