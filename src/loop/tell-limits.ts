import { type Backoff, breakerState } from '../core/backoff.ts'
import type { CapScope } from '../core/blocked.ts'
import type { Log } from '../core/log.ts'
import type { Instant, TemplateName } from '../core/model.ts'
import type { Plan } from '../core/snapshot.ts'
import { readLaunchKey } from '../core/variant.ts'
import { Seldom } from './seldom.ts'

/** Says when a cap begins to stand in the way, and when launches fail so often that one at a time is tried. */
export class LimitTeller {
  readonly #log: Log
  readonly #capReached: (scope: CapScope) => void
  #capped: ReadonlySet<CapScope> = new Set()
  /** Builds come and go below a cap: not each of them is news. */
  readonly #caps = new Seldom()
  /** What the open breakers are of. */
  #open: ReadonlySet<TemplateName> = new Set()

  /** @param capReached is told each time */
  constructor(log: Log, capReached: (scope: CapScope) => void) {
    this.#log = log
    this.#capReached = capReached
  }

  tell(plan: Plan, now: Instant): void {
    this.#tellCaps(plan, now)
    this.#tellBreakers(plan, now)
  }

  #tellCaps({ explanation }: Plan, now: Instant): void {
    const reached = explanation.templates.filter(({ capped }) => capped !== undefined)
    const scopes = new Set(reached.flatMap(({ capped }) => capped ?? []))
    for (const scope of scopes) if (!this.#capped.has(scope)) this.#capReached(scope)
    this.#capped = scopes
    const byKey = new Map(reached.map((one) => [`${one.capped} ${one.template}`, one]))
    for (const key of this.#caps.news([...byKey.keys()], now)) {
      const { template, capped: scope, words } = byKey.get(key) ?? {}
      this.#log.info({ template, scope, words }, 'a cap is reached')
    }
  }

  #tellBreakers({ memory }: Plan, now: Instant): void {
    const backoffs = Object.entries(memory.backoff) as [TemplateName, Backoff][]
    const open = backoffs.filter(([, backoff]) => breakerState(backoff, now) !== 'closed')
    for (const [key, { failures, delayMs }] of open) {
      if (this.#open.has(key)) continue
      const fields = { ...readLaunchKey(key), failures, seconds: delayMs / 1000 }
      this.#log.warn(fields, 'launches fail one after the other: one at a time is tried')
    }
    const keys = new Set(open.map(([key]) => key))
    for (const key of this.#open) {
      if (!keys.has(key)) this.#log.info({ ...readLaunchKey(key) }, 'launches are not held back by failures any more')
    }
    this.#open = keys
  }
}
