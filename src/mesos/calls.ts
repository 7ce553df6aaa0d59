import type { Clock } from '../core/clock.ts'
import type { Authorizer } from './auth/authorizer.ts'
import { deadline } from './deadline.ts'
import { fromAnswer, MesosError } from './errors.ts'
import { type Dispatch, type HttpCall, header, readText, send } from './http.ts'
import type { Call } from './protocol.ts'
import { SCHEDULER_PATH } from './subscription.ts'

const CALL_TIMEOUT_MS = 15_000

export interface CallQueueOptions {
  readonly origin: string
  readonly streamId: string
  readonly frameworkId: string
  readonly dispatcher: Dispatch
  readonly authorize: Authorizer
  readonly clock: Clock
  /** A call failed in a way that tells that the subscription is gone. */
  readonly onLost: (error: MesosError) => void
}

/** A call without the framework id, which the queue adds. SUBSCRIBE has its own way. */
export type OrderedCall = Exclude<Call, { readonly type: 'SUBSCRIBE' }>

/**
 * The calls of one subscription, one after the other over one connection: Mesos keeps an order only there, and a
 * KILL that overtakes its ACCEPT is lost.
 */
export class CallQueue {
  readonly #options: CallQueueOptions
  readonly #dispatcher: ReturnType<Dispatch>
  readonly #ended = new AbortController()
  #tail: Promise<unknown> = Promise.resolve()

  constructor(options: CallQueueOptions) {
    this.#options = options
    this.#dispatcher = options.dispatcher(options.origin)
  }

  /**
   * @param make is asked when the call's turn has come; `undefined`: there is nothing to send any more
   * @returns when the master has taken the call, which does not mean that it was carried out
   * @throws MesosError, or what `make` throws
   */
  send(make: () => OrderedCall | undefined): Promise<void> {
    const sent = this.#tail.then(async () => {
      this.#throwIfEnded()
      const call = make()
      if (call !== undefined) await this.#send(call)
    })
    this.#tail = sent.catch(() => undefined) // each caller sees its own failure
    return sent
  }

  /** Calls that wait fail, the one under way is cut. */
  async end(): Promise<void> {
    this.#ended.abort(new MesosError('MESOS_UNREACHABLE', 'the subscription ended while the call was under way'))
    await this.#tail
    await this.#dispatcher.destroy()
  }

  #throwIfEnded(): void {
    if (this.#ended.signal.aborted) throw new MesosError('MESOS_SUBSCRIPTION_LOST', 'the subscription has ended')
  }

  async #send(call: OrderedCall): Promise<void> {
    try {
      await this.#post(call)
    } catch (error) {
      if (error instanceof MesosError && error.endsSubscription) {
        this.#ended.abort(error)
        this.#options.onLost(error)
      }
      throw error
    }
  }

  async #post(call: OrderedCall): Promise<void> {
    const { clock, origin, streamId, frameworkId, authorize } = this.#options
    const limit = deadline(clock, this.#ended.signal)
    const what = `${call.type} at ${origin}`
    limit.set(
      CALL_TIMEOUT_MS,
      () => new MesosError('MESOS_UNREACHABLE', `${what}: no answer within ${CALL_TIMEOUT_MS / 1000} s`),
    )
    const request: HttpCall = {
      dispatcher: this.#dispatcher,
      origin,
      method: 'POST',
      path: SCHEDULER_PATH,
      headers: { 'content-type': 'application/json', accept: 'application/json', 'mesos-stream-id': streamId },
      body: JSON.stringify({ framework_id: { value: frameworkId }, ...call }),
      authorize,
      signal: limit.signal,
      what,
    }
    try {
      const response = await send(request)
      const text = await readText(request, response)
      const { statusCode } = response
      if (statusCode !== 202 && statusCode !== 200) {
        throw fromAnswer(what, statusCode, text, header(response, 'location'), origin)
      }
    } finally {
      limit.disarm()
    }
  }
}
