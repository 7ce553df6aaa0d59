import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Lease, type Moment } from '../../src/zookeeper/lease.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { ZooKeeperRig } from './rig.ts'

const TIMEOUT_MS = 10_000

/** The clock of these tests begins at 0, and both measures of time with it. */
const at = (ms: number): Moment => ({ at: ms, monotonic: ms })

describe('what proves that a session lives', () => {
  const begin = (proof: 'quorum' | 'server', isNew = true) => {
    const clock = new VirtualClock(0)
    const lease = new Lease(clock, proof)
    lease.attached(at(0), TIMEOUT_MS, isNew)
    return { clock, lease }
  }

  test('a new session was made by a quorum: it counts from when it was asked for, not from the answer', async () => {
    const clock = new VirtualClock(0)
    await clock.advance(5_000)
    const lease = new Lease(clock, 'quorum')
    lease.attached(at(4_000), TIMEOUT_MS, true)
    expect(lease.safeUntil).toBe(14_000)
    await clock.advance(10_000)
    expect(lease.safeUntil).toBeLessThan(clock.now())
    lease.end()
    expect(lease.safeUntil).toBe(0)
  })

  test('nothing before the first answer', () => {
    expect(new Lease(new VirtualClock(), 'server').safeUntil).toBe(0)
  })

  test('a session taken on by another server is proved by the first write there', async () => {
    const { clock, lease } = begin('quorum', false)
    await clock.advance(100)
    lease.answered(at(50), false)
    expect(lease.safeUntil).toBe(0)
    lease.answered(at(60), true)
    expect(lease.safeUntil).toBe(TIMEOUT_MS)
  })

  test('reads and pings prove nothing by themselves; a write proves what was heard a quarter of the timeout before', async () => {
    const { clock, lease } = begin('quorum')
    await clock.advance(2_000)
    lease.answered(at(1_990), false)
    await clock.advance(2_000)
    lease.answered(at(3_990), false)
    expect(lease.safeUntil).toBe(TIMEOUT_MS)
    await clock.advance(600)
    lease.answered(at(4_500), true)
    expect(lease.safeUntil).toBe(1_990 + TIMEOUT_MS)
    await clock.advance(2_000)
    lease.answered(at(6_590), true)
    expect(lease.safeUntil).toBe(3_990 + TIMEOUT_MS)
  })

  test('with proof by any server, each answer counts from when its request was sent', async () => {
    const { clock, lease } = begin('server')
    await clock.advance(3_000)
    lease.answered(at(2_500), false)
    expect(lease.safeUntil).toBe(2_500 + TIMEOUT_MS)
  })

  test('after a pause of the process it is over, before any timer fires', () => {
    const { clock, lease } = begin('server')
    clock.jump(TIMEOUT_MS + 1)
    expect(lease.safeUntil).toBeLessThan(clock.now())
  })

  test('the clock set back makes it no longer, the clock set forth makes it shorter', async () => {
    const { clock, lease } = begin('server')
    await clock.advance(2_000)
    clock.jump(-3_600_000)
    expect(lease.safeUntil - clock.now()).toBe(8_000)
    await clock.advance(8_000)
    expect(lease.safeUntil).toBeLessThanOrEqual(clock.now())
    clock.jump(3_600_000)
    lease.answered({ at: clock.now(), monotonic: clock.monotonic() }, false)
    clock.jump(4_000)
    expect(lease.safeUntil - clock.now()).toBe(6_000)
  })
})

test('a follower that is cut off from the others answers pings on, and proves nothing by them', async () => {
  const rig = new ZooKeeperRig()
  const where = { ...rig.ensemble.at('/'), servers: rig.ensemble.servers.toReversed() }
  const session = await rig.connected({ at: where })
  const plain = await rig.connected({ at: where, proof: 'server' })
  await rig.clock.advance(60_000)
  rig.ensemble.isolate(2)
  const isolatedAt = rig.clock.now()
  await rig.clock.advance(6_500)
  expect(session.safeUntil - isolatedAt).toBeLessThan(TIMEOUT_MS)
  expect(plain.safeUntil - isolatedAt).toBeGreaterThan(TIMEOUT_MS)
  await rig.close()
})

test('in quiet times it is between half and two thirds of the timeout ahead', async () => {
  const rig = new ZooKeeperRig()
  const session = await rig.connected()
  await rig.clock.advance(10_000)
  for (let n = 0; n < 200; n++) {
    await rig.clock.advance(97)
    const aheadMs = session.safeUntil - rig.clock.now()
    expect(aheadMs).toBeGreaterThan(TIMEOUT_MS * 0.49)
    expect(aheadMs).toBeLessThanOrEqual(TIMEOUT_MS * 0.67)
  }
  await rig.close()
})

test('a session that another server took on is proved there at once', async () => {
  const rig = new ZooKeeperRig()
  const session = await rig.connected()
  await rig.clock.advance(60_000)
  rig.ensemble.cutClient()
  await rig.until(session, 'connected')
  await rig.clock.advance(0)
  expect(session.safeUntil - rig.clock.now()).toBeGreaterThan(TIMEOUT_MS * 0.99)
  await rig.close()
})

type Fault =
  | { readonly kind: 'freeze' | 'isolate' | 'kill' | 'heal'; readonly server: number }
  | { readonly kind: 'block' | 'unblock' | 'cut' }
  | { readonly kind: 'delay'; readonly ms: number }

const server = fc.integer({ min: 0, max: 2 })
const faults: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constantFrom('freeze', 'isolate', 'kill', 'heal', 'heal', 'heal'), server }),
  fc.record({ kind: fc.constantFrom('block', 'unblock', 'unblock', 'cut') }),
  fc.record({ kind: fc.constant('delay'), ms: fc.constantFrom(0, 0, 20, 300) }),
)

test('invariant 9: whatever fails, no session ends at the servers before its owner holds it for unsafe', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(faults, fc.integer({ min: 50, max: 9_000 })), { maxLength: 25 }),
      fc.integer({ min: 0, max: 2 }),
      async (steps, first) => {
        const rig = new ZooKeeperRig()
        const { ensemble, clock } = rig
        const servers = [...ensemble.servers.slice(first), ...ensemble.servers.slice(0, first)]
        const session = await rig.connected({ at: { ...ensemble.at('/'), servers } })
        ensemble.onExpiry(() => {
          expect(session.safeUntil).toBeLessThanOrEqual(clock.now())
        })
        for (const [fault, ms] of steps) {
          if (fault.kind === 'freeze') ensemble.freeze(fault.server)
          if (fault.kind === 'isolate') ensemble.isolate(fault.server)
          if (fault.kind === 'kill') ensemble.kill(fault.server)
          if (fault.kind === 'heal') ensemble.heal(fault.server)
          if (fault.kind === 'block') ensemble.blockClient()
          if (fault.kind === 'unblock') ensemble.unblockClient()
          if (fault.kind === 'cut') ensemble.cutClient()
          if (fault.kind === 'delay') ensemble.delay(fault.ms)
          await clock.advance(ms)
        }
        await clock.advance(30_000)
        await rig.close()
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)
