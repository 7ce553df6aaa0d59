import type { Cancel, Clock } from '../../src/core/clock.ts'
import type { Instant } from '../../src/core/model.ts'

const TURNS = 12

interface Timer {
  readonly at: Instant
  readonly order: number
  readonly fire: () => void
}

/**
 * A clock that stands still until told. Timers fire in order of their time, then of their coming, and whatever
 * they set off may finish before the next one fires, as long as it needs no real I/O.
 */
export class VirtualClock implements Clock {
  #now: Instant
  #order = 0
  #jumped = 0
  readonly #timers = new Set<Timer>()
  readonly #turns: number

  /** @param turns how often others may run after each timer: more than chains of promises need */
  constructor(start: Instant = Date.UTC(2026, 0, 1), turns = TURNS) {
    this.#now = start
    this.#turns = turns
  }

  readonly now = (): Instant => this.#now
  readonly monotonic = (): number => this.#now - this.#jumped

  readonly timer = (ms: number, callback: () => void): Cancel => {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order++, fire: callback }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason)
        return
      }
      const onAbort = (): void => {
        cancel()
        reject(signal?.reason)
      }
      const cancel = this.timer(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })

  /** Timers that are set: a test that ends with some has left something running. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves time forward, firing timers on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settle(this.#turns)
    for (;;) {
      const next = this.#next(end)
      if (next === undefined) break
      this.#now = next.at
      this.#timers.delete(next)
      next.fire()
      await settle(this.#turns)
    }
    this.#now = end
  }

  /** Moves time forward until `done` says so; throws when that takes longer than `limitMs`. */
  async until(done: () => boolean, limitMs: number, what = 'the condition'): Promise<void> {
    const end = this.#now + limitMs
    await settle(this.#turns)
    while (!done()) {
      const next = this.#next(end)
      if (next === undefined) throw new Error(`${what} did not come within ${limitMs} ms`)
      this.#now = next.at
      this.#timers.delete(next)
      next.fire()
      await settle(this.#turns)
    }
  }

  /** Sets the clock back or forth without firing anything, as an operator or NTP does. */
  jump(ms: number): void {
    this.#now += ms
    this.#jumped += ms
  }

  #next(end: Instant): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at > end) continue
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer
    }
    return first
  }
}

/** Lets everything that is ready run: promise chains and immediates, several deep. */
export async function settle(turns = TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}
