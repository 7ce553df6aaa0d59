import type { Cancel, Clock } from '../../core/clock.ts'
import type { Computer } from './computer.ts'
import type { Farm } from './farm.ts'
import { runningBuild } from './jobs.ts'
import { messagesFor } from './messages.ts'
import type { ItemState, JobState, Parameters } from './model.ts'
import { type Blockage, refusal, type Veto } from './why.ts'

/** How long an item that has left the queue is still to be seen under its own address. */
const REMEMBERED_MS = 300_000

export interface QueueOptions {
  readonly clock: Clock
  readonly farm: Farm
  readonly jobs: ReadonlyMap<string, JobState>
  /** How long an item is `pending` before its build begins. */
  readonly pendingMs: number
  /** Begins the build; the item has left the queue then. */
  readonly start: (item: ItemState, job: JobState, computer: Computer) => number
  readonly changed: () => void
}

export interface Scheduling {
  readonly job: JobState
  readonly by: string
  readonly parameters: Parameters
  readonly quietMs: number
  /** Of this item alone, as a label parameter assigns it. */
  readonly label?: string
}

/** The build queue: waiting, then blocked or buildable, then pending, then left. */
export class Queue {
  readonly #options: QueueOptions
  #items: ItemState[] = []
  #left: ItemState[] = []
  #next = 1
  #quiet: { readonly reason: string | null } | null = null
  #veto: Veto | undefined
  #cancelTimer: Cancel | undefined
  #restored = false
  #passing = false

  constructor(options: QueueOptions) {
    this.#options = options
  }

  get nextId(): number {
    return this.#next
  }

  /** As Jenkins lists them; buildable ones newest first, but after a restart in the order in which they were read. */
  get items(): readonly ItemState[] {
    const stage = (...stages: readonly ItemState['stage'][]): ItemState[] =>
      this.#items.filter((item) => stages.includes(item.stage)).sort((one, other) => one.id - other.id)
    const newestFirst = (items: ItemState[]): ItemState[] => (this.#restored ? items : items.reverse())
    return [
      ...stage('waiting').sort((one, other) => one.startAt - other.startAt),
      ...stage('blocked'),
      ...newestFirst(stage('buildable')),
      ...newestFirst(stage('pending')),
    ]
  }

  get quietDown(): { readonly reason: string | null } | null {
    return this.#quiet
  }

  set quietDown(quiet: { readonly reason: string | null } | null) {
    this.#quiet = quiet
    this.maintain()
  }

  set veto(veto: Veto | undefined) {
    this.#veto = veto
    this.maintain()
  }

  item(id: number): ItemState | undefined {
    const remembered = this.#left.find((item) => item.id === id)
    if (remembered !== undefined) return this.#isForgotten(remembered) ? undefined : remembered
    return this.#items.find((item) => item.id === id)
  }

  /** The world as it is now, for `whyOf`. */
  blockage(): Blockage {
    return {
      farm: this.#options.farm,
      veto: this.#veto,
      quietingDown: this.#quiet !== null,
      now: this.#options.clock.now(),
    }
  }

  /** @returns the item that stands for this build: the one that waits already, if it is the same build */
  schedule({ job, by, parameters, quietMs, label }: Scheduling): ItemState {
    const same = this.#items.find(
      (item) =>
        item.job === job.name &&
        item.stage !== 'pending' &&
        item.labelExpression === (label ?? null) &&
        JSON.stringify(item.parameters) === JSON.stringify(parameters),
    )
    if (same !== undefined) return same
    const now = this.#options.clock.now()
    const item: ItemState = {
      id: this.#next++,
      job: job.name,
      by,
      parameters,
      labelExpression: label ?? null,
      since: now,
      startAt: now + quietMs,
      stage: 'waiting',
      buildableSince: null,
      leftAt: null,
      cancelled: false,
      build: null,
    }
    this.#items.push(item)
    this.#restored = false
    this.maintain()
    return item
  }

  /** @returns whether such an item waited */
  cancel(id: number): boolean {
    const item = this.#items.find((one) => one.id === id)
    if (item === undefined) return false
    item.cancelled = true
    this.#leave(item, null)
    this.maintain()
    return true
  }

  cancelOf(job: string): void {
    for (const item of this.#items.filter((one) => one.job === job)) this.cancel(item.id)
  }

  restore(items: readonly ItemState[], next: number): void {
    this.#items = items.filter((item) => item.stage !== 'left')
    for (const item of this.#items) if (item.stage === 'pending') item.stage = 'buildable'
    this.#left = items.filter((item) => item.stage === 'left')
    this.#next = next
    this.#restored = true
  }

  save(): readonly ItemState[] {
    return [...this.#items, ...this.#left.filter((item) => !this.#isForgotten(item))]
  }

  stop(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  /** One pass: quiet periods that ended, jobs that are free again, executors for what can be built. */
  maintain(): void {
    if (this.#passing) return
    this.#passing = true
    try {
      const now = this.#options.clock.now()
      this.#left = this.#left.filter((item) => !this.#isForgotten(item))
      for (const item of [...this.#items].sort((one, other) => one.id - other.id)) this.#move(item, now)
      // Offline nodes take nothing: leaving them out first keeps a pass over a big farm cheap.
      const free = this.#options.farm.computers.filter((one) => one.online && one.idleExecutors > 0)
      for (const item of this.#items.filter(({ stage }) => stage === 'buildable').sort(byAge)) this.#assign(item, free)
    } finally {
      this.#passing = false
    }
    this.#wake()
    this.#options.changed()
  }

  #move(item: ItemState, now: number): void {
    if (item.stage === 'waiting' && item.startAt > now) return
    if (item.stage !== 'waiting' && item.stage !== 'blocked') return
    const job = this.#options.jobs.get(item.job)
    if (job === undefined) {
      item.cancelled = true
      this.#leave(item, null)
      return
    }
    const blocked = !job.concurrent && (runningBuild(job) !== undefined || this.#behindAnother(item))
    item.stage = blocked ? 'blocked' : 'buildable'
    item.buildableSince ??= now
  }

  #behindAnother(item: ItemState): boolean {
    return this.#items.some(
      (other) => other !== item && other.job === item.job && (other.stage === 'buildable' || other.stage === 'pending'),
    )
  }

  #assign(item: ItemState, free: readonly Computer[]): void {
    const job = this.#options.jobs.get(item.job)
    if (job === undefined || this.#quiet !== null) return
    const say = messagesFor(undefined, false)
    const takers = free.filter(
      (computer) => computer.idleExecutors > 0 && refusal(item, job, computer, this.#veto, say) === undefined,
    )
    const lastNode = job.builds.at(-1)?.node
    const computer = takers.find(({ node }) => node.name === lastNode) ?? takers[0]
    if (computer === undefined) return
    if (this.#options.pendingMs === 0) {
      this.#begin(item, job, computer)
      return
    }
    item.stage = 'pending'
    this.#options.clock.timer(this.#options.pendingMs, () => {
      if (item.stage !== 'pending') return
      if (computer.online && computer.idleExecutors > 0) this.#begin(item, job, computer)
      else item.stage = 'buildable'
      this.maintain()
    })
  }

  #begin(item: ItemState, job: JobState, computer: Computer): void {
    this.#leave(item, this.#options.start(item, job, computer))
  }

  #leave(item: ItemState, build: number | null): void {
    item.stage = 'left'
    item.build = build
    item.leftAt = this.#options.clock.now()
    this.#items = this.#items.filter((one) => one !== item)
    this.#left.push(item)
  }

  #isForgotten(item: ItemState): boolean {
    return this.#options.clock.now() - (item.leftAt ?? 0) > REMEMBERED_MS
  }

  #wake(): void {
    this.#cancelTimer?.()
    const starts = this.#items.filter(({ stage }) => stage === 'waiting').map(({ startAt }) => startAt)
    if (starts.length === 0) {
      this.#cancelTimer = undefined
      return
    }
    this.#cancelTimer = this.#options.clock.timer(Math.min(...starts) - this.#options.clock.now(), () => {
      this.maintain()
    })
  }
}

function byAge(one: ItemState, other: ItemState): number {
  return (one.buildableSince ?? 0) - (other.buildableSince ?? 0) || one.id - other.id
}
