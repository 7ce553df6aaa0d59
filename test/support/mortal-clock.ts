import type { Clock } from '../../src/core/clock.ts'
import type { Pause } from './pause.ts'

/** Time of one process: with its end its timers are gone. */
export class MortalClock implements Clock {
  readonly #clock: Clock
  readonly #dead: AbortSignal
  readonly #pause: Pause
  readonly #cancels = new Set<() => void>()

  constructor(clock: Clock, dead: AbortSignal, pause: Pause) {
    this.#clock = clock
    this.#dead = dead
    this.#pause = pause
    dead.addEventListener('abort', () => {
      for (const cancel of this.#cancels) cancel()
      this.#cancels.clear()
    })
  }

  get pending(): number {
    return this.#cancels.size
  }

  #isDead(): boolean {
    return this.#dead.aborted
  }

  readonly now = (): number => this.#clock.now()
  readonly monotonic = (): number => this.#clock.monotonic()

  readonly timer = (ms: number, callback: () => void): (() => void) => {
    if (this.#dead.aborted) return () => undefined
    const fire = (): void => {
      if (!this.#cancels.delete(cancel)) return // cancelled while the process stood still
      callback()
    }
    const cancel = this.#clock.timer(ms, () => {
      this.#pause.timer(fire)
    })
    this.#cancels.add(cancel)
    return () => {
      this.#cancels.delete(cancel)
      cancel()
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
        if (!this.#isDead()) reject(signal?.reason)
      }
      const cancel = this.timer(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
}
