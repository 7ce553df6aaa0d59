import type { Cancel, Clock } from '../core/clock.ts'
import { codeOf, messageOf } from '../core/code-of.ts'
import type { Log } from '../core/log.ts'
import { MesosError } from './errors.ts'
import type { Terms } from './framework-info.ts'

/** After an UPDATE_FRAMEWORK that failed while the subscription goes on. */
const RETRY_MS = 15_000
/** While nobody offers anything, all hosts are looked at so often, for so long. */
const LOOK_EVERY_MS = 60_000
const LOOK_MS = 3_000

export interface TermsSwitchOptions {
  /** What is wanted now. */
  readonly wanted: () => Terms
  readonly clock: Clock
  readonly log: Log
  /** Sends UPDATE_FRAMEWORK. */
  readonly update: (terms: Terms) => Promise<void>
}

/**
 * Tells the master when it should know other terms than it was told, as after a reload of the templates. A master
 * before 1.9 cannot be told: the next subscription says it.
 *
 * Which hosts are of use is a favour asked of the master, as each offer is looked at here all the same: where a master
 * refuses that, it is not asked again for the same. And where nothing is offered, it is taken back now and then for a
 * moment: people who wait are to be told what the hosts have, and not only that none is right.
 */
export class TermsSwitch {
  readonly #options: TermsSwitchOptions
  /** What this master was told last; `undefined`: there is no subscription. */
  #told: string | undefined
  #version: Version = { update: false, constraints: false }
  /** What was tried in vain, or cannot be said: not again before this time. */
  #failed: { readonly key: string; readonly until: number } | undefined
  /** What a master refused to be asked of hosts. */
  #refused: string | undefined
  #busy = false
  #cancelLook: Cancel | undefined
  #nextLookAt = 0

  constructor(options: TermsSwitchOptions) {
    this.#options = options
  }

  /** Without what was refused. */
  get terms(): Terms {
    const terms = this.#options.wanted()
    const all = this.#cancelLook !== undefined || this.#refused === hostKey(terms)
    return all ? { capabilities: terms.capabilities, filters: undefined, constraints: undefined } : terms
  }

  /** @param version of the master, as `1.11.0` */
  subscribed(told: Terms, version: string | undefined): void {
    this.#version = readVersion(version)
    this.#told = this.#key(told)
    this.#failed = undefined
    this.check()
  }

  disconnected(): void {
    this.#told = undefined
    this.#endLook()
  }

  /** Nobody has offered anything for a while. */
  look(): void {
    const { clock } = this.#options
    if (this.#told === undefined || !this.#version.update || !isOfHosts(this.terms)) return
    if (clock.monotonic() < this.#nextLookAt) return
    this.#nextLookAt = clock.monotonic() + LOOK_EVERY_MS
    this.#cancelLook = clock.timer(LOOK_MS, () => {
      this.#endLook()
      this.check()
    })
    this.check()
  }

  #endLook(): void {
    this.#cancelLook?.()
    this.#cancelLook = undefined
  }

  /** @returns whether it may have been for what was asked of hosts, which is not asked any more then */
  subscribeRefused(said: Terms, why: string): boolean {
    if (!isOfHosts(said) || !/constraint|offer_filters|allocatable|quantit|parse|convert/i.test(why)) return false
    this.#drop(said, why)
    return true
  }

  check(): void {
    const { clock, log } = this.#options
    const terms = this.terms
    const key = this.#key(terms)
    const told = this.#told
    if (this.#busy || told === undefined || told === key) return
    if (this.#failed?.key === key && clock.monotonic() < this.#failed.until) return
    if (!this.#version.update) {
      this.#failed = { key, until: Number.POSITIVE_INFINITY }
      const { capabilities } = terms
      log.warn({ capabilities }, 'this Mesos cannot be told of other capabilities: the next subscription will do it')
      return
    }
    this.#busy = true
    void this.#update(terms, key, told).finally(() => {
      this.#busy = false
      this.check()
    })
  }

  async #update(terms: Terms, key: string, told: string): Promise<void> {
    const { clock, log, update } = this.#options
    try {
      await update(terms)
      if (this.#told === told) this.#told = key
    } catch (error) {
      if (error instanceof MesosError && error.endsSubscription) {
        // The next SUBSCRIBE says it all. The end of this one may be told later: nothing is tried until then.
        if (this.#told === told) this.#told = undefined
        return
      }
      const again = error instanceof MesosError && error.retryable
      if (!again && isOfHosts(terms)) {
        this.#drop(terms, messageOf(error))
        return
      }
      const { capabilities } = terms
      this.#failed = { key, until: again ? clock.monotonic() + RETRY_MS : Number.POSITIVE_INFINITY }
      log.warn({ code: codeOf(error), why: messageOf(error), capabilities }, 'Mesos was not told of capabilities')
    }
  }

  #drop(terms: Terms, why: string): void {
    this.#refused = hostKey(terms)
    this.#options.log.warn({ why }, 'Mesos does not sort out hosts for us: it offers all, and they are sorted out here')
  }

  /** As far as this master looks at it. */
  #key({ capabilities, filters, constraints }: Terms): string {
    const { update, constraints: knows } = this.#version
    return JSON.stringify([capabilities, update && filters, knows && constraints])
  }
}

function hostKey({ filters, constraints }: Terms): string {
  return JSON.stringify([filters, constraints])
}

function isOfHosts({ filters, constraints }: Terms): boolean {
  return filters !== undefined || constraints !== undefined
}

/** What a master can do. */
interface Version {
  /** UPDATE_FRAMEWORK and offer filters, since 1.9. */
  readonly update: boolean
  /** Offer constraints, since 1.11. */
  readonly constraints: boolean
}

/** One that does not tell its version is not asked for more than it may have. */
function readVersion(version: string | undefined): Version {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? '') ?? []
  const since = (first: number): boolean => Number(major) > 1 || (Number(major) === 1 && Number(minor) >= first)
  return { update: since(9), constraints: since(11) }
}
