import { describe, expect, test } from '@jest/globals'
import { MESOS, mastersOf } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

describe('two masters', () => {
  test('the leader dies while a build runs: the next one leads, the agent stays, the build ends well', async () => {
    const farm = await start({ environment: { MESOS_MASTER: mastersOf(2).join(',') }, masters: 2 })
    farm.job('job', 60_000)
    await farm.until(() => farm.results.includes('running'), 60_000)
    const agents = farm.agentNodes
    farm.cluster.masters.killLeader()
    await farm.until(() => farm.mesos.snapshot().frameworks.some(({ connected }) => connected), 60_000)
    expect(farm.cluster.masters.shown.leader).not.toBe(new URL(MESOS).host)
    expect(farm.agentNodes).toEqual(agents)
    await farm.allSucceed(120_000)
    await farm.empty(120_000)
    expect(farm.launched).toHaveLength(1)
  })
})
