import type { Report, Rule } from './rule.ts'
import type { Told, WireRequest } from './wire.ts'

/** Who stood back, or took over from somebody, may not be back within this time: no session ends sooner. */
const TURN_MS = 5_000

/**
 * Invariant 9: at most one instance acts. Two never take turns, and who was told that another took over sends nothing.
 * Each process has a name of its own.
 */
export class Acting implements Rule {
  readonly #now: () => number
  readonly #report: Report
  readonly #lastActed = new Map<string, number>()
  readonly #replacedAt = new Map<string, number>()
  readonly #told = new Set<string>()
  #acting: string | undefined
  #since = 0

  constructor(now: () => number, report: Report) {
    this.#now = now
    this.#report = report
  }

  readonly told = ({ who, type, error }: Told): void => {
    if (type === 'ERROR' && error?.message.includes('failed over') === true) this.#replacedAt.set(who, this.#now())
  }

  readonly request = ({ who, sentAt, action }: WireRequest): void => {
    const replacedAt = this.#replacedAt.get(who)
    if (action === 'SUBSCRIBE') this.#replacedAt.delete(who)
    else if (replacedAt !== undefined && (sentAt === undefined || sentAt > replacedAt) && !this.#told.has(who)) {
      this.#told.add(who)
      this.#report(9, `${who} sends ${action} after it was told that another instance took over`)
    }
    this.#acts(who, action)
  }

  readonly committed = (_stored: unknown, who: string): void => {
    this.#acts(who, 'a commit')
  }

  readonly #acts = (who: string, what: string): void => {
    const now = this.#now()
    const before = this.#lastActed.get(who)
    if (this.#acting !== who) {
      if (before !== undefined && now - this.#since < TURN_MS)
        this.#report(9, `${who} sends ${what} although ${this.#acting ?? ''} acts for ${now - this.#since} ms`)
      this.#acting = who
      this.#since = now
    }
    this.#lastActed.set(who, now)
  }
}
