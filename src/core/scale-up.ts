import type { Counted } from './adoption.ts'
import { type Backoff, isBackedOff } from './backoff.ts'
import type { Caps, Instant, Template } from './model.ts'
import type { Stop } from './pause.ts'
import { CapLedger, showCap } from './policy.ts'
import type { Resources } from './resources.ts'
import type { CapScope } from './snapshot.ts'
import { executorsFor, resourcesOf } from './template.ts'

/** An agent that is wanted and does not exist yet. */
export interface Want {
  readonly template: Template
  readonly role: string
  readonly executors: number
  readonly resources: Resources
  /** Said to people as it stands: in the log, the API and the node's description. */
  readonly reason: string
}

/** Why a template cannot have one more agent now. */
export interface Blocked {
  readonly kind: 'capped' | 'backed_off' | 'paused'
  readonly scope: CapScope | undefined
  readonly words: string
}

interface Growing {
  readonly template: Template
  excess: number
  resources: Resources
  readonly first: string
}

/**
 * Collects what this round wants to start, template by template. An agent has `max(min, min(excess, max))` executors,
 * and no cap is ever passed, by agents or by what they are given.
 */
export class ScaleUp {
  readonly #caps: Caps
  readonly #ledger: CapLedger
  readonly #backoff: Readonly<Record<string, Backoff>>
  readonly #now: Instant
  readonly #stop: Stop
  readonly #coming = new Map<string, number>()
  readonly #growing = new Map<string, Growing>()
  readonly #done: Growing[] = []
  readonly #capped = new Map<string, CapScope>()

  constructor(
    caps: Caps,
    records: readonly Counted[],
    backoff: Readonly<Record<string, Backoff>>,
    now: Instant,
    stop: Stop = () => undefined,
  ) {
    this.#caps = caps
    this.#stop = stop
    this.#ledger = new CapLedger(caps, records)
    this.#backoff = backoff
    this.#now = now
    for (const { template, state } of records) {
      if (state === 'planned' || state === 'starting') this.#coming.set(template, (this.#coming.get(template) ?? 0) + 1)
    }
  }

  /** One executor more from this template, on an agent that this round wants already or on another one. */
  want(template: Template, what: string): Blocked | undefined {
    const growing = this.#growing.get(template.name)
    if (growing !== undefined && growing.excess < template.executors.max && this.#grow(growing)) return undefined
    return this.#open(template, what)
  }

  /** What was wanted, in the order of the asking. */
  get wants(): readonly Want[] {
    return [...this.#done, ...this.#growing.values()].map(({ template, excess, resources, first }) => ({
      template,
      role: template.role,
      executors: executorsFor(template, excess),
      resources,
      reason: excess > 1 ? `${first} and ${excess - 1} more` : first,
    }))
  }

  /** The cap that stood in the way of a template in this round. */
  capped(template: Template): CapScope | undefined {
    return this.#capped.get(template.name)
  }

  #grow(growing: Growing): boolean {
    const { template, excess } = growing
    const bigger = resourcesOf(template, executorsFor(template, excess + 1))
    if (this.#ledger.blocksGrowth(growing.resources, bigger) !== undefined) return false
    this.#ledger.grow(growing.resources, bigger)
    growing.excess += 1
    growing.resources = bigger
    return true
  }

  #open(template: Template, first: string): Blocked | undefined {
    const stopped = this.#stop(template.name)
    if (stopped !== undefined) return { kind: 'paused', scope: undefined, words: stopped }
    const waits = this.#backedOff(template)
    if (waits !== undefined) return { kind: 'backed_off', scope: undefined, words: waits }
    const resources = resourcesOf(template, executorsFor(template, 1))
    const scope = this.#ledger.blocks(template, resources)
    if (scope !== undefined) {
      this.#capped.set(template.name, scope)
      return { kind: 'capped', scope, words: showCap(scope, template, this.#caps) }
    }
    const before = this.#growing.get(template.name)
    if (before !== undefined) this.#done.push(before)
    this.#growing.set(template.name, { template, excess: 1, resources, first })
    this.#ledger.take(template.name, resources)
    this.#coming.set(template.name, (this.#coming.get(template.name) ?? 0) + 1)
    return undefined
  }

  /** While the breaker is open, one launch at a time tries whether it works again. */
  #backedOff(template: Template): string | undefined {
    const backoff = this.#backoff[template.name]
    if (backoff === undefined || backoff.failures === 0) return undefined
    if (isBackedOff(backoff, this.#now)) {
      const seconds = Math.ceil((backoff.until - this.#now) / 1000)
      return `${backoff.failures} launches of template ${template.name} failed in a row: the next try is in ${seconds} s`
    }
    if (backoff.openSince === undefined || (this.#coming.get(template.name) ?? 0) === 0) return undefined
    return `the breaker of template ${template.name} is open after ${backoff.failures} failures: one launch is trying`
  }
}
