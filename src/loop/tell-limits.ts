import { type Backoff, breakerState } from '../core/backoff.ts'
import type { CapScope } from '../core/blocked.ts'
import type { Log } from '../core/log.ts'
import type { Instant, TemplateName } from '../core/model.ts'
import { showCap } from '../core/policy.ts'
import type { Plan, Snapshot } from '../core/snapshot.ts'
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

  tell(snapshot: Pick<Snapshot, 'templates' | 'caps'>, plan: Plan, now: Instant): void {
    this.#tellCaps(snapshot, plan, now)
    this.#tellBreakers(plan, now)
  }

  #tellCaps({ templates, caps }: Pick<Snapshot, 'templates' | 'caps'>, { explanation }: Plan, now: Instant): void {
    const scopes = new Set(explanation.templates.flatMap(({ capped }) => capped ?? []))
    for (const scope of scopes) if (!this.#capped.has(scope)) this.#capReached(scope)
    this.#capped = scopes
    // By its words: one of all templates together is one cap, whichever of them it stops.
    const reached = new Map<string, object>()
    for (const { template: name, capped: scope } of explanation.templates) {
      const template = templates.find((one) => one.name === name)
      if (scope === undefined || template === undefined) continue
      const isOwn = scope.startsWith('template')
      reached.set(showCap(scope, template, caps), { scope, ...(isOwn && { template: name }) })
    }
    for (const words of this.#caps.news([...reached.keys()], now)) {
      this.#log.info({ ...reached.get(words), words }, 'a cap is reached')
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
