import { stringify } from 'node:querystring'
import { Dispatcher, errors } from 'undici'
import type { Cancel, Clock } from '../../src/core/clock.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../src/embedded/http.ts'

/**
 * HTTP without sockets: servers are functions, clients are undici's own over `dispatcher()`. Everything moves by
 * promises alone, so a scenario on a virtual clock is the same in every run.
 *
 * With a clock, undici's `headersTimeout` and `bodyTimeout` (300 s by default) run on it; without one nothing
 * times out.
 */
export class MemoryNetwork {
  readonly #servers = new Map<string, HttpHandler>()
  readonly #down = new Set<string>()
  readonly #exchanges = new Map<Exchange, string>()
  readonly #clock: Clock | undefined

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#clock = options.clock
  }

  /** Puts a server at an origin such as `http://jenkins.test:8080`, in place of what was there. */
  serve(origin: string | URL, handler: HttpHandler): void {
    this.#servers.set(toOrigin(origin), handler)
  }

  /** The server's process is gone: running exchanges are reset, new connections refused. */
  down(origin: string | URL): void {
    this.#down.add(toOrigin(origin))
    this.reset(origin)
  }

  /** Undoes `down`. */
  up(origin: string | URL): void {
    this.#down.delete(toOrigin(origin))
  }

  /** Cuts the running exchanges; new ones are served. */
  reset(origin: string | URL): void {
    const cut = toOrigin(origin)
    for (const [exchange, to] of [...this.#exchanges]) if (to === cut) exchange.reset()
  }

  /** Exchanges that are not over yet: streams, and requests without an answer. */
  get open(): number {
    return this.#exchanges.size
  }

  /** A client's way into this network. `origin` is for callers that leave it out, as with undici's `Pool`. */
  dispatcher(origin?: string | URL): Dispatcher {
    return new MemoryDispatcher((options, handler) => this.#begin(options, handler), origin)
  }

  #begin(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): Exchange {
    const origin = toOrigin(options.origin ?? '')
    const exchange = new Exchange(options, handler, this.#clock)
    this.#exchanges.set(exchange, origin)
    void exchange.over.then(() => this.#exchanges.delete(exchange))
    void exchange.run(this.#down.has(origin) ? undefined : this.#servers.get(origin), new URL(origin))
    return exchange
  }
}

function toOrigin(origin: string | URL): string {
  return new URL(origin).origin
}

type Begin = (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) => Exchange

class MemoryDispatcher extends Dispatcher {
  readonly #begin: Begin
  readonly #origin: string | URL | undefined
  readonly #running = new Set<Exchange>()
  #closed = false
  #destroyed = false

  constructor(begin: Begin, origin: string | URL | undefined) {
    super()
    this.#begin = begin
    this.#origin = origin
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const refusal = this.#refusal(options)
    if (refusal !== undefined) {
      toCallbacks(handler).error(refusal)
      return false
    }
    const origin = options.origin ?? this.#origin
    const exchange = this.#begin(origin === undefined ? options : { ...options, origin }, handler)
    this.#running.add(exchange)
    void exchange.over.then(() => this.#running.delete(exchange))
    return true
  }

  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | undefined {
    this.#closed = true
    const done = Promise.all([...this.#running].map((exchange) => exchange.over)).then(() => {
      this.#destroyed = true
    })
    if (callback === undefined) return done
    void done.then(callback)
    return undefined
  }

  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | undefined {
    const callback = typeof first === 'function' ? first : second
    const error = typeof first === 'function' ? undefined : first
    this.#closed = true
    this.#destroyed = true
    for (const exchange of [...this.#running]) exchange.abort(error ?? new errors.ClientDestroyedError())
    if (callback === undefined) return Promise.resolve()
    queueMicrotask(callback)
    return undefined
  }

  #refusal(options: Dispatcher.DispatchOptions): Error | undefined {
    if (this.#destroyed) return new errors.ClientDestroyedError()
    if (this.#closed) return new errors.ClientClosedError()
    if (options.origin === undefined && this.#origin === undefined) {
      return new errors.InvalidArgumentError('no origin: give one with the request or to dispatcher()')
    }
    if (options.method === 'CONNECT' || (options.upgrade !== undefined && options.upgrade !== null)) {
      return new errors.InvalidArgumentError('this network carries plain requests only')
    }
    return undefined
  }
}

/** One request and its answer. */
class Exchange {
  readonly over: Promise<void>
  readonly #options: Dispatcher.DispatchOptions
  readonly #callbacks: Callbacks
  readonly #clock: Clock | undefined
  readonly #gone = new AbortController()
  #markOver: () => void = () => undefined
  #isOver = false
  #paused = false
  #chunks: AsyncIterator<Uint8Array> | undefined
  #wake: (() => void) | undefined
  #cancelTimeout: Cancel = () => undefined

  constructor(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, clock: Clock | undefined) {
    this.#options = options
    this.#callbacks = toCallbacks(handler)
    this.#clock = clock
    this.over = new Promise((resolve) => {
      this.#markOver = resolve
    })
  }

  async run(server: HttpHandler | undefined, origin: URL): Promise<void> {
    this.#callbacks.start((reason) => {
      this.abort(reason ?? new errors.RequestAbortedError())
    })
    try {
      const request = await this.#request(origin)
      if (this.#isOver) return
      if (server === undefined) {
        this.#fail(refused(origin))
        return
      }
      this.#timeout(this.#options.headersTimeout, () => new errors.HeadersTimeoutError())
      const response = await server(request)
      this.#chunks = bodyOf(response, request.method)
      if (!this.#begun(response, request.method)) {
        this.#leave()
        return
      }
      await this.#pump(this.#chunks)
    } catch {
      // As a real server does: whatever it threw, the client sees the connection go.
      this.reset()
    }
  }

  /** The client goes: the server's `signal` tells it. */
  abort(reason: Error): void {
    if (this.#isOver) return
    this.#fail(reason)
  }

  /** The server's end goes. */
  reset(): void {
    this.#fail(new errors.SocketError('other side closed'))
  }

  #begun(response: HttpResponse, method: string): boolean {
    if (this.#isOver) return false
    const headers = [...response.headers]
    if (Buffer.isBuffer(response.body) && (method === 'HEAD' || !isBodiless(response.status))) {
      headers.push(['content-length', String(response.body.length)])
    }
    this.#arm()
    const goOn = this.#callbacks.headers(response.status, headers, this.#resume, response.reason ?? '')
    this.#paused = !goOn
    return true
  }

  readonly #resume = (): void => {
    this.#paused = false
    this.#arm()
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  async #pump(chunks: AsyncIterator<Uint8Array>): Promise<void> {
    for (;;) {
      while (this.#paused && !this.#ended()) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
      if (this.#ended()) return
      const next = await chunks.next()
      if (this.#ended()) return
      if (next.done) break
      if (next.value.length === 0) continue
      this.#arm()
      if (!this.#callbacks.data(Buffer.from(next.value))) this.#paused = true
    }
    this.#end()
    this.#callbacks.end()
  }

  /** A method, as TypeScript would take a field that was read once for unchanged after an `await`. */
  #ended(): boolean {
    return this.#isOver
  }

  #fail(error: Error): void {
    if (this.#isOver) return
    this.#end()
    this.#gone.abort(new Error('the client has gone'))
    this.#leave()
    this.#callbacks.error(error)
  }

  #leave(): void {
    // A generator that is waiting for its next event hears of this when that comes, or by `request.signal`.
    this.#chunks?.return?.().catch(() => undefined)
  }

  #end(): void {
    this.#isOver = true
    this.#cancelTimeout()
    this.#wake?.()
    this.#markOver()
  }

  #arm(): void {
    this.#timeout(this.#options.bodyTimeout, () => (this.#paused ? undefined : new errors.BodyTimeoutError()))
  }

  #timeout(ms: number | null | undefined, makeError: () => Error | undefined): void {
    this.#cancelTimeout()
    if (this.#clock === undefined || ms === 0 || this.#isOver) return
    this.#cancelTimeout = this.#clock.timer(ms ?? 300_000, () => {
      const error = makeError()
      if (error !== undefined) this.#fail(error)
    })
  }

  async #request(origin: URL): Promise<HttpRequest> {
    const { method, path, query, body, headers } = this.#options
    const bytes = await readBody(body)
    const implied: Record<string, string> = { host: origin.host }
    if (bytes !== undefined) implied['content-length'] = String(bytes.length)
    return {
      method,
      path: query === undefined ? path : `${path}?${stringify(query)}`,
      headers: { ...implied, ...readHeaders(headers) },
      body: bytes ?? Buffer.alloc(0),
      signal: this.#gone.signal,
      remote: '127.0.0.1:0',
    }
  }
}

function refused(origin: URL): Error {
  return Object.assign(new Error(`connect ECONNREFUSED ${origin.host}`), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: origin.hostname,
    port: Number(origin.port || 80),
  })
}

function isBodiless(status: number): boolean {
  return status === 204 || status === 304
}

function bodyOf(response: HttpResponse, method: string): AsyncIterator<Uint8Array> {
  const { body, status } = response
  const bodiless = method === 'HEAD' || isBodiless(status)
  if (Buffer.isBuffer(body)) return once(bodiless ? undefined : body)
  const chunks = body[Symbol.asyncIterator]()
  if (!bodiless) return chunks
  void chunks.return?.().catch(() => undefined)
  return once(undefined)
}

async function* once(chunk: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (chunk !== undefined) yield chunk
}

async function readBody(body: unknown): Promise<Buffer | undefined> {
  if (body === null || body === undefined) return undefined
  if (typeof body === 'string') return Buffer.from(body)
  if (ArrayBuffer.isView(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (typeof body === 'object' && (Symbol.asyncIterator in body || Symbol.iterator in body)) {
    const chunks: Uint8Array[] = []
    for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk))
    return Buffer.concat(chunks)
  }
  throw new errors.InvalidArgumentError('a request body of this kind is not carried')
}

function readHeaders(headers: Dispatcher.DispatchOptions['headers']): Record<string, string> {
  const found: Record<string, string> = {}
  const add = (name: string, value: string | readonly string[] | undefined): void => {
    if (value === undefined) return
    const text = typeof value === 'string' ? value : value.join(', ')
    const key = name.toLowerCase()
    found[key] = found[key] === undefined ? text : `${found[key]}, ${text}`
  }
  if (headers === null || headers === undefined) return found
  if (Array.isArray(headers)) {
    for (let at = 0; at + 1 < headers.length; at += 2) add(String(headers[at]), headers[at + 1])
  } else if (Symbol.iterator in headers) {
    for (const [name, value] of headers as Iterable<[string, string | string[] | undefined]>) add(name, value)
  } else {
    for (const [name, value] of Object.entries(headers)) add(name, value)
  }
  return found
}

/** Both generations of undici's handlers, as one. `headers` and `data` say whether more is welcome now. */
interface Callbacks {
  readonly start: (abort: (reason?: Error) => void) => void
  readonly headers: (
    status: number,
    headers: readonly (readonly [string, string])[],
    resume: () => void,
    reason: string,
  ) => boolean
  readonly data: (chunk: Buffer) => boolean
  readonly end: () => void
  readonly error: (error: Error) => void
}

function toCallbacks(handler: Dispatcher.DispatchHandler): Callbacks {
  if (handler.onRequestStart !== undefined) return toControlled(handler)
  /* eslint-disable @typescript-eslint/no-deprecated -- undici's own request, stream and fetch still use them */
  return {
    start: (abort) => handler.onConnect?.(abort),
    headers: (status, headers, resume, reason) =>
      handler.onHeaders?.(
        status,
        headers.flat().map((text) => Buffer.from(text, 'latin1')),
        resume,
        reason,
      ) !== false,
    data: (chunk) => handler.onData?.(chunk) !== false,
    end: () => handler.onComplete?.([]),
    error: (error) => handler.onError?.(error),
  }
  /* eslint-enable @typescript-eslint/no-deprecated */
}

function toControlled(handler: Dispatcher.DispatchHandler): Callbacks {
  let abortExchange: (reason?: Error) => void = () => undefined
  let resumeExchange: () => void = () => undefined
  const state = { aborted: false, paused: false, reason: null as Error | null }
  const controller: Dispatcher.DispatchController = {
    get aborted() {
      return state.aborted
    },
    get paused() {
      return state.paused
    },
    get reason() {
      return state.reason
    },
    abort: (reason) => {
      if (state.aborted) return
      state.aborted = true
      state.reason = reason
      abortExchange(reason)
    },
    pause: () => {
      state.paused = true
    },
    resume: () => {
      if (!state.paused) return
      state.paused = false
      resumeExchange()
    },
  }
  return {
    start: (abort) => {
      abortExchange = abort
      handler.onRequestStart?.(controller, null)
    },
    headers: (status, headers, resume, reason) => {
      resumeExchange = resume
      handler.onResponseStart?.(controller, status, gather(headers), reason)
      return !state.paused
    },
    data: (chunk) => {
      handler.onResponseData?.(controller, chunk)
      return !state.paused
    },
    end: () => handler.onResponseEnd?.(controller, {}),
    error: (error) => handler.onResponseError?.(controller, error),
  }
}

/** A repeated header becomes a list, as undici hands it out. */
function gather(headers: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {}
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    const before = found[key]
    found[key] = before === undefined ? value : [before, value].flat()
  }
  return found
}
