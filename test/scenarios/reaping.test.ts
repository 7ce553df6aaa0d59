import { describe, expect, test } from '@jest/globals'
import { asAdmin } from '../support/farm-jenkins.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

describe('invariant 1: no build is taken away', () => {
  test('a build that starts between our reading and the reaping drains the agent and ends well', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const [agent = ''] = farm.agentNodes
    // The build comes just before the node goes offline: the decision was made on an older reading.
    let came = false
    farm.faults.before = ({ path }) => {
      if (came || !path.startsWith(`/computer/${agent}/toggleOffline`)) return
      came = true
      farm.jenkins.build('a')
    }
    await farm.until(() => came, 60_000, 'the reaping')
    await farm.advance(2_000)
    expect(farm.running).toBe(1)
    expect(farm.view.agents).toMatchObject([{ agentId: agent, state: 'draining' }])
    await farm.allSucceed(30_000)
    expect(farm.jenkins.jobs[0]?.builds.map(({ node }) => node)).toEqual([agent, agent])
    await farm.empty(30_000)
    expect(farm.launched).toHaveLength(1)
  })

  test('a build that waits while the last agent drains gets another agent', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, maxAgents: 1 } } })
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    let came = false
    farm.faults.before = ({ path }) => {
      if (came || !path.includes('/doDelete')) return
      came = true
      farm.jenkins.build('a')
    }
    await farm.until(() => came, 60_000, 'the reaping')
    await farm.allSucceed(60_000)
    expect(farm.launched).toHaveLength(2)
    await farm.empty(60_000)
  })
})

describe('agents that do not do as they should', () => {
  test('an agent that never connects is reaped after the connect timeout, and the template backs off', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, connectTimeoutSeconds: 20, maxAgents: 1 } } })
    farm.faults.task = () => 'mute'
    farm.job('a', 5_000)
    await farm.until(() => farm.launched.length === 1, 10_000, 'the first launch')
    const first = farm.virtual.now()
    await farm.until(() => farm.view.templates[0]?.failures === 1, 40_000, 'a failure')
    expect(farm.virtual.now() - first).toBeGreaterThanOrEqual(20_000)
    await farm.until(() => farm.view.queue[0]?.state === 'backed_off', 5_000, 'the back-off told')
    farm.faults.task = () => undefined
    await farm.allSucceed(60_000)
    expect(farm.launched).toHaveLength(2)
    expect(await farm.metric('reaps_total{template="linux",reason="connect_timeout"}')).toBe(1)
    expect(farm.view.templates[0]?.failures).toBe(0)
    await farm.empty(60_000)
  })

  test('a task that is killed by hand: its node goes, its build is lost, and the next build gets another agent', async () => {
    const farm = await start()
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    const [agent = ''] = farm.agentNodes
    farm.cluster.murder(agent)
    await farm.until(() => !farm.agentNodes.includes(agent), 10_000, 'the node gone')
    expect(farm.results).toEqual(['FAILURE'])
    farm.job('b', 5_000)
    await farm.until(() => farm.results.includes('SUCCESS'), 30_000, 'the other build')
    expect(farm.launched).toHaveLength(2)
    await farm.empty(60_000)
  })

  test('a node that is deleted by hand: its task is killed', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const [agent = ''] = farm.agentNodes
    await asAdmin(farm.jenkins, 'POST', `/computer/${agent}/doDelete`)
    await farm.until(() => farm.tasks.length === 0, 30_000, 'the task killed')
    await farm.empty(10_000)
    expect(await farm.metric('reaps_total{template="linux",reason="node_deleted"}')).toBe(1)
  })

  test('an agent that a person took offline is neither brought back nor reaped, and counts for nobody', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const [agent = ''] = farm.agentNodes
    await asAdmin(farm.jenkins, 'POST', `/computer/${agent}/toggleOffline?offlineMessage=disk%20is%20looked%20at`)
    await farm.advance(120_000)
    expect(farm.jenkins.nodes.find(({ name }) => name === agent)?.temporarilyOffline).toMatchObject({
      message: 'disk is looked at',
    })
    expect(farm.view.agents[0]?.offlineBy).toContain('disk is looked at')
    farm.job('b', 5_000)
    await farm.allSucceed(30_000)
    expect(farm.launched).toHaveLength(2)

    await asAdmin(farm.jenkins, 'POST', `/computer/${agent}/toggleOffline?offlineMessage=`)
    await farm.empty(120_000)
  })

  test('an anchor that somebody brought online is taken offline again', async () => {
    const farm = await start()
    await farm.advance(5_000)
    await asAdmin(farm.jenkins, 'POST', '/computer/anchor-linux/toggleOffline?offlineMessage=')
    const anchor = () => farm.jenkins.nodes.find(({ name }) => name === 'anchor-linux')
    expect(anchor()?.temporarilyOffline).toBeNull()
    await farm.until(() => anchor()?.temporarilyOffline !== null, 10_000, 'the anchor offline')
  })
})
