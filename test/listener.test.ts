import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { Secret } from '../src/core/secret.ts'
import { LIMITS, type Limits, Listener } from '../src/listener.ts'
import { systemClock } from '../src/system-clock.ts'
import { documentedServer } from './docs/documented-server.ts'
import { listenOnLoopback, RawCaller } from './support/raw-http.ts'
import { VirtualClock } from './support/virtual-clock.ts'

const pem = (name: string): string => readFileSync(`test/fixtures/tls/${name}`, 'utf8')
const pair = (name: string) => ({ cert: pem(`${name}.pem`), key: new Secret(pem(`${name}.key`)) })
const SHORT: Limits = { ...LIMITS, headMs: 150, requestMs: 300, checkMs: 20, keepAliveMs: 200, handshakeMs: 150 }

const apps: FastifyInstance[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
})

async function listening(listener: Listener): Promise<number> {
  const app = await documentedServer({ listener })
  apps.push(app)
  return await listenOnLoopback(app)
}

/** One byte each 10 ms, as long as the other side listens. */
function drip(caller: RawCaller, text = 'x'): void {
  if (!caller.socket.writable) return
  caller.send(text)
  systemClock.timer(10, () => {
    drip(caller, text)
  })
}

describe('a caller that is slow', () => {
  test('with the head of its request is told so and cut off', async () => {
    const caller = new RawCaller(await listening(new Listener(undefined, SHORT)))
    drip(caller.send('GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: '))
    expect((await caller.closed()).status).toBe(408)
  })

  test('with its body is told so and cut off', async () => {
    const caller = new RawCaller(await listening(new Listener(undefined, SHORT)))
    drip(
      caller.send(
        'POST /api/v1/trigger HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n',
      ),
    )
    expect((await caller.closed()).status).toBe(408)
  })

  test('and says nothing at all is cut off', async () => {
    const caller = new RawCaller(await listening(new Listener(undefined, SHORT)))
    expect((await caller.closed()).answers).toBeLessThanOrEqual(1)
  })

  test('with its next request is cut off', async () => {
    const caller = new RawCaller(await listening(new Listener(undefined, SHORT)))
    caller.send('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n')
    expect((await caller.closed()).status).toBe(200)
  })

  test('does not keep others from an answer', async () => {
    const port = await listening(new Listener(undefined, { ...SHORT, headMs: 5_000, requestMs: 5_000 }))
    const slow = Array.from({ length: 100 }, () => new RawCaller(port).send('GET /health/live HTTP/1.1\r\n'))
    const quick = await new RawCaller(port).send('GET /health/live HTTP/1.0\r\n\r\n').closed()
    expect(quick.status).toBe(200)
    for (const { socket } of slow) socket.destroy()
  })
})

test('a stream goes on when the time for a request is over', async () => {
  const port = await listening(new Listener(undefined, SHORT))
  const caller = new RawCaller(port)
  caller.send('GET /api/v1/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await caller.until(/event: summary/)
  // One after the other, two callers are cut off as their time is over.
  await new RawCaller(port).closed()
  await new RawCaller(port).closed()
  expect(caller.socket.readable).toBe(true)
  caller.socket.destroy()
})

test('more connections than there may be are closed at once, and the others stay', async () => {
  const port = await listening(new Listener(undefined, { ...LIMITS, connections: 2 }))
  const asking = 'GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'
  const first = await new RawCaller(port).send(asking).until(/ok/)
  const second = await new RawCaller(port).send(asking).until(/ok/)
  expect((await new RawCaller(port).send(asking).closed()).answers).toBe(0)
  await first.send(asking).until(/ok[\s\S]*ok/)
  for (const { socket } of [first, second]) socket.destroy()
})

test('the end waits a moment for what is under way, and cuts the rest', async () => {
  const clock = new VirtualClock()
  const app = await documentedServer({ clock })
  let asked: () => void = () => undefined
  const begun = new Promise<void>((resolve) => {
    asked = resolve
  })
  app.get('/never', async () => {
    asked()
    await new Promise(() => undefined)
  })
  const caller = new RawCaller(await listenOnLoopback(app)).send('GET /never HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await begun
  const closed = app.close()
  await clock.advance(1_900)
  expect(caller.socket.readable).toBe(true)
  await clock.advance(200)
  await caller.closed()
  await closed
})

describe('with TLS', () => {
  /** The subject of the certificate that is shown, and the status of health. */
  async function ask(
    port: number,
    options = {},
  ): Promise<{ readonly subject: string; readonly status: number | undefined }> {
    const request = get({
      port,
      host: '127.0.0.1',
      path: '/health/live',
      ca: [pem('ca.pem'), pem('self-signed.pem')],
      agent: false,
      checkServerIdentity: () => undefined,
      ...options,
    })
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
    const subject = (response.socket as TLSSocket).getPeerCertificate().fingerprint256
    response.resume()
    return { subject, status: response.statusCode }
  }

  test('the page is served, and its address begins with https', async () => {
    const listener = new Listener(pair('server'), SHORT)
    const port = await listening(listener)
    expect(listener.addressOf(`http://127.0.0.1:${port}`)).toBe(`https://127.0.0.1:${port}`)
    expect((await ask(port)).status).toBe(200)
  })

  test('a new certificate is shown from then on, and open connections go on', async () => {
    const listener = new Listener(pair('server'), LIMITS)
    const port = await listening(listener)
    const open = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(open, 'secureConnect')
    const before = await ask(port)
    listener.renew(pair('self-signed'))
    const after = await ask(port)
    expect(after.subject).not.toBe(before.subject)
    open.setEncoding('latin1').write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(String((await once(open, 'data')) as string[])).toContain('200 OK')
    open.destroy()
  })

  test('TLS 1.1 is refused', async () => {
    const port = await listening(new Listener(pair('server'), SHORT))
    const old = { minVersion: 'TLSv1' as const, maxVersion: 'TLSv1.1' as const, ciphers: 'DEFAULT@SECLEVEL=0' }
    await expect(ask(port, old)).rejects.toThrow(/alert|version|unsupported/i)
  })

  test.each([
    ['speaks plain HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['says nothing', ''],
    ['begins a handshake and leaves it at that', '\x16\x03\x01\x02\x00'],
  ])('whoever %s is cut off', async (_what, text) => {
    const caller = new RawCaller(await listening(new Listener(pair('server'), SHORT)))
    if (text !== '') caller.send(text)
    expect((await caller.closed()).answers).toBe(0)
  })
})
