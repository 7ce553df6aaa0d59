import type { Clock } from '../core/clock.ts'
import type { Instant } from '../core/model.ts'

/** Part of the timeout after which what one server heard is known to the leading server: half a tick, at most 1/4. */
const FORWARDED_AFTER = 1 / 4

/** A point in time by both measures: the clock may be set, the other may stand still while the machine sleeps. */
export interface Moment {
  readonly at: Instant
  readonly monotonic: number
}

export function momentOf(clock: Clock): Moment {
  return { at: clock.now(), monotonic: clock.monotonic() }
}

/**
 * Until when no server can have expired the session.
 *
 * The leading server ends sessions, `timeoutMs` after it last heard of them; another server tells it of its clients
 * only twice a tick, and one that is cut off from the leading server goes on answering reads and pings for some time.
 * So an answer alone proves little. Proof is the answer to a write, which a quorum took under the leading server of
 * now: whatever this server had answered long enough before that write was sent is known to the leading server by
 * then, and counts from when it was sent. The handshake is passed to the leading server at once.
 *
 * With `proof: 'server'` each answer counts, from when the request was sent.
 */
export class Lease {
  readonly #clock: Clock
  readonly #quorum: boolean
  #timeoutMs = 0
  /** When the request was sent that is proved to have reached the leading server. */
  #proved: Moment | undefined
  /** Handshake of this connection. */
  #attached: Moment | undefined
  /** Requests that this server answered, oldest first, as far as a write may still make them a proof. */
  #heard: { readonly sent: Moment; readonly answered: Moment }[] = []

  constructor(clock: Clock, proof: 'quorum' | 'server') {
    this.#clock = clock
    this.#quorum = proof === 'quorum'
  }

  /** 0: nothing is proved. */
  get safeUntil(): Instant {
    const proved = this.#proved
    if (proved === undefined) return 0
    const now = momentOf(this.#clock)
    const gone = Math.max(now.at - proved.at, now.monotonic - proved.monotonic)
    return now.at + this.#timeoutMs - gone
  }

  /**
   * A server took the session on.
   * @param isNew it was made, which takes a quorum
   */
  attached(sent: Moment, timeoutMs: number, isNew: boolean): void {
    this.#timeoutMs = timeoutMs
    this.#heard = []
    this.#attached = sent
    if (isNew || !this.#quorum) this.#proved = sent
  }

  answered(sent: Moment, isWrite: boolean): void {
    if (!this.#quorum) {
      this.#proved = sent
      return
    }
    if (isWrite) this.#written(sent)
    const last = this.#heard.at(-1)
    const apartMs = this.#timeoutMs / 50 // a busy session must not fill the memory
    if (last === undefined || sent.monotonic - last.sent.monotonic >= apartMs) {
      this.#heard.push({ sent, answered: momentOf(this.#clock) })
    }
  }

  /** Nothing is proved any more. */
  end(): void {
    this.#proved = undefined
    this.#attached = undefined
    this.#heard = []
  }

  #written(sent: Moment): void {
    const known = sent.monotonic - this.#timeoutMs * FORWARDED_AFTER
    const index = this.#heard.findLastIndex(({ answered }) => answered.monotonic <= known)
    const proof = this.#heard[index]?.sent ?? this.#attached
    if (index > 0) this.#heard.splice(0, index)
    if (proof !== undefined && proof.monotonic > (this.#proved?.monotonic ?? -Infinity)) this.#proved = proof
  }
}
