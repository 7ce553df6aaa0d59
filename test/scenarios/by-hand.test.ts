import { describe, expect, test } from '@jest/globals'
import { NODE_TYPES, nodeForm } from '../../src/jenkins/node-form.ts'
import { asAdmin } from '../support/farm-jenkins.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

/** What a person does with nodes and tasks while the sidecar looks. */
describe('by hand', () => {
  test('invariant 1: a node is deleted while its build runs: Jenkins has ended the build, and its task goes', async () => {
    const farm = await start()
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    const [agent = ''] = farm.agentNodes
    await asAdmin(farm.jenkins, 'POST', `/computer/${agent}/doDelete`)
    await farm.until(() => farm.tasks.length === 0, 30_000, 'the task killed')
    farm.job('b', 5_000)
    await farm.until(() => farm.results.includes('SUCCESS'), 30_000, 'the other build')
    await farm.empty(60_000)
  })

  test('a node is made anew under the name of an agent: it is nobody’s, and nothing is taken from it', async () => {
    const farm = await start()
    const spec = {
      name: 'mesos-linux-mine',
      description: 'a node of my own',
      remoteFs: '/home/ci',
      executors: 1,
      mode: 'NORMAL' as const,
      labels: ['mine'],
      connection: 'auto' as const,
    }
    await asAdmin(farm.jenkins, 'POST', '/computer/doCreateItem', nodeForm(spec, NODE_TYPES[0], '2.541.3'))
    expect(farm.agentNodes).toEqual(['mesos-linux-mine'])
    await farm.advance(300_000)
    expect(farm.agentNodes).toEqual(['mesos-linux-mine'])
    await asAdmin(farm.jenkins, 'POST', '/computer/mesos-linux-mine/doDelete')
  })

  test('invariant 1: the template is taken out while its agents run: builds end well, then its agents go', async () => {
    const farm = await start()
    farm.job('a', 60_000).job('b', 5_000)
    await farm.until(() => farm.results.includes('SUCCESS') && farm.running === 1, 60_000)
    await farm.restartSidecar({ TEMPLATES: JSON.stringify({ templates: { other: { ...LINUX, labels: ['other'] } } }) })
    await farm.advance(5_000)
    expect(farm.running).toBe(1)
    expect(farm.view.agents.map(({ template }) => template)).toEqual(['linux', 'linux'])
    await farm.allSucceed(90_000)
    await farm.empty(240_000)
    expect(await farm.metric('orphans_removed_total{kind="node"}')).toBe(0)
  })

  test('the template’s labels are changed while its agents run: they keep theirs, and new builds get new agents', async () => {
    const farm = await start()
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    await farm.restartSidecar({
      TEMPLATES: JSON.stringify({ templates: { linux: { ...LINUX, labels: ['linux', 'big'] } } }),
    })
    farm.job('b', 5_000, 'big')
    await farm.allSucceed(90_000)
    expect(farm.launched).toHaveLength(2)
    await farm.empty(90_000)
  })

  test('a task is killed by hand while the sidecar is away: its node goes after the start', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const [agent = ''] = farm.agentNodes
    farm.crashSidecar()
    farm.cluster.murder(agent)
    await farm.advance(5_000)
    await farm.startSidecar()
    await farm.empty(30_000)
  })

  test('invariant 9: an operator takes the framework back from another instance', async () => {
    const farm = await start()
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    expect((await farm.action('take-over')).status).toBe(409)
    await farm.cluster.subscribeAsOther()
    await farm.advance(2_000)
    expect(farm.view.health.status).toBe('standing_back')
    farm.cluster.endOthers()
    expect((await farm.action('take-over')).status).toBe(200)
    await farm.until(() => farm.view.health.status === 'ok', 30_000, 'the subscription')
    await farm.allSucceed(90_000)
    await farm.empty(90_000)
    expect(farm.launched).toHaveLength(1)
  })
})
