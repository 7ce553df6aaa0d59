import type { Cancel, Clock } from '../../../core/clock.ts'

/** Timers that end together. */
export class Waits {
  readonly #clock: Clock
  readonly #set = new Set<Cancel>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wait(ms: number, then: () => void): void {
    const cancel = this.#clock.timer(ms, () => {
      this.#set.delete(cancel)
      then()
    })
    this.#set.add(cancel)
  }

  /** Looks every `ms` until it is done. */
  poll(ms: number, done: () => boolean): void {
    this.wait(ms, () => {
      if (!done()) this.poll(ms, done)
    })
  }

  stop(): void {
    for (const cancel of this.#set) cancel()
    this.#set.clear()
  }
}
