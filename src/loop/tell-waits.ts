import type { Log } from '../core/log.ts'
import type { ItemExplanation, ItemState } from '../core/snapshot.ts'

/** In these a build waits for something that people may want to know of, and need not act on: that is a problem. */
const WAITING: ReadonlySet<ItemState> = new Set([
  'waiting_offer',
  'capped',
  'backed_off',
  'paused',
  'rate_limited',
  'tied',
  'unreadable',
])

const NOTHING: ReadonlySet<string> = new Set()

/** Jobs that are named where many wait for the same. */
const MOST_NAMED = 3

/**
 * Says once what a build waits for, and again when that is something that it did not wait for yet: the reason counts,
 * not its words, which may count seconds. Builds that begin to wait for the same in one round are told together.
 */
export class WaitTeller {
  readonly #log: Log
  /** What each item waited for up to now. */
  #reasons: ReadonlyMap<string, ReadonlySet<string>> = new Map()

  constructor(log: Log) {
    this.#log = log
  }

  tell(items: readonly ItemExplanation[]): void {
    const reasons = new Map<string, ReadonlySet<string>>()
    const changed = new Map<string, { readonly first: ItemExplanation; readonly jobs: Set<string>; items: number }>()
    for (const item of items) {
      const { itemId, job, state, template } = item
      const reason = template === undefined ? state : `${state} ${template}`
      const before = this.#reasons.get(itemId) ?? NOTHING
      const isNews = WAITING.has(state) && !before.has(reason)
      reasons.set(itemId, isNews ? new Set([...before, reason]) : before)
      if (!isNews) continue
      const group = changed.get(reason) ?? { first: item, jobs: new Set<string>(), items: 0 }
      changed.set(reason, group)
      group.items += 1
      if (group.jobs.size < MOST_NAMED) group.jobs.add(job)
    }
    this.#reasons = reasons
    for (const { first, jobs, items: count } of changed.values()) {
      const { state, template, words } = first
      this.#log.info({ state, template, items: count, jobs: [...jobs], words }, 'builds wait')
    }
  }
}
