import { setMaxListeners } from 'node:events'
import type { Cancel, Clock } from '../../core/clock.ts'
import { messageOf } from '../../core/code-of.ts'
import type { WireOffer, WireTaskStatus } from '../../mesos/protocol.ts'
import type { HttpHandler, HttpResponse } from '../http.ts'

export interface MesosEvent {
  readonly type: string
  readonly subscribed?: {
    readonly framework_id: { readonly value: string }
    readonly heartbeat_interval_seconds?: number
  }
  readonly offers?: { readonly offers: readonly WireOffer[] }
  readonly update?: { readonly status: WireTaskStatus }
  readonly error?: { readonly message: string }
}

export interface SchedulerClientOptions {
  readonly clock: Clock
  readonly master: HttpHandler
  /** FrameworkInfo without its id. */
  readonly frameworkInfo: object
  readonly frameworkId: () => string | undefined
  readonly onEvent: (event: MesosEvent) => void
  /** Told in words why there is no subscription; once for each reason. */
  readonly onProblem: (words: string) => void
}

const RETRY_MS = 1_000
const SILENT_HEARTBEATS = 5

/** A subscription to the v1 scheduler API that is made anew whenever it ends. */
export class SchedulerClient {
  readonly #options: SchedulerClientOptions
  readonly #closed = new AbortController()
  #streamId: string | undefined
  #problem = ''
  #watchdog: Cancel | undefined
  #over: Promise<void> = Promise.resolve()

  constructor(options: SchedulerClientOptions) {
    this.#options = options
    setMaxListeners(0, this.#closed.signal) // every call listens, and each of many offers is declined by one
  }

  start(): void {
    this.#over = this.#run()
  }

  async close(): Promise<void> {
    this.#closed.abort(new Error('closed'))
    await this.#over
  }

  /** @throws (rejects) never: a call that is lost is made again by whoever still wants it */
  async call(call: object): Promise<void> {
    const id = this.#options.frameworkId()
    const streamId = this.#streamId
    if (id === undefined || streamId === undefined) return
    try {
      const { status, body } = await this.#post({ framework_id: { value: id }, ...call }, this.#closed.signal, {
        'mesos-stream-id': streamId,
      })
      const words = await textOf(body)
      if (status !== 202) this.#tell(`Mesos answered ${status} to a call: ${words}`)
    } catch (error) {
      if (!this.#closed.signal.aborted) this.#tell(`a call did not reach Mesos: ${messageOf(error)}`)
    }
  }

  async #run(): Promise<void> {
    const { clock } = this.#options
    while (!this.#isClosed()) {
      try {
        await this.#subscribe()
        this.#tell('the subscription to Mesos ended')
      } catch (error) {
        if (!this.#isClosed()) this.#tell(`there is no subscription to Mesos: ${messageOf(error)}`)
      }
      this.#watchdog?.()
      this.#streamId = undefined
      await clock.sleep(RETRY_MS, this.#closed.signal).catch(() => undefined)
    }
  }

  async #subscribe(): Promise<void> {
    const { frameworkInfo, frameworkId } = this.#options
    const id = frameworkId()
    const own = id === undefined ? {} : { framework_id: { value: id } }
    const silent = new AbortController()
    const signal = AbortSignal.any([this.#closed.signal, silent.signal])
    const info = { ...frameworkInfo, ...(id === undefined ? {} : { id: { value: id } }) }
    const response = await this.#post({ ...own, type: 'SUBSCRIBE', subscribe: { framework_info: info } }, signal)
    if (response.status !== 200) throw new Error(`${response.status} ${await textOf(response.body)}`)
    this.#streamId = response.headers.find(([name]) => name.toLowerCase() === 'mesos-stream-id')?.[1]
    this.#problem = ''
    let patienceMs = 60_000
    for await (const event of records(response.body)) {
      if (signal.aborted) return
      patienceMs = (event.subscribed?.heartbeat_interval_seconds ?? 0) * 1000 * SILENT_HEARTBEATS || patienceMs
      this.#watchdog?.()
      this.#watchdog = this.#options.clock.timer(patienceMs, () => {
        silent.abort(new Error('Mesos is silent'))
      })
      this.#options.onEvent(event)
    }
  }

  async #post(
    call: object,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpResponse> {
    return await this.#options.master({
      method: 'POST',
      path: '/api/v1/scheduler',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: Buffer.from(JSON.stringify(call)),
      signal,
      remote: 'marathon',
    })
  }

  #isClosed(): boolean {
    return this.#closed.signal.aborted
  }

  #tell(words: string): void {
    if (this.#closed.signal.aborted || words === this.#problem) return
    this.#problem = words
    this.#options.onProblem(words)
  }
}

/** RecordIO: a length in bytes, a newline, a JSON text. */
async function* records(body: HttpResponse['body']): AsyncGenerator<MesosEvent> {
  if (Buffer.isBuffer(body)) return
  let left = Buffer.alloc(0)
  for await (const chunk of body) {
    left = Buffer.concat([left, chunk])
    for (;;) {
      const newline = left.indexOf('\n')
      if (newline < 0) break
      const end = newline + 1 + Number(left.subarray(0, newline).toString())
      if (left.length < end) break
      yield JSON.parse(left.subarray(newline + 1, end).toString()) as MesosEvent
      left = left.subarray(end)
    }
  }
}

async function textOf(body: HttpResponse['body']): Promise<string> {
  if (Buffer.isBuffer(body)) return body.toString().trim()
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString().trim()
}
