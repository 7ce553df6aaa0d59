import { describe, expect, test } from '@jest/globals'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

describe('an operator pauses templates', () => {
  test('one waits, another goes on; agents that are there end their builds and go; after resume the build runs', async () => {
    const farm = await start({ templates: { linux: LINUX, gpu: { ...LINUX, labels: ['gpu'], minIdle: 1 } } })
    farm.job('before', 100_000)
    await farm.until(() => farm.running === 1 && farm.onlineAgents === 2, 30_000, 'a build and the warm pool')
    expect(await farm.action('pause', { template: 'linux' })).toMatchObject({ status: 200 })
    await farm.advance(160_000) // it ends its build, and goes for idleness
    expect(farm.results).toEqual(['SUCCESS'])
    farm.job('paused', 5_000).job('other', 5_000, 'gpu')
    await farm.until(() => farm.jenkins.jobs.some(({ name, builds }) => name === 'other' && builds.length > 0), 30_000)
    await farm.advance(60_000)
    expect(farm.view.queue).toMatchObject([{ job: 'paused', state: 'paused' }])
    expect(farm.view.paused).toEqual({ all: false, templates: ['linux'] })
    expect(farm.agentNodes.every((name) => name.startsWith('mesos-gpu'))).toBe(true)
    expect(await farm.metric('queue_items{template="linux",state="paused"}')).toBe(1)

    expect(await farm.action('resume', { template: 'linux' })).toMatchObject({ status: 200 })
    await farm.allSucceed(60_000)
  })

  test('a warm pool is not filled, and a pause outlives kill -9', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, minIdle: 2 } } })
    farm.jenkins.createJob({ name: 'any', label: 'linux', durationMs: 1_000 })
    await farm.until(() => farm.onlineAgents === 2, 30_000)
    expect(await farm.action('pause')).toMatchObject({ status: 200 })
    await farm.restartSidecar()
    expect(farm.view.paused.all).toBe(true)
    const [first] = farm.agentNodes
    expect(await farm.action('drain', { agentId: first })).toMatchObject({ status: 200 })
    await farm.until(() => farm.agentNodes.length === 1, 60_000, 'the drained agent gone')
    await farm.advance(120_000)
    expect(farm.agentNodes).toHaveLength(1)
    expect(farm.view.problems.join()).toContain('all templates are paused')
    await farm.action('resume')
    await farm.until(() => farm.onlineAgents === 2, 60_000, 'the pool full again')
  })

  test('a pause goes over to the next leader', async () => {
    const farm = await start({ zookeeper: true })
    await farm.until(() => farm.view.health.status === 'ok', 30_000)
    await farm.startSidecar({}, 'b')
    expect(await farm.action('pause')).toMatchObject({ status: 200 })
    farm.sidecar('a').life.kill()
    await farm.until(() => farm.view.health.status === 'ok', 120_000, 'the other leads')
    farm.job('a', 5_000)
    await farm.advance(30_000)
    expect(farm.launched).toEqual([])
    expect(farm.view.queue).toMatchObject([{ state: 'paused' }])
    await farm.action('resume')
    await farm.allSucceed(60_000)
  })

  test('an agent that was only being made when the pause was answered is not launched', async () => {
    const farm = await start({ latencyMs: 100 })
    farm.job('a', 5_000)
    await farm.until(() => farm.records.some(({ state }) => state === 'planned'), 30_000, 'an agent that is planned')
    expect(farm.launched).toEqual([])
    expect(await farm.action('pause', { template: 'linux' })).toMatchObject({ status: 200 })
    await farm.advance(30_000)
    expect(farm.launched).toEqual([])
    await farm.action('resume')
    await farm.allSucceed(60_000)
    await farm.empty(120_000)
  })

  test('a template that is not there is not paused', async () => {
    const farm = await start()
    expect(await farm.action('pause', { template: 'linus' })).toEqual({
      status: 404,
      words: 'There is no template linus: there is linux.',
    })
  })

  test('a drained agent with a build is left to it, and gets no other', async () => {
    const farm = await start()
    farm.job('long', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    const [agent] = farm.agentNodes
    await farm.action('drain', { agentId: agent })
    farm.job('next', 5_000)
    await farm.allSucceed(120_000)
    expect(farm.launched).toHaveLength(2)
    const nodes = farm.jenkins.jobs.map(({ builds }) => builds[0]?.node)
    expect(nodes[0]).toBe(agent)
    expect(nodes[1]).not.toBe(agent)
  })
})

describe('Jenkins is quieting down', () => {
  test('nothing is started for what waits, idle agents stay for it, and when that is cancelled it runs on them', async () => {
    const farm = await start()
    farm.job('first', 10_000)
    await farm.allSucceed(60_000)
    farm.jenkins.quietDown('an update')
    farm.job('second', 5_000).job('third', 5_000)
    await farm.advance(300_000) // the idle timeout is 30 s
    expect(farm.launched).toHaveLength(1)
    expect(farm.onlineAgents).toBe(1)
    expect(farm.view.queue.map(({ state }) => state)).toEqual(['not_demand', 'not_demand'])
    farm.jenkins.quietDown(undefined)
    await farm.allSucceed(60_000)
    await farm.empty(120_000)
  })

  test('with an empty queue the warm pool is left as it is, once Jenkins was asked', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, minIdle: 1, maxAgeSeconds: 3600 } } })
    farm.jenkins.createJob({ name: 'any', label: 'linux', durationMs: 1_000 })
    await farm.until(() => farm.onlineAgents === 1, 30_000)
    farm.jenkins.quietDown('an update')
    await farm.advance(65_000)
    const [agent] = farm.agentNodes
    await farm.action('drain', { agentId: agent })
    await farm.empty(60_000)
    await farm.advance(120_000)
    expect(farm.launched).toHaveLength(1)
    expect(farm.view.problems.join()).toContain('about to shut down')
    farm.jenkins.quietDown(undefined)
    await farm.until(() => farm.onlineAgents === 1, 120_000, 'the pool full again')
  })
})
