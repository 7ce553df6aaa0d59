import type { Instant } from '../core/model.ts'

/** What comes and goes is not told again before. */
const AGAIN_MS = 600_000

/** Says which of the words that hold now are worth a line: those that did not hold before, and were not told of late. */
export class Seldom {
  #held: ReadonlySet<string> = new Set()
  readonly #toldAt = new Map<string, Instant>()

  news(words: readonly string[], now: Instant): readonly string[] {
    for (const [known, at] of this.#toldAt) {
      if (!this.#held.has(known) && Math.abs(now - at) >= AGAIN_MS) this.#toldAt.delete(known)
    }
    const fresh = words.filter((one) => !this.#held.has(one) && !this.#toldAt.has(one))
    this.#held = new Set(words)
    for (const one of fresh) this.#toldAt.set(one, now)
    return [...new Set(fresh)]
  }
}
