import type { Cancel, Clock } from '../../core/clock.ts'
import type { WireTaskStatus } from '../../mesos/protocol.ts'

export interface RetrySettings {
  readonly clock: Clock
  /** The first retry of an unacknowledged update; doubles from then on. */
  readonly retryMs: number
  readonly mostMs: number
}

/**
 * The status updates of one task on their way to the framework: only the head leaves, again and again until it is
 * acknowledged; the next one waits.
 */
export class UpdateQueue {
  readonly #settings: RetrySettings
  readonly #forward: (status: WireTaskStatus) => void
  readonly #pending: WireTaskStatus[]
  #cancel: Cancel | undefined
  #delay = 0
  #paused: boolean

  constructor(
    settings: RetrySettings,
    forward: (status: WireTaskStatus) => void,
    { pending = [], paused = false }: { pending?: readonly WireTaskStatus[]; paused?: boolean } = {},
  ) {
    this.#settings = settings
    this.#forward = forward
    this.#pending = [...pending]
    this.#paused = paused
  }

  get pending(): readonly WireTaskStatus[] {
    return this.#pending
  }

  push(status: WireTaskStatus): void {
    this.#pending.push(status)
    if (this.#pending.length === 1) this.resend()
  }

  /** The acknowledged update; `undefined` where the uuid is not that of the head: such an ACK does nothing. */
  acknowledge(uuid: string): WireTaskStatus | undefined {
    const head = this.#pending[0]
    if (head?.uuid !== uuid) return undefined
    this.#pending.shift()
    this.resend()
    return head
  }

  /** Sends the head now and starts its retries anew. */
  resend(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#delay = this.#settings.retryMs
    this.#send()
  }

  pause(): void {
    this.#paused = true
    this.#cancel?.()
    this.#cancel = undefined
  }

  resume(): void {
    this.#paused = false
    this.resend()
  }

  close(): void {
    this.pause()
    this.#pending.length = 0
  }

  #send(): void {
    const head = this.#pending[0]
    if (head === undefined || this.#paused) return
    const delay = this.#delay
    this.#delay = Math.min(delay * 2, this.#settings.mostMs)
    this.#cancel = this.#settings.clock.timer(delay, () => {
      this.#send()
    })
    this.#forward(head)
  }
}
