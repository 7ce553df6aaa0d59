import type { Clock } from '../core/clock.ts'
import { messageOf } from '../core/code-of.ts'
import type { Authorizer } from './auth/authorizer.ts'
import { deadline } from './deadline.ts'
import { fromAnswer, MesosError } from './errors.ts'
import { type OtherEvent, parseEvent } from './events.ts'
import { type Dispatch, type HttpCall, header, readText, send } from './http.ts'
import type { Call, Event } from './protocol.ts'
import { RecordReader } from './recordio.ts'

export const SCHEDULER_PATH = '/api/v1/scheduler'
/** From the request to the first event. */
const SUBSCRIBE_TIMEOUT_MS = 30_000
const DEFAULT_HEARTBEAT_MS = 15_000
/** Heartbeats that may be missed before the stream counts as dead. */
const MISSED_HEARTBEATS = 5

export interface SubscriptionOptions {
  readonly origin: string
  readonly subscribe: Call
  readonly dispatcher: Dispatch
  readonly authorize: Authorizer
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onOpen: (streamId: string) => void
  /** What it throws ends the subscription. */
  readonly onEvent: (event: Event | OtherEvent) => void
}

/**
 * One subscription, on a connection of its own, from the SUBSCRIBE to its end.
 *
 * The master ends a stream with the last HTTP chunk and leaves the connection open; a master that dies cuts it. Both
 * are an end, and so is silence for five heartbeats, as a master behind a broken network says nothing at all.
 *
 * @throws MesosError always: MESOS_SUBSCRIPTION_LOST where a running stream ended, else why there was none;
 *   or the signal's reason
 */
export async function runSubscription(options: SubscriptionOptions): Promise<never> {
  const watch = deadline(options.clock, options.signal)
  const dispatcher = options.dispatcher(options.origin)
  const what = `SUBSCRIBE at ${options.origin}`
  watch.set(SUBSCRIBE_TIMEOUT_MS, () => silent(what, SUBSCRIBE_TIMEOUT_MS))
  const call: HttpCall = {
    dispatcher,
    origin: options.origin,
    method: 'POST',
    path: SCHEDULER_PATH,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(options.subscribe),
    authorize: options.authorize,
    signal: watch.signal,
    what,
  }
  try {
    const response = await send(call)
    if (response.statusCode !== 200) {
      const text = await readText(call, response)
      throw fromAnswer(what, response.statusCode, text, header(response, 'location'), options.origin)
    }
    const streamId = header(response, 'mesos-stream-id')
    if (streamId === undefined) {
      throw new MesosError('MESOS_MALFORMED', `${what}: 200 without Mesos-Stream-Id: not a Mesos master`)
    }
    options.onOpen(streamId)
    await readEvents(response.body, what, watch, options.onEvent)
    throw new MesosError('MESOS_SUBSCRIPTION_LOST', `${what}: the master ended the event stream`)
  } finally {
    watch.disarm()
    await dispatcher.destroy()
  }
}

async function readEvents(
  body: AsyncIterable<Buffer>,
  what: string,
  watch: ReturnType<typeof deadline>,
  onEvent: SubscriptionOptions['onEvent'],
): Promise<void> {
  const reader = new RecordReader()
  let silenceMs: number | undefined
  for await (const chunk of chunksOf(body, what, watch.signal)) {
    for (const record of cut(what, () => reader.push(chunk))) {
      const event = parseEvent(record)
      if (event.type === 'SUBSCRIBED') {
        const { heartbeat_interval_seconds: seconds } = event.subscribed
        silenceMs = MISSED_HEARTBEATS * (seconds === undefined ? DEFAULT_HEARTBEAT_MS : seconds * 1000)
      }
      onEvent(event)
      // A handler may have ended this subscription: nothing of it counts any more.
      watch.signal.throwIfAborted()
    }
    if (silenceMs !== undefined) {
      const limit = silenceMs
      watch.set(limit, () => silent(what, limit))
    }
  }
  cut(what, () => {
    reader.end()
    return []
  })
}

async function* chunksOf(body: AsyncIterable<Buffer>, what: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await chunks.next().catch((cause: unknown) => {
        if (signal.aborted) throw signal.reason
        const why = `${what}: the connection broke: ${messageOf(cause)}`
        throw new MesosError('MESOS_SUBSCRIPTION_LOST', why, { cause })
      })
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await chunks.return?.()
  }
}

function cut(what: string, read: () => readonly Buffer[]): readonly Buffer[] {
  try {
    return read()
  } catch (cause) {
    throw new MesosError('MESOS_MALFORMED', `${what}: ${messageOf(cause)}`, { cause })
  }
}

function silent(what: string, ms: number): MesosError {
  return new MesosError('MESOS_UNREACHABLE', `${what}: nothing came for ${ms / 1000} s`)
}
