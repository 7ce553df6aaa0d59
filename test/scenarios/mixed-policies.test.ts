import { describe, expect, test } from '@jest/globals'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

/** By template, how many agents were launched. */
function launchesOf(taskIds: readonly string[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const taskId of taskIds) {
    const template = taskId.replace(/^mesos-/, '').replace(/-[^-]+$/, '')
    found[template] = (found[template] ?? 0) + 1
  }
  return found
}

describe('several templates for one label', () => {
  test('the one with the higher priority is full before the other has any, and the cap of all holds', async () => {
    const farm = await start({
      templates: {
        first: { ...LINUX, priority: 10, maxAgents: 3 },
        second: { ...LINUX, priority: 1, maxAgents: 10 },
      },
      environment: { MAX_AGENTS: '5' },
    })
    for (let job = 0; job < 20; job++) farm.job(`job-${job}`, 10_000)
    let early: readonly string[] = []
    await farm.until(
      () => {
        if (farm.launched.length <= 3) early = farm.launched.map(({ info }) => info.task_id.value)
        return farm.running === 5
      },
      60_000,
      'five builds',
    )
    await farm.allSucceed(300_000)
    await farm.empty(120_000)
    expect(launchesOf(early)).not.toHaveProperty('second', 3)
    expect(launchesOf(farm.launched.map(({ info }) => info.task_id.value))).toMatchObject({ first: 3, second: 2 })
    expect(farm.watch.peakInAll.get('agents')).toBe(5)
    expect(farm.watch.peak.get('first')).toBe(3)
  })

  test('under shortage the higher priority gets the room that comes free first', async () => {
    const farm = await start({
      hosts: 1,
      host: { resources: { cpus: 0.65, memMib: 8192, diskMib: 1000 } }, // two agents
      templates: {
        low: { ...LINUX, labels: ['low'], priority: 1, oneShot: true, maxAgents: 10 },
        high: { ...LINUX, labels: ['high'], priority: 10, oneShot: true, maxAgents: 10 },
      },
    })
    for (let job = 0; job < 6; job++) farm.job(`low-${job}`, 20_000, 'low')
    await farm.until(() => farm.running === 2, 60_000, 'two builds of low')
    for (let job = 0; job < 4; job++) farm.job(`high-${job}`, 20_000, 'high')
    await farm.allSucceed(600_000)
    await farm.empty(120_000)
    const order = farm.launched.map(({ info }) => info.task_id.value.split('-')[1])
    expect(order).toEqual(['low', 'low', 'high', 'high', 'high', 'high', 'low', 'low', 'low', 'low'])
  })
})

describe('constraints', () => {
  test('agents go only to hosts whose attributes hold, and UNIQUE parts them', async () => {
    const farm = await start({
      hosts: 6,
      attributes: (host) => ({ rack: host <= 3 ? 'r1' : 'r2', os: 'linux' }),
      templates: {
        racked: { ...LINUX, labels: ['racked'], constraints: [['rack', 'LIKE', 'r2']], maxAgents: 6 },
        apart: { ...LINUX, labels: ['apart'], constraints: [['hostname', 'UNIQUE']], maxAgents: 6 },
      },
    })
    for (let job = 0; job < 4; job++) farm.job(`racked-${job}`, 20_000, 'racked')
    for (let job = 0; job < 6; job++) farm.job(`apart-${job}`, 20_000, 'apart')
    const seen = new Map<string, Set<string>>([
      ['racked', new Set()],
      ['apart', new Set()],
    ])
    await farm.until(
      () => {
        const apart = farm.view.agents.filter(({ template }) => template === 'apart')
        const hosts = apart.map(({ hostname }) => hostname)
        if (new Set(hosts).size !== hosts.length) throw new Error(`two on one host: ${hosts.join()}`)
        for (const { template, hostname } of farm.view.agents) seen.get(template)?.add(hostname ?? '')
        return farm.running === 10
      },
      60_000,
      'all ten builds',
    )
    expect([...(seen.get('racked') ?? [])].every((host) => /host-[456]/.test(host))).toBe(true)
    expect(seen.get('apart')?.size).toBe(6)
    await farm.allSucceed(120_000)
    await farm.empty(120_000)
  })

  test('a rule that no host meets: the build waits, and is told which', async () => {
    const farm = await start({
      attributes: () => ({ os: 'linux' }),
      templates: { windows: { ...LINUX, labels: ['windows'], constraints: [['os', 'IS', 'windows']] } },
    })
    farm.job('a', 10_000, 'windows')
    await farm.advance(30_000)
    expect([farm.launched.length, farm.agentNodes.length]).toEqual([0, 0])
    expect(farm.view.queue).toMatchObject([{ state: 'waiting_offer', template: 'windows' }])
    expect(farm.view.queue[0]?.words).toMatch(/os/)
  })
})

describe('an image that the label of a job names', () => {
  test('each image has an anchor and agents of its own, and the cap of the template counts them together', async () => {
    const container = { type: 'DOCKER', image: 'base/image:1', customImages: true }
    const docker = { ...LINUX, labels: ['docker'], container, maxAgents: 3, secretVia: 'uri' }
    const farm = await start({ host: { containers: true }, templates: { docker } })
    for (let job = 0; job < 3; job++) farm.job(`plain-${job}`, 20_000, 'docker')
    for (let job = 0; job < 3; job++) farm.job(`node-${job}`, 20_000, 'docker:library/node:20')
    await farm.allSucceed(600_000)
    const images = farm.launched.map(({ info }) => JSON.stringify(info.container))
    expect(images.some((text) => text.includes('library/node:20'))).toBe(true)
    expect(images.some((text) => text.includes('base/image:1'))).toBe(true)
    expect(farm.watch.peak.get('docker')).toBe(3)
    const where = new Map(farm.jenkins.jobs.map(({ name, builds }) => [name, builds[0]?.node ?? '']))
    const imageOf = new Map(farm.launched.map(({ info }) => [info.task_id.value, JSON.stringify(info.container)]))
    for (const [job, node] of where) {
      expect([job, imageOf.get(node)?.includes(job.startsWith('node') ? 'library/node:20' : 'base/image:1')]).toEqual([
        job,
        true,
      ])
    }
    await farm.empty(120_000)
  })
})
