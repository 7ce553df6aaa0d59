import { describe, expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { type FarmOptions, mastersOf } from '../support/farm-options.ts'
import { health, leads, pair } from '../support/sidecar-pair.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
/** Of a sidecar and of a master with ZooKeeper, and some to act. */
const TAKEN_OVER_MS = 11_000
const MASTER_SESSION_MS = 8_000
const OPTIONS: FarmOptions = { masters: 2, mastersBy: 'zookeeper', startMs: 3_000 }

/** Two sidecars whose state and whose masters are in one ensemble, and an agent that starts. */
async function provisioning(): Promise<Farm> {
  const farm = await pair(start, OPTIONS)
  farm.job('first', 60_000)
  await farm.until(() => farm.launched.length === 1, 60_000, 'a launch')
  return farm
}

/** Every build succeeds, there was one launch for each that needed it, all agents go; the checkers speak when the farm is closed. */
async function allIsWell(farm: Farm, launches = 2): Promise<void> {
  farm.job('after', 5_000)
  await farm.allSucceed(300_000)
  await farm.empty(300_000)
  expect(farm.launched.length).toBe(launches)
}

function connected(farm: Farm): boolean {
  return farm.mesos.snapshot().frameworks.some(({ connected }) => connected)
}

describe('invariant 9: two sidecars, state and masters in one ensemble', () => {
  test.each([
    [
      'killed',
      (farm: Farm, server: number): void => {
        farm.ensemble.kill(server)
      },
    ],
    [
      'frozen',
      (farm: Farm, server: number): void => {
        farm.ensemble.freeze(server)
      },
    ],
    [
      'cut off from the others',
      (farm: Farm, server: number): void => {
        farm.ensemble.isolate(server)
      },
    ],
  ])('the leading server of ZooKeeper %s while an agent starts: one leads, and the agent is kept', async (_, hit) => {
    const farm = await provisioning()
    const server = farm.ensemble.leader ?? 0
    hit(farm, server)
    await farm.until(() => farm.running === 1, 30_000, 'the build')
    farm.job('meanwhile', 5_000)
    await farm.until(() => farm.results.includes('SUCCESS'), 60_000, 'the end of the second build')
    farm.ensemble.heal(server)
    await farm.allSucceed(180_000)
    await farm.empty(180_000)
    expect(farm.launched.length).toBe(2)
  })

  test('the leading sidecar dies while an agent starts: the other one finds the master and adopts the agent', async () => {
    const farm = await provisioning()
    farm.sidecar('a').life.kill()
    await farm.until(leads(farm, 'b'), TAKEN_OVER_MS, 'the other leading')
    await farm.until(() => farm.view.agents.length === 1, 10_000, 'an adopted agent')
    await allIsWell(farm)
  })

  test('leading sidecar and leading master die at once', async () => {
    const farm = await provisioning()
    farm.sidecar('a').life.kill()
    farm.cluster.masters.killLeader()
    await farm.until(() => leads(farm, 'b')() && connected(farm), TAKEN_OVER_MS + MASTER_SESSION_MS, 'a subscription')
    const last = farm.logged.filter((line) => line.includes('info subscribed to Mesos')).at(-1)
    expect(last).toContain(mastersOf(2)[1])
    await allIsWell(farm)
  })

  test('no quorum for a minute while an agent starts: nobody acts, the build runs, and then all goes on', async () => {
    const farm = await provisioning()
    farm.ensemble.loseQuorum()
    await farm.advance(1_000)
    const calls = farm.state?.calls.length
    await farm.advance(60_000)
    expect(farm.state?.calls.length).toBe(calls)
    expect([health(farm, 'a'), health(farm, 'b')]).toEqual(['disconnected', 'disconnected'])
    farm.ensemble.regainQuorum()
    await farm.until(() => leads(farm, 'a')() || leads(farm, 'b')(), 30_000, 'a leader')
    await allIsWell(farm, 1) // the first agent is idle by then
  })
})
