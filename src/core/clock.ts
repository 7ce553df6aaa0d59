import type { Instant } from './model.ts'

/** Cancels a timer. Calling it again, or after the timer fired, does nothing. */
export type Cancel = () => void

/**
 * Time as the program sees it. `main` hands in the real one, scenario tests a virtual one;
 * nothing else in the program asks the system for the time or sets a timer.
 */
export interface Clock {
  readonly now: () => Instant
  /** Milliseconds since some instant that nobody knows: they go on evenly, whoever sets the clock. */
  readonly monotonic: () => number
  /** Rejects with the signal's reason as soon as the signal is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  /** Calls back once after `ms`, unless cancelled before. */
  readonly timer: (ms: number, callback: () => void) => Cancel
}
