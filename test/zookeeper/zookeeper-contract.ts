import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Ensemble } from '../../src/core/ensemble.ts'
import { Secret } from '../../src/core/secret.ts'
import { systemClock } from '../../src/system-clock.ts'
import type { ZooKeeperError } from '../../src/zookeeper/errors.ts'
import { openSession } from '../../src/zookeeper/open-session.ts'
import type { SessionState, ZooKeeperOptions, ZooKeeperSession } from '../../src/zookeeper/session.ts'
import { socketConnect } from '../../src/zookeeper/sockets.ts'
import { aLog } from '../support/log.ts'
import { breakable } from '../support/zookeeper/breakable-connect.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const NOTHING = Buffer.alloc(0)

/** What holds of every ensemble. Time is the real one; nothing is left behind under `/`. */
export function describeZooKeeper(servers: () => Ensemble['servers']): void {
  const root = `/contract-${randomBytes(5).toString('hex')}`
  const opened: ZooKeeperSession[] = []
  let session: ZooKeeperSession
  let tests = 0
  let home = root

  const open = (options: Partial<ZooKeeperOptions> = {}, auth?: string): ZooKeeperSession => {
    const made = openSession({
      ensemble: { servers: servers(), path: root, auth: auth === undefined ? undefined : new Secret(auth) },
      sessionTimeoutMs: 4_000,
      clock: systemClock,
      random: Math.random,
      log: aLog().log,
      ...options,
    })
    opened.push(made)
    return made
  }
  const connected = async (options: Partial<ZooKeeperOptions> = {}, auth?: string): Promise<ZooKeeperSession> => {
    const made = open(options, auth)
    await reach(made, 'connected')
    return made
  }

  beforeAll(async () => {
    session = await connected()
    opened.pop()
    await session.create(root, NOTHING)
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((made) => made.close()))
    home = root
  })
  afterAll(async () => {
    await removeAll(session, root)
    expect(await session.exists(root)).toBe(false)
    await session.close()
  })

  const place = async (): Promise<string> => {
    home = await session.create(`${root}/${++tests}`, NOTHING)
    return home
  }

  test('a node is made, read, changed and deleted', async () => {
    const path = `${await place()}/größe`
    expect(await session.get(path)).toBeUndefined()
    expect(await session.exists(path)).toBe(false)
    expect(await session.create(path, bytes('one'))).toBe(path)
    expect(await session.get(path)).toEqual({ data: bytes('one'), version: 0 })
    expect(await session.set(path, bytes('two'), 0)).toBe(1)
    expect(await session.set(path, NOTHING, -1)).toBe(2)
    expect(await session.get(path)).toEqual({ data: NOTHING, version: 2 })
    expect(await session.children(home)).toEqual(['größe'])
    await session.delete(path, 2)
    expect(await session.exists(path)).toBe(false)
    expect(await session.children(path)).toBeUndefined()
    expect(await session.children(home)).toEqual([])
  })

  const refusals: readonly [string, (home: string) => Promise<unknown>, Partial<ZooKeeperError>][] = [
    ['a node that exists', (at) => session.create(at, NOTHING), { code: 'ZK_NODE_EXISTS' }],
    ['a node without its parent', (at) => session.create(`${at}/x/y`, NOTHING), { code: 'ZK_NO_NODE' }],
    ['a change of what is not there', (at) => session.set(`${at}/x`, NOTHING, -1), { code: 'ZK_NO_NODE' }],
    ['a change of another version', (at) => session.set(at, NOTHING, 7), { code: 'ZK_BAD_VERSION' }],
    ['a delete of what is not there', (at) => session.delete(`${at}/x`, -1), { code: 'ZK_NO_NODE' }],
    ['a delete of another version', (at) => session.delete(at, 7), { code: 'ZK_BAD_VERSION' }],
    ['a delete of a node with children', () => session.delete(root, -1), { code: 'ZK_NOT_EMPTY' }],
    ['a path that is none', (at) => session.create(`${at}/..`, NOTHING), { code: 'ZK_REFUSED' }],
    ['more than a packet holds', (at) => session.set(at, Buffer.alloc(1_048_576), -1), { code: 'ZK_TOO_BIG' }],
  ]
  test.each(refusals)('%s is refused, and the next call works', async (_, call, refusal) => {
    const at = await place()
    await expect(call(at)).rejects.toMatchObject({ name: 'ZooKeeperError', ...refusal })
    expect(await session.exists(at)).toBe(true)
  })

  test('a node of nearly a packet comes back whole', async () => {
    const data = randomBytes(1_000_000)
    const path = await session.create(`${await place()}/big`, data)
    expect((await session.get(path))?.data.equals(data)).toBe(true)
  })

  test('sequential nodes count up, whatever else is deleted', async () => {
    const at = await place()
    const first = await session.create(`${at}/n-`, NOTHING, { sequential: true })
    await session.delete(first, -1)
    const next = await session.create(`${at}/n-`, NOTHING, { sequential: true, ephemeral: true })
    expect([first, next].map((path) => path.slice(at.length))).toEqual(['/n-0000000000', '/n-0000000001'])
  })

  test('calls without waiting are carried out in order', async () => {
    const path = await session.create(`${await place()}/n`, NOTHING)
    const versions = await Promise.all(Array.from({ length: 200 }, (_, n) => session.set(path, bytes(String(n)), n)))
    expect(versions).toEqual(Array.from({ length: 200 }, (_, n) => n + 1))
    expect(await session.get(path)).toEqual({ data: bytes('199'), version: 200 })
  })

  test('a list of 1,000 children is read', async () => {
    const at = await place()
    for (let tens = 0; tens < 10; tens++) {
      await session.multi(
        Array.from({ length: 100 }, (_, n) => ({
          kind: 'create' as const,
          path: `${at}/child-${tens * 100 + n}`,
          data: NOTHING,
        })),
      )
    }
    expect(await session.children(at)).toHaveLength(1_000)
  })

  test('multi does all', async () => {
    const at = await place()
    await session.multi([
      { kind: 'check', path: at, version: 0 },
      { kind: 'create', path: `${at}/a`, data: bytes('a') },
      { kind: 'set', path: `${at}/a`, data: bytes('b'), version: 0 },
      { kind: 'create', path: `${at}/b`, data: NOTHING, ephemeral: true },
      { kind: 'delete', path: `${at}/b`, version: -1 },
    ])
    expect(await session.children(at)).toEqual(['a'])
    expect(await session.get(`${at}/a`)).toEqual({ data: bytes('b'), version: 1 })
  })

  test('multi does nothing if one fails, and names that one', async () => {
    const at = await place()
    const outcome = session.multi([
      { kind: 'create', path: `${at}/a`, data: NOTHING },
      { kind: 'check', path: at, version: 3 },
      { kind: 'delete', path: `${at}/a`, version: -1 },
    ])
    await expect(outcome).rejects.toMatchObject({ code: 'ZK_BAD_VERSION', operation: 1, path: at })
    expect(await session.children(at)).toEqual([])
  })

  test('an ephemeral node goes with its session, and has no children', async () => {
    const at = await place()
    const other = await connected()
    const path = await other.create(`${at}/e`, NOTHING, { ephemeral: true })
    await expect(other.create(`${path}/x`, NOTHING)).rejects.toMatchObject({ code: 'ZK_NO_CHILDREN' })
    await session.sync(path)
    const gone = fires((watch) => session.exists(path, watch))
    await other.close()
    await gone
    await expect(other.get(at)).rejects.toMatchObject({ code: 'ZK_CLOSED' })
    expect(await session.exists(path)).toBe(false)
  })

  test('after sync, what another session wrote is seen', async () => {
    const at = await place()
    const other = await connected()
    for (let n = 0; n < 20; n++) {
      await other.set(at, bytes(String(n)), -1)
      await session.sync(at)
      expect((await session.get(at))?.data.toString()).toBe(String(n))
    }
  })

  describe('watches', () => {
    const kinds: readonly [
      string,
      (at: string, w: () => void) => Promise<unknown>,
      (at: string) => Promise<unknown>,
    ][] = [
      ['a change of data, for get', (at, w) => session.get(at, w), (at) => session.set(at, NOTHING, -1)],
      ['a change of data, for exists', (at, w) => session.exists(at, w), (at) => session.set(at, NOTHING, -1)],
      ['a node that comes, for get', (at, w) => session.get(`${at}/x`, w), (at) => session.create(`${at}/x`, NOTHING)],
      [
        'a node that comes, for exists',
        (at, w) => session.exists(`${at}/x`, w),
        (at) => session.create(`${at}/x`, NOTHING),
      ],
      ['a node that goes, for get', (at, w) => session.get(at, w), (at) => session.delete(at, -1)],
      ['a node that goes, for children', (at, w) => session.children(at, w), (at) => session.delete(at, -1)],
      ['a child that comes', (at, w) => session.children(at, w), (at) => session.create(`${at}/x`, NOTHING)],
    ]
    test.each(kinds)('%s: told once', async (_, look, change) => {
      const at = await place()
      let calls = 0
      await fires(async (watch) => {
        await look(at, () => {
          calls++
          watch()
        })
        await change(at)
      })
      if (await session.exists(at)) {
        await session.set(at, NOTHING, -1)
        await session.create(`${at}/later`, NOTHING)
      }
      expect(calls).toBe(1)
    })

    test('what happened while the connection was lost is told after it', async () => {
      const way = breakable(socketConnect(undefined))
      const at = await place()
      await session.create(`${at}/goes`, NOTHING)
      const other = await connected({ connect: way.connect })
      await other.sync(at)
      const told: string[] = []
      const all = Promise.all([
        fires((watch) =>
          other.get(at, () => {
            told.push('data')
            watch()
          }),
        ),
        fires((watch) =>
          other.children(at, () => {
            told.push('children')
            watch()
          }),
        ),
        fires((watch) =>
          other.exists(`${at}/comes`, () => {
            told.push('comes')
            watch()
          }),
        ),
        fires((watch) =>
          other.get(`${at}/goes`, () => {
            told.push('goes')
            watch()
          }),
        ),
      ])
      let silent = 0
      await other.get(root, () => silent++)
      way.block()
      await session.set(at, bytes('new'), -1)
      await session.create(`${at}/comes`, NOTHING)
      await session.delete(`${at}/goes`, -1)
      await other.exists(at).catch(() => undefined) // until the silence is noticed
      way.unblock()
      await all
      await other.exists(at)
      expect(told.toSorted()).toEqual(['children', 'comes', 'data', 'goes'])
      expect(silent).toBe(0)
    })
  })

  test('digest authentication: what a user makes is that user’s alone, over a lost connection, too', async () => {
    const at = await place()
    const way = breakable(socketConnect(undefined))
    const owner = await connected({ connect: way.connect }, 'owner:se:cret')
    const path = await owner.create(`${at}/mine`, bytes('x'))
    const back = new Promise<void>((resolve) => {
      owner.onState((state) => {
        if (state === 'connected') resolve()
      })
    })
    way.cut()
    await back
    expect((await owner.get(path))?.data.toString()).toBe('x')
    const stranger = await connected({}, 'owner:wrong')
    for (const asking of [stranger, session]) {
      await asking.sync(path)
      await expect(asking.get(path)).rejects.toMatchObject({ code: 'ZK_NO_AUTH', path })
      await expect(asking.set(path, NOTHING, -1)).rejects.toMatchObject({ code: 'ZK_NO_AUTH' })
      const multi = asking.multi([{ kind: 'set', path, data: NOTHING, version: -1 }])
      await expect(multi).rejects.toMatchObject({ code: 'ZK_NO_AUTH', operation: 0 })
    }
    await owner.delete(path, -1)
  })

  test('a session survives a lost connection, with its ephemeral nodes', async () => {
    const at = await place()
    const way = breakable(socketConnect(undefined))
    const other = await connected({ connect: way.connect })
    const states: SessionState[] = []
    other.onState((state) => states.push(state))
    await other.create(`${at}/e`, NOTHING, { ephemeral: true })
    for (let cuts = 0; cuts < 3; cuts++) {
      const inFlight = other.get(at)
      way.cut()
      await expect(inFlight).rejects.toMatchObject({ code: 'ZK_CONNECTION_LOSS' })
      await reach(other, 'connected')
    }
    expect(states).toEqual(['suspended', 'connected', 'suspended', 'connected', 'suspended', 'connected'])
    expect(await other.exists(`${at}/e`)).toBe(true)
    expect(other.safeUntil).toBeGreaterThan(systemClock.now())
  })

  test('a client that nothing reaches ends its session before the servers do', async () => {
    const at = await place()
    const way = breakable(socketConnect(undefined))
    const other = await connected({ connect: way.connect })
    const path = await other.create(`${at}/e`, NOTHING, { ephemeral: true })
    await session.sync(path)
    let safeUntil = other.safeUntil
    const order: string[] = []
    const ended = new Promise<void>((resolve) =>
      other.onState((state) => {
        if (state === 'suspended') safeUntil = other.safeUntil
        if (state !== 'expired') return
        order.push('client')
        resolve()
      }),
    )
    let goneAt = 0
    const gone = fires((watch) =>
      session.exists(path, () => {
        goneAt = systemClock.now()
        order.push('server')
        watch()
      }),
    )
    way.block()
    await Promise.all([ended, gone])
    expect(order).toEqual(['client', 'server'])
    expect(goneAt).toBeGreaterThanOrEqual(safeUntil)
    expect(other.safeUntil).toBe(0)
    await expect(other.get(at)).rejects.toMatchObject({ code: 'ZK_EXPIRED' })
  })
}

/** @param look hands the watch on */
async function fires(look: (watch: () => void) => Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    look(resolve).catch(reject)
  })
}

async function reach(session: ZooKeeperSession, wanted: SessionState): Promise<void> {
  if (session.state === wanted) return
  await new Promise<void>((resolve) => {
    const cancel = session.onState((state) => {
      if (state !== wanted) return
      cancel()
      resolve()
    })
  })
}

async function removeAll(session: ZooKeeperSession, path: string): Promise<void> {
  for (const name of (await session.children(path)) ?? []) await removeAll(session, `${path}/${name}`)
  await session.delete(path, -1)
}
