import { describe, expect, test } from '@jest/globals'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const HOUR_MS = 3_600_000

describe('the wall clock is set', () => {
  test('an hour back: idle and busy agents stay as they are, nothing storms, and all go in the end', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, idleTimeoutSeconds: 60 } } })
    farm.job('short', 5_000).job('long', 120_000)
    await farm.until(() => farm.results.includes('SUCCESS'), 30_000)
    const { calls, rounds } = { calls: farm.mesos.calls.length, rounds: farm.view.round.number }
    farm.clock.offsetMs -= HOUR_MS
    await farm.advance(30_000)
    expect(farm.onlineAgents).toBe(2)
    expect(farm.mesos.calls.length - calls).toBeLessThan(10)
    const since = farm.view.round.number - rounds
    expect(since).toBeGreaterThan(10)
    expect(since).toBeLessThan(70)
    farm.job('after', 5_000)
    await farm.allSucceed(180_000)
    expect(farm.launched).toHaveLength(2)
    await farm.empty(150_000)
  })

  test('an hour back while agents start and offers are out: they come up all the same', async () => {
    const farm = await start({ startMs: 20_000 })
    farm.job('a', 5_000)
    await farm.until(() => farm.launched.length === 1, 30_000)
    farm.clock.offsetMs -= HOUR_MS
    farm.job('b', 5_000)
    await farm.allSucceed(120_000)
    expect(farm.launched.length).toBeLessThanOrEqual(2)
  })

  test('an hour forth: no build is lost, and the next ones run', async () => {
    const farm = await start({ startMs: 5_000 })
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    farm.job('b', 10_000)
    await farm.advance(2_000)
    farm.clock.offsetMs += HOUR_MS
    await farm.allSucceed(180_000)
    await farm.empty(120_000)
  })
})
