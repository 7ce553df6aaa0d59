import type { BuildLedger } from './builds.ts'
import type { Report, Rule } from './rule.ts'
import { type Scene, type SeenPromises, templateOf } from './scene.ts'

/** Two polls of a minute each, and what Jenkins and the network take: within these another build may begin. */
const SEEN_MS = 150_000

/**
 * An agent that has begun as many builds as it may gets no other, once there was time to see them. Only calm time
 * counts. Of each end it is remembered why it came.
 */
export class Retirement implements Rule {
  /** Agents that went, by reason. */
  readonly reasons = new Map<string, number>()
  readonly #promises: SeenPromises
  readonly #builds: BuildLedger
  readonly #calm: () => boolean
  readonly #report: Report
  readonly #full = new Map<string, { readonly begun: number; readonly ms: number }>()
  readonly #going = new Set<string>()
  #last: number | undefined

  constructor(promises: SeenPromises, builds: BuildLedger, calm: () => boolean, report: Report) {
    this.#promises = promises
    this.#builds = builds
    this.#calm = calm
    this.#report = report
  }

  readonly committed = (stored: ReadonlyMap<string, object>): void => {
    for (const [key, value] of stored) {
      const { reapReason } = value as { readonly reapReason?: string }
      if (reapReason === undefined || this.#going.has(key)) continue
      this.#going.add(key)
      this.reasons.set(reapReason, (this.reasons.get(reapReason) ?? 0) + 1)
    }
  }

  readonly look = ({ now, nodes }: Scene): void => {
    const passed = this.#calm() ? now - (this.#last ?? now) : 0
    this.#last = now
    for (const node of nodes) {
      const most = this.#promises.templates.get(templateOf(node))?.maxBuilds
      const begun = this.#builds.begun.get(node) ?? 0
      if (most === undefined || begun < most) continue
      const before = this.#full.get(node)
      const ms = (before?.ms ?? 0) + passed
      if (before !== undefined && begun > before.begun && ms > SEEN_MS)
        this.#report(0, `build ${begun} begins on ${node} ${ms / 1000} s after it had all ${most} that it may have`)
      this.#full.set(node, { begun, ms: begun > (before?.begun ?? 0) ? 0 : ms })
    }
    for (const node of this.#full.keys()) if (!nodes.has(node)) this.#full.delete(node)
  }
}
