import type { Clock } from '../core/clock.ts'

/** What is shown is at most this old, unless making it takes long. */
const MOMENT_MS = 250
/** Who asks all the time gets at most this share of it: rounds go on. */
const SHARE = 1 / 20
/** One stall is no reason to show what is old. */
const LONGEST_MS = 2_000

/**
 * What takes long to make, made at most once a moment for all who ask; the longer it takes, the longer the moment.
 * `expire` where somebody has just changed something and will look whether it is so.
 */
export class Momentary<T> {
  readonly #make: () => T
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #momentMs: number
  #made: { readonly value: T; readonly at: number; readonly momentMs: number } | undefined

  /** @param momentMs how old it may become, where it is made in no time */
  constructor(clock: Pick<Clock, 'monotonic'>, make: () => T, momentMs = MOMENT_MS) {
    this.#clock = clock
    this.#make = make
    this.#momentMs = momentMs
  }

  /** @throws what making it threw; the next one tries again */
  readonly get = (): T => {
    const now = this.#clock.monotonic()
    const made = this.#made
    if (made !== undefined && now - made.at < made.momentMs) return made.value
    const value = this.#make()
    this.#keep(value, now)
    if (value instanceof Promise) {
      // Only then is it known what it took.
      const settled = (): void => {
        if (this.#made?.value === value) this.#keep(value, now)
      }
      value.then(settled, settled)
    }
    return value
  }

  readonly expire = (): void => {
    this.#made = undefined
  }

  #keep(value: T, at: number): void {
    const tookMs = this.#clock.monotonic() - at
    this.#made = { value, at, momentMs: Math.max(this.#momentMs, Math.min(tookMs / SHARE, LONGEST_MS)) }
  }
}
