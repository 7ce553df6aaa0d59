import { describe, expect, test } from '@jest/globals'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const MIB = 1024 * 1024

describe('agents come and go with the queue', () => {
  test('a starved queue gets agents, builds end well, idle agents go, and nothing is left', async () => {
    const farm = await start({ hosts: 2 })
    farm.job('a', 20_000).job('b', 20_000).job('c', 20_000)

    await farm.until(() => farm.running === 3, 30_000, 'three running builds')
    expect(await farm.metric('allocated_cpus{template="linux"}')).toBe(0.9)
    await farm.allSucceed(30_000)
    await farm.empty(60_000)
    await farm.advance(5_000)

    expect(farm.jenkins.nodes.map(({ name }) => name)).toEqual(['anchor-linux'])
    const [framework] = farm.mesos.snapshot().frameworks
    expect(framework).toMatchObject({ outstandingOffers: 0, suppressedRoles: ['*'] })
    expect(farm.view.agents).toEqual([])
    expect(await farm.metric('allocated_cpus{template="linux"}')).toBe(0)
    expect(await farm.metric('reaps_total{template="linux",reason="idle"}')).toBe(3)
  })

  test('the day of the tutorial: two of four builds run, two are capped, then they run, then all agents go', async () => {
    const template = { ...LINUX, labels: ['mesos'], idleTimeoutSeconds: 60, maxAgents: 2 }
    const farm = await start({ hosts: 39, templates: { mesos: template } })
    for (const name of ['one', 'two', 'three', 'four']) farm.job(name, 30_000, 'mesos')
    let peakCpus = 0
    let peakMem = 0
    const look = async (): Promise<void> => {
      peakCpus = Math.max(peakCpus, await farm.metric('allocated_cpus{template="mesos"}'))
      peakMem = Math.max(peakMem, await farm.metric('allocated_mem_bytes{template="mesos"}'))
    }

    await farm.until(() => farm.running === 2, 30_000, 'two running builds')
    await farm.advance(5_000)
    await look()
    expect(farm.results).toEqual(['running', 'running', 'queued', 'queued'])
    expect(farm.view.queue.map(({ state, words }) => [state, words])).toEqual(
      Array(2).fill(['capped', 'cap: template mesos may have 2 agents (maxAgents)']),
    )
    expect(await farm.metric('queue_items{template="mesos",state="capped"}')).toBe(2)

    await farm.until(() => farm.results.filter((result) => result === 'SUCCESS').length === 2, 60_000, 'the first two')
    await look()
    await farm.allSucceed(60_000)
    await look()
    expect(farm.launched).toHaveLength(2)
    await farm.empty(90_000)
    expect([peakCpus, peakMem]).toEqual([0.6, 1408 * MIB])
    expect(farm.watch.peak.get('mesos')).toBe(2)
  })

  test('builds that come one after the other are taken by the agent that is there', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    for (let build = 0; build < 3; build++) {
      await farm.advance(10_000)
      farm.jenkins.build('a')
      await farm.allSucceed(10_000)
    }
    expect(farm.launched).toHaveLength(1)
    await farm.empty(60_000)
  })

  test('what agents use is read from their hosts and shown as metrics', async () => {
    const farm = await start()
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    await farm.advance(15_000)
    const [agent] = farm.agentNodes
    expect(await farm.metric(`agent_cpu_seconds_total{agent="${agent}",template="linux"}`)).toBe(3)
    expect(await farm.metric(`agent_mem_rss_bytes{agent="${agent}",template="linux"}`)).toBe(100 * MIB)
    await farm.allSucceed(60_000)
    await farm.empty(60_000)
    expect((await farm.life.program.scrape()).text).not.toContain(`agent="${agent}"`)
  })

  test('a one-shot agent has one build and goes', async () => {
    const farm = await start({ templates: { once: { ...LINUX, labels: ['once'], oneShot: true, maxAgents: 2 } } })
    for (const name of ['a', 'b', 'c', 'd']) farm.job(name, 10_000, 'once')
    await farm.allSucceed(120_000)
    await farm.empty(20_000)
    expect(farm.launched).toHaveLength(4)
    const nodes = farm.jenkins.jobs.flatMap(({ builds }) => builds.map(({ node }) => node))
    expect(new Set(nodes).size).toBe(4)
    expect(await farm.metric('reaps_total{template="once",reason="one_shot"}')).toBe(4)
  })

  test('the warm pool is there before anybody waits, is filled again, and outlasts the idle timeout', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, minIdle: 2 } } })
    await farm.until(() => farm.onlineAgents === 2, 30_000, 'the warm pool')
    farm.job('a', 40_000)
    await farm.until(() => farm.running === 1, 5_000, 'a build that need not wait')
    await farm.until(() => farm.onlineAgents === 3, 30_000, 'the pool filled again')
    await farm.allSucceed(60_000)
    await farm.until(() => farm.agentNodes.length === 2, 60_000, 'the third agent gone')
    await farm.advance(300_000)
    expect(farm.onlineAgents).toBe(2)
  })

  test('each label gets agents of its own template, with the resources of that template', async () => {
    const big = { ...LINUX, labels: ['big', 'linux64'], cpus: { agent: 1, perExecutor: 1 }, diskMib: 100 }
    const farm = await start({ templates: { linux: LINUX, big } })
    farm.job('small', 10_000, 'linux').job('large', 10_000, 'big && linux64')
    await farm.allSucceed(30_000)
    const given = farm.launched.map(({ info }) => [
      info.task_id.value.replace(/-[^-]+$/, ''),
      Object.fromEntries(info.resources.map(({ name, scalar }) => [name, scalar?.value])),
    ])
    expect(Object.fromEntries(given)).toEqual({
      'mesos-linux': { cpus: 0.3, mem: 704 },
      'mesos-big': { cpus: 2, mem: 704, disk: 100 },
    })
    const nodes = Object.fromEntries(farm.jenkins.jobs.map(({ name, builds }) => [name, builds[0]?.node]))
    expect(nodes['small']).toMatch(/^mesos-linux-/)
    expect(nodes['large']).toMatch(/^mesos-big-/)
    await farm.empty(60_000)
  })

  test('several executors on one agent share it', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, executors: { min: 1, max: 2 } } } })
    farm.job('a', 10_000).job('b', 10_000)
    await farm.until(() => farm.running === 2, 30_000, 'two builds')
    expect(farm.launched).toHaveLength(1)
    expect(farm.agentNodes).toHaveLength(1)
    await farm.allSucceed(20_000)
    await farm.empty(60_000)
  })
})

describe('what no template serves', () => {
  test('a label of no template is named to the person who waits, and nothing is started', async () => {
    const farm = await start()
    farm.job('odd', 10_000, 'solaris')
    await farm.advance(30_000)
    expect(farm.view.queue).toMatchObject([{ job: 'odd', state: 'unserved', label: 'solaris' }])
    expect(farm.view.problems.join()).toContain('solaris')
    expect(farm.launched).toEqual([])
    expect(await farm.metric('queue_items{template="none",state="unserved"}')).toBe(1)
    expect(farm.mesos.snapshot().frameworks[0]?.suppressedRoles).toEqual(['*'])
  })

  test('a static node with an idle executor takes the build, and nothing is provisioned', async () => {
    const farm = await start({ jenkins: { builtInExecutors: 1 } })
    farm.jenkins.createJob({ name: 'any', durationMs: 10_000 })
    await farm.advance(5_000)
    farm.jenkins.build('any')
    await farm.allSucceed(20_000)
    await farm.advance(10_000)
    expect(farm.jenkins.jobs[0]?.builds[0]?.node).toBe('')
    expect(farm.launched).toEqual([])
  })

  test('when the static node is busy, an agent is provisioned for the next build', async () => {
    const farm = await start({ jenkins: { builtInExecutors: 1 } })
    for (const name of ['one', 'two']) {
      farm.jenkins.createJob({ name, durationMs: 30_000 })
      farm.jenkins.build(name)
    }
    await farm.until(() => farm.running === 2, 20_000, 'both builds')
    expect(farm.launched).toHaveLength(1)
    await farm.allSucceed(60_000)
    await farm.empty(60_000)
  })
})
