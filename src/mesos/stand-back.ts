import type { Clock } from '../core/clock.ts'
import type { Instant } from '../core/model.ts'

const LEAST_WAIT_MS = 300_000
const MOST_WAIT_MS = 600_000
/** A failover so soon after ours means that the other instance is alive and wants the framework as we do. */
const AGAIN_MS = 600_000

/**
 * What to do when another instance subscribed with our framework id: stay away for 5 to 10 minutes, then subscribe
 * once more, as the other may have been an operator's mistake that is over. If that is taken away again within ten
 * minutes, stay away until an operator says so: two that take it from each other would act both.
 */
export class StandBack {
  readonly #clock: Clock
  readonly #random: () => number
  /** When we came back after the last failover; `undefined`: there was none, or we did not get that far. */
  #cameBackAt: number | undefined
  #comingBack = false
  #takeOver: AbortController | undefined
  #waitMs: number | undefined

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  /** Another instance took over. @returns when it is tried again; `undefined`: not before `takeOver` */
  begin(): Instant | undefined {
    const again = this.#cameBackAt !== undefined && this.#clock.monotonic() - this.#cameBackAt <= AGAIN_MS
    this.#waitMs = again ? undefined : LEAST_WAIT_MS + this.#random() * (MOST_WAIT_MS - LEAST_WAIT_MS)
    this.#cameBackAt = undefined
    return this.#waitMs === undefined ? undefined : this.#clock.now() + this.#waitMs
  }

  /** Waits as `begin` said; ends early with the signal or `takeOver`. */
  async wait(signal: AbortSignal): Promise<void> {
    const takeOver = new AbortController()
    this.#takeOver = takeOver
    const end = AbortSignal.any([signal, takeOver.signal])
    // Rejects only with one of the signals, which is what ends the waiting.
    if (this.#waitMs !== undefined) await this.#clock.sleep(this.#waitMs, end).catch(() => undefined)
    else await aborted(end)
    this.#takeOver = undefined
    this.#comingBack = true
  }

  /** @returns whether anything stood back */
  takeOver(): boolean {
    if (this.#takeOver === undefined) return false
    this.#takeOver.abort()
    return true
  }

  subscribed(): void {
    if (this.#comingBack) this.#cameBackAt = this.#clock.monotonic()
    this.#comingBack = false
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true },
    )
  })
}
