import type { Counted } from './adoption.ts'
import { type Backoff, isBackedOff, showFailures } from './backoff.ts'
import type { Blocked, CapScope } from './blocked.ts'
import type { QueueItem } from './jenkins-reading.ts'
import type { Caps, Instant, TemplateName } from './model.ts'
import type { Stop } from './pause.ts'
import { CapLedger, showCap } from './policy.ts'
import type { Resources } from './resources.ts'
import { executorsFor, resourcesOf, type Template } from './template.ts'
import { launchKey } from './variant.ts'

/** An agent that is wanted and does not exist yet. */
export interface Want {
  readonly template: Template
  readonly role: string
  /** Of its template: where there are too few offers the highest is served first. */
  readonly priority: number
  readonly executors: number
  readonly resources: Resources
  /** For which it is, one an executor at most; none for a warm pool. */
  readonly items: readonly QueueItem[]
  /** Said to people as it stands: in the log, the API and the node's description. */
  readonly reason: string
  /** That it is for, if an operator asked for it. */
  readonly order?: string
}

interface Growing {
  readonly template: Template
  excess: number
  resources: Resources
  readonly items: QueueItem[]
  readonly first: string
  readonly order?: string
}

/** What this round knows of a template, or of one with another image. */
interface Asked {
  readonly key: TemplateName
  growing: Growing | undefined
  /** What stands in the way of a new agent stays there for the round: nothing goes meanwhile. */
  blocked: Blocked | undefined
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
  readonly #asked = new Map<Template, Asked>()
  /** In the order of the asking. */
  readonly #opened: Growing[] = []
  readonly #capped = new Map<TemplateName, CapScope>()

  constructor(input: ScaleUpInput) {
    this.#input = input
    this.#ledger = new CapLedger(input.caps, input.records)
    for (const { template, state } of input.records) {
      if (state === 'planned' || state === 'starting') this.#come(template)
    }
  }

  /**
   * One executor more from this template, on an agent that this round wants already or on another one.
   * @param item that it is for; a warm pool names none
   */
  want(template: Template, what: string, item?: QueueItem): Blocked | undefined {
    const asked = this.#of(template)
    const { growing } = asked
    if (growing === undefined || growing.excess >= template.executors.max || !this.#grow(growing)) {
      asked.blocked ??= this.#open(template, asked, what)
      if (asked.blocked !== undefined) return asked.blocked
    }
    if (item !== undefined) asked.growing?.items.push(item)
    return undefined
  }

  /** One agent of the smallest size, for an order of an operator; nothing else grows on it. */
  order(template: Template, what: string, order: string): Blocked | undefined {
    const asked = this.#of(template)
    const { growing } = asked
    asked.blocked ??= this.#open(template, asked, what, order)
    asked.growing = growing
    return asked.blocked
  }

  #of(template: Template): Asked {
    let asked = this.#asked.get(template)
    if (asked === undefined) {
      asked = { key: launchKey(template.name, template.revision), growing: undefined, blocked: undefined }
      this.#asked.set(template, asked)
    }
    return asked
  }

  /** What was wanted, in the order of the asking. */
  get wants(): readonly Want[] {
    return this.#opened.map(({ template, excess, resources, items, first, order }) => ({
      template,
      role: template.role,
      priority: template.priority,
      executors: executorsFor(template, excess),
      resources,
      items,
      reason: excess > 1 ? `${first} and ${excess - 1} more` : first,
      ...(order !== undefined && { order }),
    }))
  }

  /** The cap that stood in the way of a template in this round. */
  capped(template: Template): CapScope | undefined {
    return this.#capped.get(template.name)
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

  #open(template: Template, asked: Asked, first: string, order?: string): Blocked | undefined {
    const stopped = this.#input.stop(template.name)
    if (stopped !== undefined) return { kind: 'paused', scope: undefined, missing: 0, words: stopped }
    const waits = this.#backedOff(template, asked.key)
    if (waits !== undefined) return { kind: 'backed_off', scope: undefined, missing: 0, words: waits }
    const resources = resourcesOf(template, executorsFor(template, 1))
    const scope = this.#ledger.blocks(template, resources)
    if (scope !== undefined) {
      this.#capped.set(template.name, scope)
      const missing = this.#ledger.missing(scope, template, resources)
      return { kind: 'capped', scope, missing, words: showCap(scope, template, this.#input.caps) }
    }
    const opened: Growing = { template, excess: 1, resources, items: [], first, ...(order !== undefined && { order }) }
    this.#opened.push(opened)
    asked.growing = opened
    this.#ledger.take(template.name, resources)
    this.#come(template.name)
    return undefined
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
      return showFailures(backoff, `template ${template.name}${what}`, now)
    }
    if (backoff.openSince === undefined || (this.#coming.get(template.name) ?? 0) === 0) return undefined
    const breaker = `the breaker of template ${template.name}${what}`
    return `${breaker} is open after ${backoff.failures} failures: one launch is trying`
  }
}
