import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Secret } from '../../src/core/secret.ts'
import { pack } from '../../src/embedded/zookeeper/fields.ts'
import { openSession } from '../../src/zookeeper/open-session.ts'
import type { ZooKeeperSession } from '../../src/zookeeper/session.ts'
import { aLog } from '../support/log.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { StubServer } from './stub-server.ts'

let clock: VirtualClock
let server: StubServer
let session: ZooKeeperSession
let logged: ReturnType<typeof aLog>

const open = async (auth?: string): Promise<void> => {
  session = openSession({
    ensemble: {
      servers: [
        { host: 'a.test', port: 1 },
        { host: 'b.test', port: 2 },
      ],
      path: '/',
      auth: auth === undefined ? undefined : new Secret(auth),
    },
    clock,
    random: () => 0,
    log: logged.log,
    connect: server.connect,
  })
  await clock.advance(0)
}

beforeEach(() => {
  clock = new VirtualClock()
  server = new StubServer()
  logged = aLog()
})
afterEach(async () => {
  const closed = session.close()
  await clock.advance(2_000)
  await closed
  expect(clock.pending).toBe(0)
})

describe('an answer that is not of this protocol: the call that waits says so, and another server is asked', () => {
  const answers: readonly [string, (server: StubServer) => void, string][] = [
    [
      'for another request',
      (own) => {
        own.answer(99)
      },
      'ZK_MALFORMED',
    ],
    [
      'without a body',
      (own) => {
        own.answer(1)
      },
      'ZK_MALFORMED',
    ],
    [
      'with half a body',
      (own) => {
        own.answer(1, 0, pack('b', Buffer.from('x')))
      },
      'ZK_MALFORMED',
    ],
    [
      'with data longer than the packet',
      (own) => {
        own.answer(1, 0, pack('i', 1_000))
      },
      'ZK_MALFORMED',
    ],
    [
      'without a header',
      (own) => {
        own.say(Buffer.from([0, 0]))
      },
      'ZK_CONNECTION_LOSS',
    ],
    [
      'of negative length',
      (own) => {
        own.raw(Buffer.from('ffffffff', 'hex'))
      },
      'ZK_CONNECTION_LOSS',
    ],
    [
      'of a web server',
      (own) => {
        own.raw(Buffer.from('HTTP/1.1 400 Bad Request\r\n'))
      },
      'ZK_CONNECTION_LOSS',
    ],
    [
      'to a ping that was not sent',
      (own) => {
        own.answer(-2)
      },
      'ZK_CONNECTION_LOSS',
    ],
    [
      'that is half an event',
      (own) => {
        own.answer(-1, 0, pack('i', 3))
      },
      'ZK_CONNECTION_LOSS',
    ],
  ]
  test.each(answers)('%s', async (_, say, code) => {
    await open()
    expect(session.state).toBe('connected')
    const call = expect(session.get('/a')).rejects.toMatchObject({ code })
    say(server)
    await call
    await clock.advance(1_000)
    expect(server.addresses).toEqual(['a.test:1', 'b.test:2'])
    expect(session.state).toBe('connected')
  })
})

describe('a handshake that is answered', () => {
  test.each([
    ['by half an answer', Buffer.from([0, 0, 0])],
    ['by a web server', Buffer.from('HTTP/1.1 400 Bad Request')],
  ])('%s: the next server is asked', async (_, answer) => {
    server.handshake = answer
    await open()
    expect(session.state).toBe('connecting')
    server.handshake = new StubServer().handshake
    await clock.advance(1_000)
    expect(session.state).toBe('connected')
  })

  test('by nobody: the next server is asked after a while', async () => {
    server.handshake = undefined
    await open()
    await clock.advance(6_000)
    expect(server.addresses).toEqual(['a.test:1', 'b.test:2'])
  })
})

test('credentials that are refused: calls reject, it is tried again, said once, and the password is not shown', async () => {
  server.auth = -115
  await open('user:pa55word')
  await clock.advance(60_000)
  expect(session.state).toBe('connecting')
  await expect(session.get('/a')).rejects.toMatchObject({ code: 'ZK_NOT_CONNECTED' })
  expect(server.addresses.length).toBeGreaterThan(5)
  expect(logged.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  expect(logged.text()).toContain('the server does not take the credentials')
  expect(logged.text()).not.toContain('pa55word')
})

test.each([
  [-101, 'ZK_NO_NODE'],
  [-102, 'ZK_NO_AUTH'],
  [-103, 'ZK_BAD_VERSION'],
  [-108, 'ZK_NO_CHILDREN'],
  [-110, 'ZK_NODE_EXISTS'],
  [-111, 'ZK_NOT_EMPTY'],
  [-114, 'ZK_REFUSED'],
  [-4242, 'ZK_REFUSED'],
])('the error %i of a server is %s, with the path and without data or password', async (number, code) => {
  await open('user:pa55word')
  const call = session.set('/a/b', Buffer.from('s3cret-data'), 3)
  server.answer(1, number)
  const error: unknown = await call.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ name: 'ZooKeeperError', code, path: '/a/b', serverCode: number })
  expect(String(error)).toContain('set /a/b')
  expect(JSON.stringify(error) + String(error) + logged.text()).not.toMatch(/pa55word|s3cret/)
})

test('a session that has moved to another server: the outcome is not known, the connection is left', async () => {
  await open()
  const call = expect(session.set('/a', Buffer.alloc(0), -1)).rejects.toMatchObject({ code: 'ZK_CONNECTION_LOSS' })
  server.answer(1, -118)
  await call
  await clock.advance(1_000)
  expect(server.addresses).toHaveLength(2)
})

test('a session that has expired, says the answer to a call', async () => {
  await open()
  const states: string[] = []
  session.onState((state) => states.push(state))
  const call = expect(session.set('/a', Buffer.alloc(0), -1)).rejects.toMatchObject({ code: 'ZK_EXPIRED' })
  server.answer(1, -112)
  await call
  expect(states).toEqual(['expired'])
  await clock.advance(60_000)
  expect(server.addresses).toHaveLength(1)
})
