import type { Clock } from '../core/clock.ts'

/** What is shown is at most this old. */
const MOMENT_MS = 250

/**
 * What takes long to make, made at most once a moment for all who ask. `expire` where somebody has just changed
 * something and will look whether it is so.
 */
export class Momentary<T> {
  readonly #make: () => T
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #momentMs: number
  #made: { readonly value: T; readonly at: number } | undefined

  /** @param momentMs how old it may become */
  constructor(clock: Pick<Clock, 'monotonic'>, make: () => T, momentMs = MOMENT_MS) {
    this.#clock = clock
    this.#make = make
    this.#momentMs = momentMs
  }

  /** @throws what making it threw; the next one tries again */
  readonly get = (): T => {
    const now = this.#clock.monotonic()
    const made = this.#made
    if (made !== undefined && now - made.at < this.#momentMs) return made.value
    const value = this.#make()
    this.#made = { value, at: now }
    return value
  }

  readonly expire = (): void => {
    this.#made = undefined
  }
}
