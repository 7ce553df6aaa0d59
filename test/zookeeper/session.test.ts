import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { ZooKeeperSession } from '../../src/zookeeper/session.ts'
import { statesOf, ZooKeeperRig } from './rig.ts'

let rig: ZooKeeperRig

beforeEach(() => {
  rig = new ZooKeeperRig()
})
afterEach(async () => {
  expect(await rig.close()).toBe(0)
})

const NOTHING = Buffer.alloc(0)
const ephemeral = (session: ZooKeeperSession): Promise<string> => session.create('/mine', NOTHING, { ephemeral: true })

/** Connects at a server that does not lead: others go on when it freezes. */
async function atFollower(): Promise<ZooKeeperSession> {
  return await rig.connected({ at: { ...rig.ensemble.at('/'), servers: rig.ensemble.servers.toReversed() } })
}

describe('the life of a session', () => {
  test('connects, and says so', async () => {
    const session = rig.open()
    const states = statesOf(session)
    expect(session.state).toBe('connecting')
    await expect(session.get('/')).rejects.toMatchObject({ code: 'ZK_NOT_CONNECTED', path: '/' })
    await rig.until(session, 'connected')
    expect(states).toEqual(['connected'])
    expect(rig.ensemble.sessions).toMatchObject([{ timeoutMs: 10_000, server: 0 }])
  })

  test.each([
    [1_000, 4_000],
    [10_000, 10_000],
    [90_000, 40_000],
  ])('asked for %i ms it has what the server grants: %i ms', async (sessionTimeoutMs, granted) => {
    const session = await rig.connected({ sessionTimeoutMs })
    expect(session.timeoutMs).toBe(granted)
  })

  test('the order of the servers is one of chance', async () => {
    const session = await rig.connected({ random: () => 0.99 })
    expect(session.state).toBe('connected')
    expect(rig.ensemble.sessions).toMatchObject([{ server: 2 }])
  })

  test.each(['quorum', 'server'] as const)(
    'lives on through ten minutes of silence, by heartbeats (%s)',
    async (proof) => {
      const session = await rig.connected({ proof })
      const states = statesOf(session)
      await rig.clock.advance(600_000)
      expect(states).toEqual([])
      expect(rig.ensemble.sessions).toHaveLength(1)
    },
  )

  test('while no server can be reached it tries on, says so once, and connects at last', async () => {
    rig.ensemble.loseQuorum()
    rig.ensemble.kill(2)
    const session = rig.open({ random: () => 0.9 })
    await rig.clock.advance(600_000)
    expect(session.state).toBe('connecting')
    expect(rig.lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn server="zk3.test:2181" why="connect ECONNREFUSED" ZooKeeper server not reached; trying on',
    ])
    rig.ensemble.regainQuorum()
    await rig.until(session, 'connected', 10_000)
  })

  test('closed, its ephemeral nodes are gone at once, and calls reject', async () => {
    const session = await rig.connected()
    await ephemeral(session)
    await session.close()
    expect(rig.ensemble.node('/mine')).toBeUndefined()
    expect(rig.ensemble.sessions).toEqual([])
    expect(session.state).toBe('closed')
    await expect(session.get('/')).rejects.toMatchObject({ code: 'ZK_CLOSED' })
    await session.close()
  })

  test('closes without an answer, too', async () => {
    const session = await rig.connected()
    rig.ensemble.freeze(0)
    const closed = session.close()
    await rig.clock.advance(1_000)
    await closed
    expect(session.state).toBe('closed')
  })
})

describe('a lost connection', () => {
  test('suspends it at once, and another server takes it on', async () => {
    const session = await rig.connected()
    await ephemeral(session)
    const states = statesOf(session)
    rig.ensemble.cutClient()
    await rig.clock.advance(200)
    expect(states).toEqual(['suspended', 'connected'])
    expect(rig.ensemble.sessions).toMatchObject([{ server: 1 }])
    expect(rig.ensemble.node('/mine')).toBeDefined()
  })

  test('calls that waited reject, as their outcome is not known; later ones were never sent', async () => {
    const session = await rig.connected()
    const waiting = expect(session.create('/a', NOTHING)).rejects.toMatchObject({
      code: 'ZK_CONNECTION_LOSS',
      path: '/a',
    })
    rig.ensemble.cutClient()
    await waiting
    expect(session.state).toBe('suspended')
    await expect(session.create('/a', NOTHING)).rejects.toMatchObject({ code: 'ZK_NOT_CONNECTED' })
  })

  test.each([
    ['done, and the answer lost', true],
    ['lost on its way', false],
  ])('a write that was %s reads the same to the caller', async (_, done) => {
    const session = await rig.connected()
    if (done) rig.ensemble.loseNextAnswer()
    else rig.ensemble.loseNextRequest()
    await expect(session.create('/a', NOTHING)).rejects.toMatchObject({ code: 'ZK_CONNECTION_LOSS' })
    await rig.until(session, 'connected')
    expect(await session.exists('/a')).toBe(done)
  })

  test('a frozen server is left within the session timeout, and what it was asked is not done twice', async () => {
    const session = await atFollower()
    await ephemeral(session)
    const states = statesOf(session)
    await rig.clock.advance(5_000)
    const frozenAt = rig.clock.now()
    rig.ensemble.freeze(2)
    const asked = expect(session.set('/mine', NOTHING, -1)).rejects.toMatchObject({ code: 'ZK_CONNECTION_LOSS' })
    await rig.clock.until(() => states.includes('suspended'), 7_000)
    await asked
    await rig.until(session, 'connected', 1_000)
    expect(rig.clock.now() - frozenAt).toBeLessThan(10_000)
    expect(await session.set('/mine', NOTHING, 0)).toBe(1)
    rig.ensemble.thaw(2)
    await rig.clock.advance(60_000)
    expect(rig.ensemble.node('/mine')).toMatchObject({ version: 1 })
    expect(states).toEqual(['suspended', 'connected'])
  })

  test('the death of the leading server costs the connection, not the session', async () => {
    const session = await rig.connected()
    await ephemeral(session)
    const states = statesOf(session)
    rig.ensemble.kill(0)
    await rig.clock.until(() => states.includes('suspended'), 1_000)
    await rig.until(session, 'connected', 5_000)
    expect(rig.ensemble.leader).toBe(1)
    expect(rig.ensemble.node('/mine')).toBeDefined()
  })

  test('a server that is behind what this session has seen does not take it', async () => {
    const session = await rig.connected()
    await session.create('/a', NOTHING)
    const states = statesOf(session)
    rig.ensemble.loseQuorum()
    await rig.clock.advance(1_000)
    rig.ensemble.regainQuorum()
    await rig.until(session, 'connected', 8_000)
    expect(states).toEqual(['suspended', 'connected'])
    expect(await session.exists('/a')).toBe(true)
  })

  test('slow servers are given more time, round by round', async () => {
    rig.ensemble.delay(900)
    const session = rig.open({ sessionTimeoutMs: 4_000 })
    await rig.until(session, 'connected', 60_000)
  })
})

describe('the end of a session', () => {
  test('told by a server: expired, calls reject, watches are never called, and it is left alone', async () => {
    const session = await rig.connected()
    const states = statesOf(session)
    let calls = 0
    await session.exists('/later', () => calls++)
    rig.ensemble.expire()
    await rig.until(session, 'expired', 5_000)
    expect(states).toEqual(['suspended', 'expired'])
    await expect(session.get('/')).rejects.toMatchObject({ code: 'ZK_EXPIRED' })
    rig.ensemble.put('/later', '')
    await rig.clock.advance(60_000)
    expect(calls).toBe(0)
    expect(session.safeUntil).toBe(0)
    expect(rig.ensemble.sessions).toEqual([])
  })

  test('by its own clock, if no server answered for the timeout: not later than at the servers', async () => {
    const session = await rig.connected()
    await ephemeral(session)
    rig.ensemble.delay(5)
    await rig.clock.advance(7_300)
    rig.ensemble.blockClient()
    const blockedAt = rig.clock.now()
    await rig.until(session, 'expired', 10_000)
    expect(rig.ensemble.node('/mine')).toBeDefined()
    await rig.clock.until(() => rig.ensemble.node('/mine') === undefined, 5_000)
    expect(rig.clock.now() - blockedAt).toBeLessThan(12_000)
    rig.ensemble.unblockClient()
    await rig.clock.advance(60_000)
    expect(session.state).toBe('expired')
  })

  test('the clock set forth or back by an hour ends no session', async () => {
    const session = await rig.connected()
    const states = statesOf(session)
    for (const hours of [1, -1, -5, 5]) {
      rig.clock.jump(hours * 3_600_000)
      await rig.clock.advance(30_000)
    }
    expect(states).toEqual([])
  })
})

describe('watches', () => {
  test('more than one packet of them is set again, and each is told once', async () => {
    rig.ensemble.put('/w', '')
    const session = await rig.connected()
    let told = 0
    const names = Array.from({ length: 1_500 }, (_, n) => `/w/${'x'.repeat(200)}${n}`)
    await Promise.all(names.map((path) => session.exists(path, () => told++)))
    rig.ensemble.cutClient()
    await rig.until(session, 'connected')
    await session.sync('/')
    expect(told).toBe(0)
    for (const name of names) rig.ensemble.put(name, '')
    await rig.clock.advance(0)
    expect(told).toBe(1_500)
  })

  test('one that fails, like a listener that fails, does no harm, and is said', async () => {
    rig.ensemble.put('/a', '')
    const session = rig.open()
    session.onState(() => {
      throw new Error('a bad listener')
    })
    await rig.until(session, 'connected')
    let told = 0
    await session.get('/a', () => {
      throw new Error('a bad watch')
    })
    await session.get('/a', () => told++)
    rig.ensemble.put('/a', 'x')
    await rig.clock.advance(0)
    expect(told).toBe(1)
    expect(session.state).toBe('connected')
    expect(rig.lines.filter((line) => line.startsWith('error'))).toEqual([
      expect.stringContaining('a bad listener'),
      expect.stringContaining('a bad watch'),
    ])
  })
})
