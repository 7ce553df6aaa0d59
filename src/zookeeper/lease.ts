import type { Cancel, Clock } from '../core/clock.ts'
import type { Instant } from '../core/model.ts'

/** Part of the timeout after which what one server heard is known to the leading server: half a tick, at most 1/4. */
const FORWARDED_AFTER = 1 / 4
/** Timers may come this much before the clock shows it. */
const EARLY_MS = 50

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
  #provedAt: Instant | undefined
  #cancel: Cancel = () => undefined
  /** Handshake of this connection. */
  #attachedAt: Instant | undefined
  /** Requests that this server answered, oldest first, as far as a write may still make them a proof. */
  #heard: { readonly sentAt: Instant; readonly answeredAt: Instant }[] = []
  /** The clock as last seen. */
  #seen: Instant = 0

  constructor(clock: Clock, proof: 'quorum' | 'server') {
    this.#clock = clock
    this.#quorum = proof === 'quorum'
  }

  /** 0: nothing is proved. */
  get safeUntil(): Instant {
    this.#look()
    return this.#provedAt === undefined ? 0 : this.#provedAt + this.#timeoutMs
  }

  /**
   * A server took the session on.
   * @param isNew it was made, which takes a quorum
   */
  attached(sentAt: Instant, timeoutMs: number, isNew: boolean): void {
    this.#look()
    this.#timeoutMs = timeoutMs
    this.#heard = []
    this.#attachedAt = sentAt
    if (isNew || !this.#quorum) this.#prove(sentAt)
  }

  answered(sentAt: Instant, isWrite: boolean): void {
    this.#look()
    if (!this.#quorum) {
      this.#prove(sentAt)
      return
    }
    if (isWrite) this.#written(sentAt)
    const last = this.#heard.at(-1)
    const apartMs = this.#timeoutMs / 50 // a busy session must not fill the memory
    if (last === undefined || sentAt - last.sentAt >= apartMs) {
      this.#heard.push({ sentAt, answeredAt: this.#clock.now() })
    }
  }

  /** A timer that was due now fired: if the clock is behind it, it was set back, and instants of before say nothing. */
  due(at: Instant): void {
    if (this.#clock.now() < at - EARLY_MS) this.end()
    this.#look()
  }

  /** Nothing is proved any more. */
  end(): void {
    this.#provedAt = undefined
    this.#attachedAt = undefined
    this.#heard = []
    this.#cancel()
  }

  #written(sentAt: Instant): void {
    const known = sentAt - this.#timeoutMs * FORWARDED_AFTER
    const index = this.#heard.findLastIndex(({ answeredAt }) => answeredAt <= known)
    const proof = this.#heard[index]?.sentAt ?? this.#attachedAt
    if (index > 0) this.#heard.splice(0, index)
    if (proof !== undefined && proof > (this.#provedAt ?? -Infinity)) this.#prove(proof)
  }

  #prove(sentAt: Instant): void {
    this.#provedAt = sentAt
    this.#cancel()
    // The clock may be set back; a timer is not.
    const leftMs = Math.min(this.#timeoutMs, sentAt + this.#timeoutMs - this.#clock.now())
    this.#cancel = this.#clock.timer(Math.max(0, leftMs), () => {
      this.#provedAt = undefined
    })
  }

  #look(): void {
    const now = this.#clock.now()
    if (now < this.#seen) this.end()
    this.#seen = now
  }
}
