import type { Cancel, Clock } from '../../src/core/clock.ts'
import type { Instant } from '../../src/core/model.ts'

/** The clock of a machine over another clock. Somebody may set it: timers do not care. */
export class WallClock implements Clock {
  readonly #clock: Clock
  offsetMs = 0
  /** The machine was suspended for so long: its monotonic clock stood still. */
  sleptMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  readonly now = (): Instant => this.#clock.now() + this.offsetMs
  readonly monotonic = (): number => this.#clock.monotonic() - this.sleptMs
  readonly timer = (ms: number, callback: () => void): Cancel => this.#clock.timer(ms, callback)
  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => this.#clock.sleep(ms, signal)
}
