import type { Clock } from '../core/clock.ts'
import { codeOf, messageOf } from '../core/code-of.ts'
import type { Log } from '../core/log.ts'
import { MesosError } from './errors.ts'

/** After an UPDATE_FRAMEWORK that failed while the subscription goes on. */
const RETRY_MS = 15_000

export interface CapabilitySwitchOptions {
  /** What is wanted now. */
  readonly wanted: () => readonly string[]
  readonly clock: Clock
  readonly log: Log
  /** Sends UPDATE_FRAMEWORK. */
  readonly update: (capabilities: readonly string[]) => Promise<void>
}

/**
 * Tells the master when other capabilities are wanted than it was told, as after a reload of the templates. A master
 * before 1.9 cannot be told: the next subscription says it.
 */
export class CapabilitySwitch {
  readonly #options: CapabilitySwitchOptions
  /** What this master was told last; `undefined`: there is no subscription. */
  #told: string | undefined
  #canUpdate = false
  /** What was tried in vain, or cannot be said: not again before this time. */
  #failed: { readonly key: string; readonly until: number } | undefined
  #busy = false

  constructor(options: CapabilitySwitchOptions) {
    this.#options = options
  }

  /** @param version of the master, as `1.11.0` */
  subscribed(told: readonly string[], version: string | undefined): void {
    this.#told = told.join()
    this.#canUpdate = hasUpdateFramework(version)
    this.#failed = undefined
    this.check()
  }

  disconnected(): void {
    this.#told = undefined
  }

  check(): void {
    const { wanted, clock, log } = this.#options
    const capabilities = wanted()
    const key = capabilities.join()
    const told = this.#told
    if (this.#busy || told === undefined || told === key) return
    if (this.#failed?.key === key && clock.monotonic() < this.#failed.until) return
    if (!this.#canUpdate) {
      this.#failed = { key, until: Number.POSITIVE_INFINITY }
      log.warn({ capabilities }, 'this Mesos cannot be told of other capabilities: the next subscription will do it')
      return
    }
    this.#busy = true
    void this.#update(capabilities, key, told).finally(() => {
      this.#busy = false
      this.check()
    })
  }

  async #update(capabilities: readonly string[], key: string, told: string): Promise<void> {
    const { clock, log, update } = this.#options
    try {
      await update(capabilities)
      if (this.#told === told) this.#told = key
    } catch (error) {
      if (error instanceof MesosError && error.endsSubscription) {
        // The next SUBSCRIBE says it all. The end of this one may be told later: nothing is tried until then.
        if (this.#told === told) this.#told = undefined
        return
      }
      const again = error instanceof MesosError && error.retryable
      this.#failed = { key, until: again ? clock.monotonic() + RETRY_MS : Number.POSITIVE_INFINITY }
      log.warn({ code: codeOf(error), why: messageOf(error), capabilities }, 'Mesos was not told of capabilities')
    }
  }
}

/** Since 1.9. A master that does not tell its version is not asked for more than it may have. */
function hasUpdateFramework(version: string | undefined): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? []
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 9)
}
