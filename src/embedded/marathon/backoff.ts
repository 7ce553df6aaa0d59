import type { Scheduling } from './spec.ts'

/** How long the next launch of a pod or app that fails again and again has to wait. */
export class Backoff {
  #delayMs = 0
  #notBefore = 0

  /** Of the next launch. */
  get notBefore(): number {
    return this.#notBefore
  }

  /** An instance ended that was to go on. */
  failed(now: number, { backoff, backoffFactor, maxLaunchDelay }: Scheduling): void {
    const next = this.#delayMs === 0 ? backoff * 1000 : this.#delayMs * backoffFactor
    this.#delayMs = Math.min(next, maxLaunchDelay * 1000)
    this.#notBefore = now + this.#delayMs
  }

  /** An instance goes well for a while, or there is a new definition. */
  reset(): void {
    this.#delayMs = 0
    this.#notBefore = 0
  }
}
