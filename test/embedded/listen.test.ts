import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { Agent } from 'undici'
import { listen } from '../../src/embedded/listen.ts'
import { codeOfRejected, describeHttp, Gate, plain, streamed } from '../support/http-behaviours.ts'

describe('listen', () => {
  describeHttp(async (handler) => {
    const listener = await listen(handler, { host: '127.0.0.1', port: 0 })
    const dispatcher = new Agent()
    return {
      origin: listener.url.origin,
      dispatcher,
      close: async () => {
        await dispatcher.destroy()
        await listener.close()
      },
    }
  })

  test('one connection carries several exchanges', async () => {
    const listener = await listen(async (request) => plain(200, request.remote), { host: '127.0.0.1', port: 0 })
    const dispatcher = new Agent({ connections: 1 })
    const seen = new Set<string>()
    for (const path of ['/1', '/2', '/3']) {
      const answer = await dispatcher.request({ origin: listener.url.origin, path, method: 'GET' })
      seen.add(await answer.body.text())
    }
    expect(seen.size).toBe(1)
    expect([...seen][0]).toMatch(/^127\.0\.0\.1:\d+$/)
    await dispatcher.close()
    await listener.close()
  })

  test('close ends running streams and idle connections, and may be called twice', async () => {
    const gate = new Gate()
    const listener = await listen(async () => streamed(gate), { host: '127.0.0.1', port: 0 })
    const dispatcher = new Agent()
    const answer = await dispatcher.request({ origin: listener.url.origin, path: '/', method: 'GET' })
    const idle = connect(listener.port, '127.0.0.1')
    await once(idle, 'connect')
    const idleEnded = once(idle, 'close')
    const read = codeOfRejected(answer.body.text())
    await Promise.all([listener.close(), listener.close()])
    expect(await read).toBe('UND_ERR_SOCKET')
    await gate.returned
    idle.resume()
    await idleEnded
    expect(await codeOfRejected(dispatcher.request({ origin: listener.url.origin, path: '/', method: 'GET' }))).toBe(
      'ECONNREFUSED',
    )
    await dispatcher.destroy()
  })

  test('a port that is taken is an error with a code', async () => {
    const listener = await listen(async () => plain(200, ''), { host: '127.0.0.1', port: 0 })
    expect(await codeOfRejected(listen(async () => plain(200, ''), { host: '127.0.0.1', port: listener.port }))).toBe(
      'EADDRINUSE',
    )
    await listener.close()
  })

  test('what a handler throws is told to onError', async () => {
    const thrown: unknown[] = []
    const failure = new Error('broken on purpose')
    const listener = await listen(() => Promise.reject(failure), {
      host: '127.0.0.1',
      port: 0,
      onError: (error) => thrown.push(error),
    })
    const dispatcher = new Agent()
    await codeOfRejected(dispatcher.request({ origin: listener.url.origin, path: '/', method: 'GET' }))
    expect(thrown).toEqual([failure])
    await dispatcher.destroy()
    await listener.close()
  })
})
