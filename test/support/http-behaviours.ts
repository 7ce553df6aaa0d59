import { once } from 'node:events'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import * as undici from 'undici'
import { codeOf } from '../../src/core/code-of.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../src/embedded/http.ts'

export interface Carrier {
  readonly origin: string
  readonly dispatcher: undici.Dispatcher
  readonly close: () => Promise<void>
}

/** What holds of an exchange however it is carried: over a socket or in memory. */
export function describeHttp(open: (handler: HttpHandler) => Promise<Carrier>): void {
  let carrier: Carrier
  let handler: HttpHandler
  let requests: HttpRequest[]

  beforeEach(async () => {
    requests = []
    carrier = await open((request) => {
      requests.push(request)
      return handler(request)
    })
  })
  afterEach(() => carrier.close())

  const send = (options: Partial<undici.Dispatcher.RequestOptions> = {}): Promise<undici.Dispatcher.ResponseData> =>
    carrier.dispatcher.request({ origin: carrier.origin, path: '/', method: 'GET', ...options })

  const bodies: readonly [string, string | Buffer | null, string][] = [
    ['none', null, ''],
    ['a string', 'käse', 'käse'],
    ['bytes', Buffer.from('bytes'), 'bytes'],
  ]
  test.each(bodies)('method, path, query, headers and a body of %s reach the handler', async (_, body, text) => {
    handler = async () => plain(200, 'ok')
    const answer = await send({ method: 'POST', path: '/a/b?c=d%20e', body, headers: { 'X-One': '1', accept: 'a' } })
    expect(await answer.body.text()).toBe('ok')
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/a/b?c=d%20e' })
    expect(requests[0]?.headers).toMatchObject({ 'x-one': '1', accept: 'a', host: new URL(carrier.origin).host })
    expect(requests[0]?.headers['content-length'] ?? '0').toBe(String(Buffer.byteLength(text)))
    expect(requests[0]?.body.toString()).toBe(text)
    expect(requests[0]?.signal.aborted).toBe(false)
  })

  test('status, reason, repeated headers and length reach the client', async () => {
    handler = async () => ({
      status: 418,
      reason: 'Short and stout',
      headers: [
        ['X-Kind', 'pot'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
      body: Buffer.from('tea'),
    })
    const answer = await send()
    expect([answer.statusCode, answer.statusText]).toEqual([418, 'Short and stout'])
    expect(answer.headers).toMatchObject({ 'x-kind': 'pot', 'set-cookie': ['a=1', 'b=2'], 'content-length': '3' })
    expect(await answer.body.text()).toBe('tea')
  })

  test('HEAD gets the headers and no body', async () => {
    handler = async () => plain(200, 'four')
    const answer = await send({ method: 'HEAD' })
    expect(answer.headers['content-length']).toBe('4')
    expect(await answer.body.text()).toBe('')
  })

  test('HEAD on a stream ends at once and lets the stream go', async () => {
    const gate = new Gate()
    handler = async () => streamed(gate)
    const answer = await send({ method: 'HEAD' })
    expect(await answer.body.text()).toBe('')
    await gate.returned
  })

  test('204 has no body', async () => {
    handler = async () => ({ status: 204, headers: [], body: Buffer.alloc(0) })
    const answer = await send()
    expect([answer.statusCode, await answer.body.text()]).toEqual([204, ''])
    expect(answer.headers['content-length']).toBeUndefined()
  })

  test('the headers of a stream come before its first chunk, each chunk when it is there', async () => {
    const gate = new Gate()
    handler = async () => streamed(gate)
    const answer = await send()
    expect(answer.statusCode).toBe(200)
    const chunks = answer.body[Symbol.asyncIterator]()
    for (const text of ['one', 'two']) {
      gate.push(text)
      expect(String((await chunks.next()).value)).toBe(text)
    }
    gate.end()
    expect((await chunks.next()).done).toBe(true)
  })

  test('a client that reads slowly slows the stream down, and gets it whole', async () => {
    const count = 400
    const size = 64 * 1024
    let produced = 0
    handler = async () => ({
      status: 200,
      headers: [],
      body: (async function* () {
        for (; produced < count; produced++) yield Buffer.alloc(size, produced % 256)
      })(),
    })
    const answer = await send()
    await once(answer.body, 'readable')
    const ahead = produced
    let received = 0
    for await (const chunk of answer.body) received += (chunk as Buffer).length
    expect(received).toBe(count * size)
    expect(ahead).toBeLessThan(count)
  })

  test('a stream that throws cuts the connection after what was sent', async () => {
    const gate = new Gate()
    handler = async () => streamed(gate)
    const answer = await send()
    const chunks = answer.body[Symbol.asyncIterator]()
    gate.push('half')
    expect(String((await chunks.next()).value)).toBe('half')
    gate.fail(new Error('broken on purpose'))
    expect(await codeOfRejected(chunks.next())).toBe('UND_ERR_SOCKET')
  })

  test('a handler that throws cuts the connection without an answer', async () => {
    handler = async () => {
      throw new Error('broken on purpose')
    }
    expect(await codeOfRejected(send())).toBe('UND_ERR_SOCKET')
  })

  test('the signal fires when the client goes before the answer', async () => {
    const arrived = new Gate()
    const aborted = new Gate()
    handler = (request) =>
      new Promise((_resolve, reject) => {
        arrived.end()
        request.signal.addEventListener('abort', () => {
          aborted.end()
          reject(new Error('nobody waits'))
        })
      })
    const control = new AbortController()
    const answer = send({ signal: control.signal })
    await arrived.ended
    control.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
    await aborted.ended
  })

  test('the signal fires and the stream is let go when the client goes in the middle', async () => {
    const gate = new Gate()
    handler = async () => streamed(gate)
    const control = new AbortController()
    const answer = await send({ signal: control.signal })
    const chunks = answer.body[Symbol.asyncIterator]()
    gate.push('one')
    await chunks.next()
    control.abort(new Error('enough'))
    await expect(chunks.next()).rejects.toThrow('enough')
    await gate.returned
    expect(requests[0]?.signal.aborted).toBe(true)
  })

  test('a signal that was aborted before sends nothing', async () => {
    handler = async () => plain(200, 'ok')
    await expect(send({ signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
    expect(requests).toHaveLength(0)
  })

  test('the signal stays quiet after an exchange that ended well', async () => {
    handler = async () => plain(200, 'ok')
    for (const _ of [1, 2, 3]) await (await send()).body.dump()
    expect(requests.map((request) => request.signal.aborted)).toEqual([false, false, false])
  })

  test('two streams run side by side', async () => {
    const gates = new Map([
      ['/a', new Gate()],
      ['/b', new Gate()],
    ])
    handler = async (request) => streamed(gates.get(request.path) ?? new Gate())
    const [a, b] = await Promise.all([send({ path: '/a' }), send({ path: '/b' })])
    gates.get('/b')?.push('b')
    gates.get('/b')?.end()
    expect(await b.body.text()).toBe('b')
    gates.get('/a')?.push('a')
    gates.get('/a')?.end()
    expect(await a.body.text()).toBe('a')
  })

  describe('every way to call', () => {
    beforeEach(() => {
      handler = async (request) => plain(200, `${request.method} ${request.path} ${request.body.toString()}`)
    })

    test('dispatcher.stream', async () => {
      const parts: string[] = []
      await carrier.dispatcher.stream(
        { origin: carrier.origin, path: '/s', method: 'PUT', body: 'x' },
        () =>
          new Writable({
            write: (chunk: Buffer, _encoding, callback) => {
              parts.push(chunk.toString())
              callback()
            },
          }),
      )
      expect(parts.join('')).toBe('PUT /s x')
    })

    test('undici.request', async () => {
      const answer = await undici.request(`${carrier.origin}/r?q=1`, { dispatcher: carrier.dispatcher })
      expect(await answer.body.text()).toBe('GET /r?q=1 ')
    })

    test('undici.fetch', async () => {
      const answer = await undici.fetch(`${carrier.origin}/f`, {
        method: 'POST',
        body: 'x',
        dispatcher: carrier.dispatcher,
      })
      expect([answer.status, await answer.text()]).toEqual([200, 'POST /f x'])
    })

    test('through an interceptor', async () => {
      const composed = carrier.dispatcher.compose((dispatch) => (options, next) => {
        return dispatch({ ...options, path: `/via${options.path}` }, next)
      })
      const answer = await composed.request({ origin: carrier.origin, path: '/i', method: 'GET' })
      expect(await answer.body.text()).toBe('GET /via/i ')
    })
  })
}

export function plain(status: number, text: string): HttpResponse {
  return { status, headers: [], body: Buffer.from(text) }
}

export function streamed(gate: Gate): HttpResponse {
  return { status: 200, headers: [], body: gate }
}

export async function codeOfRejected(promise: Promise<unknown>): Promise<string | undefined> {
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return codeOf(thrown)
}

/** A body that a test fills by hand. */
export class Gate implements AsyncIterable<Uint8Array> {
  readonly ended: Promise<void>
  /** The reader let go before the end. */
  readonly returned: Promise<void>
  readonly #queue: IteratorResult<Uint8Array, undefined>[] = []
  #failure: Error | undefined
  #wake: (() => void) | undefined
  #markEnded: () => void = () => undefined
  #markReturned: () => void = () => undefined

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#markEnded = resolve
    })
    this.returned = new Promise((resolve) => {
      this.#markReturned = resolve
    })
  }

  push(text: string): void {
    this.#queue.push({ done: false, value: Buffer.from(text) })
    this.#wake?.()
  }

  end(): void {
    this.#queue.push({ done: true, value: undefined })
    this.#markEnded()
    this.#wake?.()
  }

  fail(error: Error): void {
    this.#failure = error
    this.#wake?.()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: async () => {
        for (;;) {
          const next = this.#queue.shift()
          if (next !== undefined) return next
          if (this.#failure !== undefined) throw this.#failure
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
        }
      },
      return: async () => {
        this.#markReturned()
        this.end()
        return { done: true, value: undefined }
      },
    }
  }
}
