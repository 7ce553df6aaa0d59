import { describe, expect, test } from '@jest/globals'
import { codeOfRejected, describeHttp, Gate, plain, streamed } from './http-behaviours.ts'
import { MemoryNetwork } from './memory-network.ts'
import { settle, VirtualClock } from './virtual-clock.ts'

const ORIGIN = 'http://jenkins.test:8080'

describe('MemoryNetwork', () => {
  describeHttp(async (handler) => {
    const network = new MemoryNetwork()
    network.serve(ORIGIN, handler)
    const dispatcher = network.dispatcher()
    return {
      origin: ORIGIN,
      dispatcher,
      close: async () => {
        await dispatcher.destroy()
        expect(network.open).toBe(0)
      },
    }
  })

  test.each([
    ['an unknown origin', () => new MemoryNetwork()],
    [
      'an origin that is down',
      () => {
        const network = new MemoryNetwork()
        network.serve(ORIGIN, async () => plain(200, ''))
        network.down(ORIGIN)
        return network
      },
    ],
  ])('%s refuses the connection', async (_, make) => {
    const dispatcher = make().dispatcher(ORIGIN)
    expect(await codeOfRejected(dispatcher.request({ origin: ORIGIN, path: '/', method: 'GET' }))).toBe('ECONNREFUSED')
  })

  test('an origin goes down under a running stream and comes back', async () => {
    const network = new MemoryNetwork()
    const gate = new Gate()
    network.serve(ORIGIN, async (request) => (request.path === '/stream' ? streamed(gate) : plain(200, 'back')))
    const dispatcher = network.dispatcher(ORIGIN)
    const stream = await dispatcher.request({ origin: ORIGIN, path: '/stream', method: 'GET' })
    const read = codeOfRejected(stream.body.text())
    network.down(ORIGIN)
    expect(await read).toBe('UND_ERR_SOCKET')
    await gate.returned
    network.up(ORIGIN)
    const answer = await dispatcher.request({ origin: ORIGIN, path: '/', method: 'GET' })
    expect(await answer.body.text()).toBe('back')
    expect(network.open).toBe(0)
  })

  test('everything moves within settle', async () => {
    const network = new MemoryNetwork()
    const gate = new Gate()
    network.serve(ORIGIN, async () => streamed(gate))
    const received: string[] = []
    void (async () => {
      const answer = await network.dispatcher().request({ origin: ORIGIN, path: '/', method: 'GET' })
      for await (const chunk of answer.body) received.push(String(chunk))
    })()
    await settle()
    gate.push('one')
    await settle()
    expect(received).toEqual(['one'])
    gate.end()
    await settle()
    expect(network.open).toBe(0)
  })

  test('close waits for what runs and refuses what comes after', async () => {
    const network = new MemoryNetwork()
    const gate = new Gate()
    network.serve(ORIGIN, async () => streamed(gate))
    const dispatcher = network.dispatcher()
    const answer = await dispatcher.request({ origin: ORIGIN, path: '/', method: 'GET' })
    let closed = false
    const closing = dispatcher.close().then(() => {
      closed = true
    })
    expect(await codeOfRejected(dispatcher.request({ origin: ORIGIN, path: '/', method: 'GET' }))).toBe(
      'UND_ERR_CLOSED',
    )
    await settle()
    expect(closed).toBe(false)
    gate.end()
    await answer.body.dump()
    await closing
    expect(await codeOfRejected(dispatcher.request({ origin: ORIGIN, path: '/', method: 'GET' }))).toBe(
      'UND_ERR_DESTROYED',
    )
  })

  test.each([
    ['before the headers', false, 'UND_ERR_HEADERS_TIMEOUT'],
    ['in the body', true, 'UND_ERR_BODY_TIMEOUT'],
  ])('a server that falls silent %s times out on the virtual clock', async (_, answers, code) => {
    const clock = new VirtualClock()
    const network = new MemoryNetwork({ clock })
    const gate = new Gate()
    network.serve(ORIGIN, () => (answers ? Promise.resolve(streamed(gate)) : new Promise(() => undefined)))
    const times = { headersTimeout: 1000, bodyTimeout: 2000 }
    const failed = codeOfRejected(
      network
        .dispatcher()
        .request({ origin: ORIGIN, path: '/', method: 'GET', ...times })
        .then((answer) => answer.body.text()),
    )
    await clock.advance(1999)
    if (answers) {
      expect(network.open).toBe(1)
      gate.push('still here')
      await settle()
      await clock.advance(1999)
      expect(network.open).toBe(1)
    }
    await clock.advance(1)
    expect(await failed).toBe(code)
    expect([network.open, clock.pending]).toEqual([0, 0])
  })
})
