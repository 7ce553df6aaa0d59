import type { HttpRequest, HttpResponse } from '../../src/embedded/http.ts'
import type { Call, Event } from '../../src/mesos/protocol.ts'
import { frame } from './traces.ts'

/** A stream of events that a test writes. */
export class Stream implements AsyncIterable<Uint8Array> {
  readonly #waiting: (Uint8Array | 'end' | 'cut')[] = []
  #wake: () => void = () => undefined

  push(...events: readonly (Event | object)[]): void {
    this.bytes(Buffer.concat(events.map(frame)))
  }

  bytes(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#wake()
  }

  /** The last chunk; the connection stays. */
  end(): void {
    this.#waiting.push('end')
    this.#wake()
  }

  /** The connection breaks. */
  cut(): void {
    this.#waiting.push('cut')
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#waiting.shift()
      if (next === 'end') return
      if (next === 'cut') throw new Error('cut')
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      } else {
        yield next
      }
    }
  }
}

export interface Received {
  readonly call: Call
  readonly headers: Readonly<Record<string, string>>
}

export function answer(status: number, body = '', headers: readonly (readonly [string, string])[] = []): HttpResponse {
  return { status, headers, body: Buffer.from(body) }
}

/** Answers as a test says; streams of events are the test's to write. */
export class StubMaster {
  readonly subscribes: Received[] = []
  readonly calls: Received[] = []
  readonly streams: Stream[] = []
  /** What the next SUBSCRIBEs get instead of a stream, in order. */
  readonly refusals: HttpResponse[] = []
  /** Says what becomes of a call: 202 by default. */
  onCall: (call: Call, index: number) => HttpResponse | Promise<HttpResponse> = () => answer(202)
  /** Whether a stream begins with SUBSCRIBED. */
  greets = true
  heartbeatSeconds: number | undefined = 15
  version: string | undefined = '1.12.0'

  readonly handler = async (request: HttpRequest): Promise<HttpResponse> => {
    const received = { call: JSON.parse(request.body.toString()) as Call, headers: request.headers }
    if (received.call.type !== 'SUBSCRIBE') {
      this.calls.push(received)
      return this.onCall(received.call, this.calls.length - 1)
    }
    this.subscribes.push(received)
    const refusal = this.refusals.shift()
    if (refusal !== undefined) return refusal
    const stream = new Stream()
    this.streams.push(stream)
    if (this.greets) stream.push(this.subscribed(received.call.framework_id?.value ?? `F${this.streams.length}`))
    const headers = [
      ['Content-Type', 'application/json'],
      ['Mesos-Stream-Id', `stream-${this.streams.length}`],
    ] as const
    return { status: 200, headers, body: stream }
  }

  subscribed(frameworkId: string): Event {
    return {
      type: 'SUBSCRIBED',
      subscribed: {
        framework_id: { value: frameworkId },
        ...(this.heartbeatSeconds !== undefined && { heartbeat_interval_seconds: this.heartbeatSeconds }),
        master_info: { id: 'm', ...(this.version !== undefined && { version: this.version }) },
      },
    }
  }

  /** The stream of the running subscription. */
  get stream(): Stream {
    const stream = this.streams.at(-1)
    if (stream === undefined) throw new Error('nobody subscribed')
    return stream
  }

  get types(): readonly string[] {
    return this.calls.map(({ call }) => call.type)
  }
}
