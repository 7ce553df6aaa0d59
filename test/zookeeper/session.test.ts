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

const bytes = (text: string): Buffer => Buffer.from(text)

describe('the life of a session', () => {
  test('connects, and says so', async () => {
    const session = rig.open()
    const states = statesOf(session)
    expect(session.state).toBe('connecting')
    await rig.until(session, 'connected')
    expect(states).toEqual(['connected'])
    expect(session.timeoutMs).toBe(10_000)
    expect(rig.ensemble.sessions).toMatchObject([{ timeoutMs: 10_000, server: 0 }])
  })

  test('lives on through hours of silence, by heartbeats', async () => {
    const session = await rig.connected()
    await rig.clock.advance(3_600_000)
    expect(session.state).toBe('connected')
    expect(rig.ensemble.sessions).toHaveLength(1)
  })

  test('a lost connection suspends it at once, another server takes it on', async () => {
    const session = await rig.connected()
    await session.create('/mine', bytes('x'), { ephemeral: true })
    const states = statesOf(session)
    rig.ensemble.cutClient()
    await rig.clock.advance(0)
    expect(states).toEqual(['suspended', 'connected'])
    expect(rig.ensemble.sessions).toMatchObject([{ server: 1 }])
    expect(rig.ensemble.node('/mine')).toBeDefined()
  })

  test('a frozen server is left before the session could end', async () => {
    rig.ensemble.kill(0)
    await rig.clock.advance(1000)
    const session = await rig.connected()
    expect(rig.ensemble.sessions).toMatchObject([{ server: 1 }])
    const states = statesOf(session)
    await rig.clock.advance(5000)
    rig.ensemble.start(0)
    rig.ensemble.freeze(2)
    await session.create('/mine', bytes('x'), { ephemeral: true })
    const frozenAt = rig.clock.now()
    rig.ensemble.freeze(1)
    await rig.clock.until(() => states.at(-1) === 'suspended', 60_000)
    expect(rig.clock.now() - frozenAt).toBeLessThan(7000)
    await rig.until(session, 'connected')
    expect(rig.clock.now() - frozenAt).toBeLessThan(10_000)
    expect(rig.ensemble.node('/mine')).toBeDefined()
  })
})

test('all calls', async () => {
  const session: ZooKeeperSession = await rig.connected()
  const run = async (): Promise<void> => {
    expect(await session.create('/a', bytes('1'))).toBe('/a')
    expect(await session.get('/a')).toEqual({ data: bytes('1'), version: 0 })
    expect(await session.create('/a/b-', bytes('1'), { sequential: true })).toBe('/a/b-0000000000')
    await session.multi([
      { kind: 'check', path: '/a', version: 0 },
      { kind: 'set', path: '/a', version: 0, data: bytes('2') },
    ])
  }
  await run()
})
