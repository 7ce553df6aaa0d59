import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Clock } from '../../../src/core/clock.ts'
import { ZooKeeperDetector } from '../../../src/mesos/detector/zookeeper.ts'
import { systemClock } from '../../../src/system-clock.ts'
import { openSession } from '../../../src/zookeeper/open-session.ts'
import type { SessionState, ZooKeeperOptions, ZooKeeperSession } from '../../../src/zookeeper/session.ts'
import { aLog } from '../../support/log.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { describeZooKeeper } from '../../zookeeper/zookeeper-contract.ts'
import { until } from '../controller/process.ts'
import { missingForEnsemble, RealEnsemble } from './ensemble.ts'

const TIMEOUT_MS = 4_000
const WITHIN_MS = 30_000

const missing = missingForEnsemble()
if (missing.length > 0) {
  console.warn(`SKIPPED: three real ZooKeeper servers: ${missing.join(' and ')} missing. Nothing of it was tested.`)
  test.skip(`three real ZooKeeper servers (needs ${missing.join(' and ')})`, () => undefined)
}
const describeReal = missing.length > 0 ? (): void => undefined : describe

describeReal('three real ZooKeeper servers', () => {
  let folder: string
  let ensemble: RealEnsemble
  const opened: { close: () => Promise<void> }[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'real-zookeeper-'))
    ensemble = await RealEnsemble.start({ folder })
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((session) => session.close()))
  })
  afterAll(async () => {
    await ensemble.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  // A suite of its own: its end comes before the end of the servers.
  describe('by the contract', () => {
    describeZooKeeper(() => ensemble.servers)
  })

  test('kill -9 of the leading server: the session and its ephemeral node live on, and writes work again', async () => {
    const { session, states } = await connected()
    const path = await ephemeral(session)
    const leader = await ensemble.leader()
    const killedAt = performance.now()
    await ensemble.kill(leader)
    const version = await written(session, path)
    console.log(`kill -9 of the leading server: written again after ${since(killedAt)} ms`)
    expect(version).toBe(1)
    expect(states).not.toContain('expired')
    expect(await ensemble.leader()).not.toBe(leader)
    await ensemble.start(leader)
  })

  test('SIGSTOP of the connected server is noticed within the session timeout, another takes the session on', async () => {
    const leader = await ensemble.leader()
    const { session, states, server } = await connected((at) => at !== leader)
    const path = await ephemeral(session)
    const frozenAt = performance.now()
    ensemble.freeze(server)
    try {
      await until('the loss to be noticed', WITHIN_MS, async () => (states.length > 1 ? true : undefined))
      const noticedMs = since(frozenAt)
      await until('another server', WITHIN_MS, async () => (session.state === 'connected' ? true : undefined))
      const backMs = since(frozenAt)
      console.log(`SIGSTOP at a timeout of ${TIMEOUT_MS} ms: noticed after ${noticedMs} ms, back after ${backMs} ms`)
      expect(noticedMs).toBeLessThan(TIMEOUT_MS)
      expect(backMs).toBeLessThan(TIMEOUT_MS)
      expect(states).toEqual(['connected', 'suspended', 'connected'])
      expect(await session.exists(path)).toBe(true)
    } finally {
      ensemble.thaw(server)
    }
  })

  test('SIGSTOP of the leading server: a session connected there comes back', async () => {
    const leader = await ensemble.leader()
    const { session, states } = await connected((at) => at === leader, 12_000)
    const path = await ephemeral(session)
    const frozenAt = performance.now()
    ensemble.freeze(leader)
    try {
      expect(await written(session, path)).toBe(1)
      console.log(`SIGSTOP of the leading server at a timeout of 12000 ms: written again after ${since(frozenAt)} ms`)
      expect(states).not.toContain('expired')
    } finally {
      ensemble.thaw(leader)
    }
  })

  test('a watch that was set at a server that was killed is told by the next one', async () => {
    const { session, server } = await connected()
    const other = (await connected((at) => at !== server)).session
    const path = `/watched-${process.pid}`
    await other.create(path, Buffer.alloc(0))
    await session.sync(path)
    const told = new Promise<void>((resolve, reject) => {
      session.get(path, resolve).catch(reject)
    })
    await session.sync(path)
    await ensemble.kill(server)
    await written(other, path)
    await told
    await other.delete(path, -1)
    await ensemble.start(server)
  })

  test('a process that was paused for longer than its timeout is told that its session has expired', async () => {
    const clock = new VirtualClock()
    const { session, states } = await connected(undefined, TIMEOUT_MS, clock)
    const other = (await connected()).session
    const path = await ephemeral(session)
    await other.sync(path)
    expect(session.safeUntil).toBeLessThanOrEqual(clock.now() + TIMEOUT_MS)
    await new Promise<void>((resolve, reject) => {
      other.exists(path, resolve).catch(reject)
    })
    // It wakes up: its own clock has moved on at once, before any timer.
    clock.jump(2 * TIMEOUT_MS)
    expect(session.safeUntil).toBeLessThan(clock.now())
    await until('the server’s word', WITHIN_MS, async () => {
      await clock.advance(10)
      return session.state === 'expired' ? true : undefined
    })
    expect(states).toEqual(['connected', 'suspended', 'expired'])
    await expect(session.exists(path)).rejects.toMatchObject({ code: 'ZK_EXPIRED' })
  })

  test('the leading Mesos master is found, and another one after it', async () => {
    const path = `/mesos-${process.pid}`
    const log = aLog()
    const detector = new ZooKeeperDetector({
      ...options(TIMEOUT_MS, systemClock),
      ensemble: ensemble.at(path),
      scheme: 'http',
      log: log.log,
    })
    opened.push(detector)
    const signal = AbortSignal.timeout(WITHIN_MS)
    const found = detector.find(signal)
    const operator = (await connected()).session
    await operator.create(path, Buffer.alloc(0))
    await operator.create(`${path}/log_replicas`, Buffer.alloc(0))
    const first = (await connected()).session
    const second = (await connected()).session
    await register(first, path, 5050)
    await register(second, path, 5051)
    expect(await found).toBe('http://127.0.0.1:5050')
    const lost = new Promise<string>((resolve) => detector.watch('http://127.0.0.1:5050', resolve))
    await first.close()
    expect(await lost).toBe('ZooKeeper names http://127.0.0.1:5051 as the leading master, not http://127.0.0.1:5050')
    expect(await detector.find(signal)).toBe('http://127.0.0.1:5051')
  })

  function options(sessionTimeoutMs: number, clock: Clock): ZooKeeperOptions {
    return { ensemble: ensemble.at('/'), sessionTimeoutMs, clock, random: Math.random, log: aLog().log }
  }

  /** @param wanted which server to be connected to */
  async function connected(
    wanted: (server: number) => boolean = () => true,
    sessionTimeoutMs = TIMEOUT_MS,
    clock: Clock = systemClock,
  ): Promise<{ session: ZooKeeperSession; states: SessionState[]; server: number }> {
    const all = ensemble.servers
    // The servers that are wanted come first.
    const servers = all.filter((_, at) => wanted(at))
    const session = openSession({
      ...options(sessionTimeoutMs, clock),
      ensemble: { ...ensemble.at('/'), servers: [...servers, ...all.filter((_, at) => !wanted(at))] },
      random: () => 0,
    })
    opened.push(session)
    const states: SessionState[] = []
    let server = -1
    session.onState((state, why) => {
      states.push(state)
      if (state === 'connected') server = ensemble.withPort(Number(why.split(':').at(-1)))
    })
    await until('a session', WITHIN_MS, async () => {
      if (clock instanceof VirtualClock) await clock.advance(10)
      return session.state === 'connected' ? true : undefined
    })
    expect(wanted(server)).toBe(true)
    return { session, states, server }
  }

  function ephemeral(session: ZooKeeperSession): Promise<string> {
    return session.create('/ephemeral-', Buffer.alloc(0), { ephemeral: true, sequential: true })
  }

  /** Tries until a write is done for certain. */
  async function written(session: ZooKeeperSession, path: string): Promise<number> {
    return await until('a write', WITHIN_MS, async () => {
      const version = (await session.get(path).catch(() => undefined))?.version
      if (version === undefined) return undefined
      if (version > 0) return version
      return await session.set(path, Buffer.from('x'), version).catch(() => undefined)
    })
  }

  async function register(master: ZooKeeperSession, path: string, port: number): Promise<void> {
    const info = {
      address: { hostname: '127.0.0.1', ip: '127.0.0.1', port },
      hostname: '127.0.0.1',
      ip: 16777343,
      port,
    }
    await master.create(`${path}/json.info_`, Buffer.from(JSON.stringify(info)), { ephemeral: true, sequential: true })
  }
})

function since(begin: number): number {
  return Math.round(performance.now() - begin)
}
