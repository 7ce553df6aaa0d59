import type { Instant, TemplateName } from '../core/model.ts'
import type { ItemExplanation, ItemState } from '../core/snapshot.ts'

/** What became, or would have become, of one item. */
export interface DryRunEntry {
  readonly itemId: string
  readonly job: string
  readonly label: string | undefined
  readonly template: TemplateName | undefined
  /** Where it stood when it was last looked at. */
  readonly state: ItemState
  readonly words: string
  /** When it began to wait. */
  readonly since: Instant
  /** An agent would have been wanted for it then. */
  readonly wantedAt: Instant | undefined
  /** An agent would have been launched for it then, on this host. */
  readonly launchedAt: Instant | undefined
  readonly hostname: string | undefined
  /** It left the queue then: somebody else served it, or it was cancelled. */
  readonly leftAt: Instant | undefined
}

/** A launch that would have been: the agents of one template on one host, for these items. */
export interface DryRunLaunch {
  readonly template: TemplateName
  readonly hostname: string
  readonly jobs: readonly string[]
  readonly items: number
}

export interface DryRunReport {
  readonly since: Instant
  /** One sentence. */
  readonly words: string
  readonly counts: DryRunCounts
  /** Of items that left the queue, the last 1,000: how long they really waited, and until when we had decided. */
  readonly waitedSeconds: Spread | undefined
  readonly launchedAfterSeconds: Spread | undefined
  /** Those in the queue, the oldest first, 100 at most. */
  readonly waiting: readonly DryRunEntry[]
  /** Those that left it, the last first, 500 at most. */
  readonly done: readonly DryRunEntry[]
}

export interface DryRunCounts {
  /** Items that wanted an executor. */
  readonly seen: number
  readonly left: number
  /** For which an agent would have been launched. */
  readonly launched: number
  /** Of those that left: an idle node of others was to take them. */
  readonly servedByOthers: number
  /** They left before a host with room was offered. */
  readonly notPlaced: number
  /** Caps, back-off and pauses stood in the way until they left. */
  readonly blocked: number
  readonly unserved: number
  /** Their label could not be read. */
  readonly unknown: number
}

export interface Spread {
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

const MOST_DONE = 500
const MOST_WAITING = 100
const MOST_MEASURED = 1_000

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const IGNORED: ReadonlySet<ItemState> = new Set(['not_demand'])
const UNKNOWN: ReadonlySet<ItemState> = new Set(['unreadable', 'not_understood'])
const UNSERVED: ReadonlySet<ItemState> = new Set(['unserved'])
const BLOCKED: ReadonlySet<ItemState> = new Set(['capped', 'backed_off', 'paused', 'rate_limited'])

/** What a dry run would have done, item by item, in bounded space. */
export class DryRunLedger {
  readonly #since: Instant
  /** Items in the queue. */
  readonly #open = new Map<string, Mutable<DryRunEntry>>()
  readonly #done: DryRunEntry[] = []
  readonly #waited: number[] = []
  readonly #launchedAfter: number[] = []
  readonly #counts: Mutable<DryRunCounts> = {
    seen: 0,
    left: 0,
    launched: 0,
    servedByOthers: 0,
    notPlaced: 0,
    blocked: 0,
    unserved: 0,
    unknown: 0,
  }

  constructor(since: Instant) {
    this.#since = since
  }

  /** Whether an agent would have been launched for this item already. */
  isDecided(itemId: string): boolean {
    return this.#open.get(itemId)?.launchedAt !== undefined
  }

  /**
   * One look at the queue.
   * @param items everything in it
   * @returns launches that were decided in this look, each item once and for all
   */
  look(items: readonly ItemExplanation[], now: Instant): readonly DryRunLaunch[] {
    const launches = new Map<string, { template: TemplateName; hostname: string; jobs: string[]; items: number }>()
    const there = new Set<string>()
    for (const item of items) {
      there.add(item.itemId)
      const known = this.#open.get(item.itemId)
      if (known === undefined && IGNORED.has(item.state)) continue
      const entry = known ?? this.#opened(item, now)
      if (IGNORED.has(item.state)) continue
      const { template, hostname, state } = item
      // Once decided it stands as it was decided: the agent would be on its way.
      if (entry.launchedAt !== undefined) continue
      Object.assign(entry, { template, state, words: item.words, label: item.label })
      if (state === 'waiting_offer' || state === 'starting') entry.wantedAt ??= now
      if (state !== 'starting' || hostname === undefined || template === undefined) continue
      Object.assign(entry, { hostname, launchedAt: now })
      this.#counts.launched += 1
      const key = `${template} ${hostname}`
      const launch = launches.get(key) ?? { template, hostname, jobs: [], items: 0 }
      launches.set(key, launch)
      launch.items += 1
      if (launch.jobs.length < 5 && !launch.jobs.includes(item.job)) launch.jobs.push(item.job)
    }
    for (const [id, entry] of this.#open) if (!there.has(id)) this.#close(id, entry, now)
    return [...launches.values()]
  }

  report(): DryRunReport {
    const waiting = [...this.#open.values()].sort((a, b) => a.since - b.since).slice(0, MOST_WAITING)
    return {
      since: this.#since,
      words: this.words,
      counts: { ...this.#counts },
      waitedSeconds: spread(this.#waited),
      launchedAfterSeconds: spread(this.#launchedAfter),
      waiting: waiting.map((entry) => ({ ...entry })),
      done: this.#done.toReversed(),
    }
  }

  #opened({ itemId, job, label, template, state, words, since }: ItemExplanation, now: Instant): Mutable<DryRunEntry> {
    const entry = {
      itemId,
      job,
      label,
      template,
      state,
      words,
      since: since ?? now,
      wantedAt: undefined,
      launchedAt: undefined,
      hostname: undefined,
      leftAt: undefined,
    }
    this.#open.set(itemId, entry)
    this.#counts.seen += 1
    return entry
  }

  #close(id: string, entry: Mutable<DryRunEntry>, now: Instant): void {
    this.#open.delete(id)
    entry.leftAt = now
    push(this.#done, entry, MOST_DONE)
    push(this.#waited, Math.max(0, now - entry.since) / 1000, MOST_MEASURED)
    const counts = this.#counts
    counts.left += 1
    if (entry.launchedAt !== undefined) {
      push(this.#launchedAfter, Math.max(0, entry.launchedAt - entry.since) / 1000, MOST_MEASURED)
    } else if (UNKNOWN.has(entry.state)) counts.unknown += 1
    else if (BLOCKED.has(entry.state)) counts.blocked += 1
    else if (entry.state === 'unserved') counts.unserved += 1
    else if (entry.state === 'waiting_offer') counts.notPlaced += 1
    else counts.servedByOthers += 1
  }

  get words(): string {
    const { seen, left, launched, servedByOthers, notPlaced, blocked, unserved, unknown } = this.#counts
    const waits = spread(this.#waited)
    const decided = spread(this.#launchedAfter)
    const parts = [
      `dry run, nothing is done: of ${seen} builds that waited, an agent would have been launched for ${launched}`,
      `${left} have left the queue`,
      ...(waits === undefined ? [] : [`half of them within ${waits.p50} s`]),
      ...(decided === undefined ? [] : [`half of our launches within ${decided.p50} s`]),
      ...count(servedByOthers, 'taken by nodes of others'),
      ...count(notPlaced, 'gone before a look at offers, once a minute, found room'),
      ...count(blocked, 'held by caps, back-off or a pause'),
      ...count(unserved + this.#waitingNow(UNSERVED), 'served by no template'),
      ...count(
        unknown + this.#waitingNow(UNKNOWN),
        'unknown, as their label cannot be read: `anchors create` mends that',
      ),
    ]
    return parts.join('; ')
  }

  /** Those that nobody may ever serve never leave the queue, so they count while they wait. */
  #waitingNow(states: ReadonlySet<ItemState>): number {
    let items = 0
    for (const { state } of this.#open.values()) if (states.has(state)) items += 1
    return items
  }
}

function count(n: number, words: string): readonly string[] {
  return n === 0 ? [] : [`${n} ${words}`]
}

function push<T>(list: T[], value: T, most: number): void {
  list.push(value)
  if (list.length > most) list.shift()
}

/** Seconds, to the tenth. */
function spread(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => {
    const index = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)
    return Math.round((sorted[Math.max(0, index)] ?? 0) * 10) / 10
  }
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) }
}
