import type { Cancel } from '../../core/clock.ts'
import type { MasterDetector } from './detector.ts'
import type { AskForLeader } from './redirect.ts'

/** Redirects that are followed without a pause, over all attempts since the last subscription or failure. */
const MAX_REDIRECTS = 9

/**
 * Masters by address: asks one after the other and goes where they point, with the 307 that answers a SUBSCRIBE or,
 * after a failure, with that of `/master/redirect`.
 *
 * Followers go on pointing to a dead leader until its ZooKeeper session ends (up to 10 s): a leader that was pointed
 * to and does not answer is no mistake, the next one of the list is asked after the caller's pause.
 */
export class FixedUrlDetector implements MasterDetector {
  readonly #origins: readonly string[]
  readonly #ask: AskForLeader | undefined
  #next = 0
  /** The last attempt failed: where the next one goes is asked first. */
  #inDoubt = false
  /** The leader as a master named it, which need not be one of the list. */
  #named: string | undefined
  #redirects = 0

  /** @param origins at least one */
  constructor(origins: readonly string[], ask?: AskForLeader) {
    if (origins.length === 0) throw new RangeError('no Mesos master given')
    this.#origins = origins
    this.#ask = ask
  }

  async find(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted()
    if (this.#inDoubt && this.#ask !== undefined) {
      this.#inDoubt = false
      const origin = this.#current()
      const leader = await this.#ask(origin, signal)
      if (leader !== undefined && leader !== origin) this.redirected(origin, leader)
    }
    return this.#current()
  }

  leads(origin: string): void {
    this.#redirects = 0
    this.#inDoubt = false
    this.#named = origin
  }

  failed(origin: string): void {
    this.#redirects = 0
    this.#inDoubt = true
    const named = this.#named
    this.#named = undefined
    if (named === undefined || named === this.#origins[this.#next]) this.#rotate(origin)
  }

  redirected(origin: string, leader: string): boolean {
    this.#redirects++
    if (leader === origin || this.#redirects > MAX_REDIRECTS) {
      this.failed(origin)
      return false
    }
    this.#named = leader
    return true
  }

  watch(_origin: string, _onLost: (why: string) => void): Cancel {
    // Addresses do not tell of a change; the end of the subscription does.
    return () => undefined
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  #current(): string {
    return this.#named ?? this.#origins[this.#next] ?? ''
  }

  #rotate(origin: string): void {
    if (this.#origins[this.#next] === origin) this.#next = (this.#next + 1) % this.#origins.length
  }
}
