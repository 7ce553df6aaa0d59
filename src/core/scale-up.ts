import type { Counted } from './adoption.ts'
import { type Backoff, isBackedOff } from './backoff.ts'
import type { Blocked, CapScope } from './blocked.ts'
import type { Caps, Instant, Template, TemplateName } from './model.ts'
import type { Stop } from './pause.ts'
import { CapLedger, isShared, showCap } from './policy.ts'
import type { Resources } from './resources.ts'
import { executorsFor, resourcesOf } from './template.ts'
import { launchKey } from './variant.ts'

/** An agent that is wanted and does not exist yet. */
export interface Want {
  readonly template: Template
  readonly role: string
  /** Of its template: where there are too few offers the highest is served first. */
  readonly priority: number
  readonly executors: number
  readonly resources: Resources
  /** Said to people as it stands: in the log, the API and the node's description. */
  readonly reason: string
}

/** An agent that a cap over all templates stands in the way of. */
export interface Squeezed {
  readonly template: Template
  readonly scope: CapScope
  readonly resources: Resources
}

interface Growing {
  readonly template: Template
  excess: number
  resources: Resources
  readonly first: string
}

export interface ScaleUpInput {
  readonly caps: Caps
  readonly records: readonly Counted[]
  readonly backoff: Readonly<Record<string, Backoff>>
  /** For which templates nothing may be provisioned. */
  readonly stop: Stop
  readonly now: Instant
}

/**
 * Collects what this round wants to start, template by template. An agent has `max(min, min(excess, max))` executors,
 * and no cap is ever passed, by agents or by what they are given.
 */
export class ScaleUp {
  readonly #input: ScaleUpInput
  readonly #ledger: CapLedger
  readonly #coming = new Map<string, number>()
  /** The agent that grows, by launch key: agents of other images are other agents. */
  readonly #growing = new Map<TemplateName, Growing>()
  readonly #opened: Growing[] = []
  /** What stands in the way of a new agent stays there for the round: nothing goes meanwhile. */
  readonly #blocked = new Map<TemplateName, Blocked>()
  readonly #capped = new Map<TemplateName, CapScope>()
  readonly #squeezed = new Map<TemplateName, Squeezed>()

  constructor(input: ScaleUpInput) {
    this.#input = input
    this.#ledger = new CapLedger(input.caps, input.records)
    for (const { template, state } of input.records) {
      if (state === 'planned' || state === 'starting') this.#come(template)
    }
  }

  /** One executor more from this template, on an agent that this round wants already or on another one. */
  want(template: Template, what: string): Blocked | undefined {
    const key = launchKey(template.name, template.revision)
    const growing = this.#growing.get(key)
    if (growing !== undefined && growing.excess < template.executors.max && this.#grow(growing)) return undefined
    const before = this.#blocked.get(key)
    if (before !== undefined) return before
    const blocked = this.#open(template, key, what)
    if (blocked !== undefined) this.#blocked.set(key, blocked)
    return blocked
  }

  /** What was wanted, in the order of the asking. */
  get wants(): readonly Want[] {
    return this.#opened.map(({ template, excess, resources, first }) => ({
      template,
      role: template.role,
      priority: template.priority,
      executors: executorsFor(template, excess),
      resources,
      reason: excess > 1 ? `${first} and ${excess - 1} more` : first,
    }))
  }

  /** The cap that stood in the way of a template in this round. */
  capped(template: Template): CapScope | undefined {
    return this.#capped.get(template.name)
  }

  /** One agent of each template that a cap over all templates stood in the way of. */
  get squeezed(): readonly Squeezed[] {
    return [...this.#squeezed.values()]
  }

  #grow(growing: Growing): boolean {
    const { template, excess } = growing
    const bigger = resourcesOf(template, executorsFor(template, excess + 1))
    if (this.#ledger.blocksGrowth(template, growing.resources, bigger) !== undefined) return false
    this.#ledger.grow(template.name, growing.resources, bigger)
    growing.excess += 1
    growing.resources = bigger
    return true
  }

  #open(template: Template, key: TemplateName, first: string): Blocked | undefined {
    const stopped = this.#input.stop(template.name)
    if (stopped !== undefined) return { kind: 'paused', scope: undefined, words: stopped }
    const waits = this.#backedOff(template, key)
    if (waits !== undefined) return { kind: 'backed_off', scope: undefined, words: waits }
    const resources = resourcesOf(template, executorsFor(template, 1))
    const scope = this.#ledger.blocks(template, resources)
    if (scope !== undefined) return this.#blockedByCap(template, scope, resources)
    const opened = { template, excess: 1, resources, first }
    this.#opened.push(opened)
    this.#growing.set(key, opened)
    this.#ledger.take(template.name, resources)
    this.#come(template.name)
    return undefined
  }

  #blockedByCap(template: Template, scope: CapScope, resources: Resources): Blocked {
    this.#capped.set(template.name, scope)
    if (isShared(scope) && !this.#squeezed.has(template.name)) {
      this.#squeezed.set(template.name, { template, scope, resources })
    }
    return { kind: 'capped', scope, words: showCap(scope, template, this.#input.caps) }
  }

  #come(template: string): void {
    this.#coming.set(template, (this.#coming.get(template) ?? 0) + 1)
  }

  /** By its own failures, and those of the image that a job named. */
  #backedOff(template: Template, key: TemplateName): string | undefined {
    const own = this.#failedBefore(template, this.#input.backoff[template.name], '')
    if (own !== undefined || key === template.name) return own
    const image = template.launch.container?.image ?? ''
    return this.#failedBefore(template, this.#input.backoff[key], ` with the image ${image}`)
  }

  /** While the breaker is open, one launch at a time tries whether it works again. */
  #failedBefore(template: Template, backoff: Backoff | undefined, what: string): string | undefined {
    if (backoff === undefined || backoff.failures === 0) return undefined
    const { now } = this.#input
    if (isBackedOff(backoff, now)) {
      const seconds = Math.ceil((backoff.until - now) / 1000)
      const failures = `${backoff.failures} launches of template ${template.name}${what}`
      return `${failures} failed in a row: the next try is in ${seconds} s`
    }
    if (backoff.openSince === undefined || (this.#coming.get(template.name) ?? 0) === 0) return undefined
    const breaker = `the breaker of template ${template.name}${what}`
    return `${breaker} is open after ${backoff.failures} failures: one launch is trying`
  }
}
