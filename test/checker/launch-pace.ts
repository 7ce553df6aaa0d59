import type { Report, Rule } from './rule.ts'
import type { SeenPromises, SeenRecord } from './scene.ts'

/** So much less than one launch is an error of rounding. */
const EPSILON = 1e-6

interface Bucket {
  readonly tokens: number
  readonly createdAt: number
  readonly now: number
}

/**
 * Launches never exceed the burst and the rate since, in any window of one process's life. An agent counts when it is
 * written down; where the clock was set, the longer of both times counts.
 */
export class LaunchPace implements Rule {
  readonly #rate: SeenPromises['launchRate']
  readonly #now: () => number
  readonly #report: Report
  readonly #known = new Set<string>()
  readonly #buckets = new Map<string, Bucket>()

  constructor({ launchRate }: SeenPromises, now: () => number, report: Report) {
    this.#rate = launchRate
    this.#now = now
    this.#report = report
  }

  readonly committed = (stored: ReadonlyMap<string, object>, who: string): void => {
    const fresh: SeenRecord[] = []
    for (const [key, value] of stored) {
      if (!key.startsWith('agent/') || this.#known.has(key)) continue
      this.#known.add(key)
      const record = value as SeenRecord
      if (record.state === 'planned' && record.createdAt !== undefined) fresh.push(record)
    }
    for (const record of fresh.sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0))) this.#spend(record, who)
  }

  #spend({ agentId, createdAt = 0 }: SeenRecord, who: string): void {
    const { burst, perSecond } = this.#rate
    const now = this.#now()
    const before = this.#buckets.get(who) ?? { tokens: burst, createdAt, now }
    const seconds = Math.max(createdAt - before.createdAt, now - before.now) / 1000
    const tokens = Math.min(burst, before.tokens + seconds * perSecond) - 1
    if (tokens < -EPSILON) this.#report(0, `${agentId} is one launch too many: ${burst} at once, ${perSecond} a second`)
    this.#buckets.set(who, { tokens, createdAt, now })
  }
}
