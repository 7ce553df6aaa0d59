import type { Cancel, Clock } from '../core/clock.ts'
import { codeOf, messageOf } from '../core/code-of.ts'
import type { Log } from '../core/log.ts'
import type { OrderedCall } from './calls.ts'
import { MesosError } from './errors.ts'

/** A wanted role without an offer for this long is revived again: filters or a lost call may stand in the way. */
const QUIET_MS = 30_000
/** After a REVIVE or SUPPRESS that failed while the subscription goes on. */
const RETRY_MS = 15_000

export interface RoleSwitchOptions {
  readonly roles: readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly send: (make: () => OrderedCall | undefined) => Promise<void>
  /** A wanted role has had no offer for a while, and is about to be revived. */
  readonly onQuiet: () => void
}

/** Brings what the master offers (SUPPRESS, REVIVE) in line with the roles that are wanted now. */
export class RoleSwitch {
  readonly #options: RoleSwitchOptions
  #wanted: ReadonlySet<string> = new Set()
  /** Roles that the master was told to offer; `undefined`: there is no subscription. */
  #offered: Set<string> | undefined
  /** Revived roles that have had no offer for too long. */
  readonly #quiet = new Set<string>()
  readonly #timers = new Map<string, Cancel>()
  #cancelRetry: Cancel | undefined
  #busy = false

  constructor(options: RoleSwitchOptions) {
    this.#options = options
  }

  /** For SUBSCRIBE. */
  get suppressed(): readonly string[] {
    return this.#options.roles.filter((role) => !this.#wanted.has(role))
  }

  /** As the master was told last. */
  get toldSuppressed(): readonly string[] {
    return this.#options.roles.filter((role) => !this.#offered?.has(role))
  }

  /** The master was told this just now, in place of what it knew: a switch under way counts no more. */
  told(suppressed: readonly string[]): void {
    if (this.#offered === undefined) return
    this.#offered = new Set(this.#options.roles.filter((role) => !suppressed.includes(role)))
    this.#converge()
  }

  /** @param again wanted roles whose filters are to be lifted */
  want(roles: ReadonlySet<string>, again: ReadonlySet<string> = new Set()): void {
    this.#wanted = new Set(this.#options.roles.filter((role) => roles.has(role)))
    const unknown = [...roles].filter((role) => !this.#options.roles.includes(role))
    if (unknown.length > 0) this.#options.log.warn({ roles: unknown }, 'roles wanted that the framework does not have')
    for (const role of again) if (this.#wanted.has(role) && this.#offered?.has(role)) this.#quiet.add(role)
    this.#converge()
  }

  /** @param suppressed what stood in the SUBSCRIBE */
  subscribed(suppressed: readonly string[]): void {
    this.disconnected()
    this.#offered = new Set(this.#options.roles.filter((role) => !suppressed.includes(role)))
    for (const role of this.#offered) this.#expectOffer(role)
    this.#converge()
  }

  disconnected(): void {
    this.#offered = undefined
    this.#quiet.clear()
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
  }

  /** Offers of this role came. */
  sawOffer(role: string): void {
    if (this.#offered?.has(role)) this.#expectOffer(role)
  }

  #expectOffer(role: string): void {
    this.#quiet.delete(role)
    this.#timers.get(role)?.()
    this.#timers.set(
      role,
      this.#options.clock.timer(QUIET_MS, () => {
        this.#quiet.add(role)
        this.#options.onQuiet()
        this.#converge()
      }),
    )
  }

  #converge(): void {
    if (this.#busy) return
    this.#busy = true
    this.#cancelRetry?.()
    void this.#sendAll().finally(() => {
      this.#busy = false
      if (this.#next() !== undefined && this.#cancelRetry === undefined) this.#converge()
    })
  }

  async #sendAll(): Promise<void> {
    this.#cancelRetry = undefined
    for (let step = this.#next(); step !== undefined; step = this.#next()) {
      const offered = this.#offered
      const { call } = step
      try {
        await this.#options.send(() => call)
      } catch (error) {
        if (this.#offered !== offered) continue
        if (error instanceof MesosError && error.endsSubscription) {
          // The next SUBSCRIBE says it all.
          this.disconnected()
          return
        }
        this.#options.log.warn({ code: codeOf(error), why: messageOf(error) }, 'roles not switched, trying again')
        this.#cancelRetry = this.#options.clock.timer(RETRY_MS, () => {
          this.#cancelRetry = undefined
          this.#converge()
        })
        return
      }
      if (this.#offered === offered) step.done()
    }
  }

  #next(): { readonly call: OrderedCall; readonly done: () => void } | undefined {
    const offered = this.#offered
    if (offered === undefined) return undefined
    const suppress = [...offered].filter((role) => !this.#wanted.has(role))
    if (suppress.length > 0) {
      return {
        call: { type: 'SUPPRESS', suppress: { roles: suppress } },
        done: () => {
          this.#suppressed(suppress)
        },
      }
    }
    const revive = [...this.#wanted].filter((role) => !offered.has(role) || this.#quiet.has(role))
    if (revive.length > 0) {
      return {
        call: { type: 'REVIVE', revive: { roles: revive } },
        done: () => {
          this.#revived(revive)
        },
      }
    }
    return undefined
  }

  #suppressed(roles: readonly string[]): void {
    for (const role of roles) {
      this.#offered?.delete(role)
      this.#quiet.delete(role)
      this.#timers.get(role)?.()
      this.#timers.delete(role)
    }
  }

  #revived(roles: readonly string[]): void {
    for (const role of roles) {
      this.#offered?.add(role)
      this.#expectOffer(role)
    }
  }
}
