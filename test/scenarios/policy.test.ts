import { describe, expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const MINUTE = 60_000

/** So many jobs with one build each. */
function builds(farm: Farm, name: string, count: number, durationMs: number): void {
  for (let n = 0; n < count; n++) farm.job(`${name}-${n}`, durationMs)
}

/** How often each of them is there, the rarest first. */
function countsOf(names: readonly string[]): readonly number[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts.values()].sort((a, b) => a - b)
}

function nodesOf(farm: Farm): readonly string[] {
  return farm.jenkins.jobs.flatMap((job) => job.builds.map(({ node }) => node))
}

describe('launches come one after the other', () => {
  test('ten at once, then two a second, and every build has its agent in the end', async () => {
    const farm = await start({ hosts: 10, templates: { linux: { ...LINUX, maxAgents: 30 } } })
    for (let n = 0; n < 24; n++) farm.job(`job-${n}`, 5 * MINUTE)
    await farm.until(() => farm.launched.length === 10, 2_000, 'the first ten')
    expect(farm.view.queue.filter(({ state }) => state === 'rate_limited').length).toBeGreaterThan(0)
    await farm.advance(3_000)
    expect(farm.launched.length).toBeLessThanOrEqual(17)
    await farm.until(() => farm.running === 24, 30_000, 'all of them')
    expect(farm.launched).toHaveLength(24)
    await farm.allSucceed(10 * MINUTE)
  })

  test('after kill -9 a burst is free again, and no agent is launched twice', async () => {
    const environment = { LAUNCH_BURST: '3', LAUNCH_RATE_PER_SECOND: '0.01' }
    const farm = await start({ hosts: 3, templates: { linux: { ...LINUX, maxAgents: 9 } }, environment })
    for (let n = 0; n < 6; n++) farm.job(`job-${n}`, 5 * MINUTE)
    await farm.until(() => farm.running === 3, 30_000, 'the first three')
    await farm.advance(10_000)
    expect(farm.launched).toHaveLength(3)
    // Nothing may be placed for long: nothing is held, and no offers are wanted.
    expect(farm.mesos.snapshot().frameworks[0]).toMatchObject({ outstandingOffers: 0, suppressedRoles: ['*'] })
    await farm.restartSidecar()
    await farm.until(() => farm.running === 6, 30_000, 'the others')
    expect(farm.launched).toHaveLength(6)
    await farm.allSucceed(10 * MINUTE)
  })
})

describe('agents that have done enough', () => {
  test('maxBuilds: an agent has three builds and goes, and gets no fourth while the third runs', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, maxBuilds: 3, maxAgents: 1 } } })
    builds(farm, 'a', 7, 10_000)
    await farm.allSucceed(5 * MINUTE)
    expect(countsOf(nodesOf(farm))).toEqual([1, 3, 3])
    expect(await farm.metric('reaps_total{template="linux",reason="max_builds"}')).toBe(2)
    expect(await farm.metric('oneshot_extra_builds_total{template="linux"}')).toBe(0)
    await farm.empty(MINUTE)
  })

  test('maxBuilds on several executors counts what was started: what is too much is counted', async () => {
    const template = { ...LINUX, executors: 2, maxBuilds: 3, maxAgents: 1 }
    const farm = await start({ templates: { linux: template } })
    builds(farm, 'a', 8, 10_000)
    await farm.allSucceed(5 * MINUTE)
    const counts = countsOf(nodesOf(farm))
    for (const count of counts) expect(count).toBeLessThanOrEqual(4)
    const extra = counts.reduce((sum, count) => sum + Math.max(0, count - 3), 0)
    expect(await farm.metric('oneshot_extra_builds_total{template="linux"}')).toBe(extra)
    await farm.empty(MINUTE)
  })

  test('maxAge: a warm pool is replaced by halves, and a build on an old agent runs to its end', async () => {
    const template = { ...LINUX, minIdle: 4, maxAgents: 12, maxAgeSeconds: 600 }
    const farm = await start({ hosts: 4, templates: { linux: template } })
    builds(farm, 'long', 1, 20 * MINUTE)
    await farm.until(() => farm.onlineAgents === 5 && farm.running === 1, MINUTE, 'the pool and a build')
    const first = new Set(farm.agentNodes)
    let least = farm.onlineAgents
    await farm.until(
      () => {
        least = Math.min(least, farm.onlineAgents)
        return farm.agentNodes.filter((name) => first.has(name)).length === 1
      },
      12 * MINUTE,
      'all old ones but the one with the build gone',
    )
    expect(least).toBeGreaterThanOrEqual(3)
    await farm.allSucceed(15 * MINUTE)
    await farm.until(() => farm.agentNodes.every((name) => !first.has(name)), MINUTE, 'the last old one gone')
    await farm.until(() => farm.onlineAgents >= 4, MINUTE, 'the pool full')
    expect(await farm.metric('reaps_total{template="linux",reason="max_age"}')).toBeGreaterThanOrEqual(5)
  })
})

describe('how many stay idle', () => {
  test('headroom grows with the builds that run, up to its limit, and goes when it was calm for a while', async () => {
    const template = { ...LINUX, maxAgents: 20, headroom: { factor: 0.5, limit: 3 }, idleTimeoutSeconds: 60 }
    const farm = await start({ hosts: 10, templates: { linux: template } })
    builds(farm, 'two', 2, 2 * MINUTE)
    await farm.until(() => farm.running === 2 && farm.onlineAgents === 3, MINUTE, 'one idle beside two busy')
    builds(farm, 'more', 8, 2 * MINUTE)
    await farm.until(() => farm.running === 10 && farm.onlineAgents === 13, MINUTE, 'three idle beside ten busy')
    await farm.allSucceed(5 * MINUTE)
    const launched = farm.launched.length
    await farm.empty(10 * MINUTE)
    expect(farm.launched).toHaveLength(launched)
  })

  test('headroom does not flap: a load that comes and goes every minute starts and ends nobody', async () => {
    const template = { ...LINUX, maxAgents: 20, headroom: { factor: 1 }, idleTimeoutSeconds: 120 }
    const farm = await start({ hosts: 10, templates: { linux: template } })
    for (let n = 0; n < 4; n++) {
      farm.jenkins.createJob({ name: `pulse-${n}`, label: 'linux', durationMs: 20_000, concurrent: true })
    }
    const pulse = async (): Promise<void> => {
      for (let n = 0; n < 4; n++) farm.jenkins.build(`pulse-${n}`)
      await farm.advance(MINUTE)
    }
    await pulse()
    await pulse()
    const launched = farm.launched.length
    for (let n = 0; n < 15; n++) await pulse()
    expect(farm.launched).toHaveLength(launched)
    expect(farm.onlineAgents).toBe(launched)
    await farm.empty(15 * MINUTE)
  })

  test('cool-down: idle agents outlast their timeout while the template was provisioned lately', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, coolDownSeconds: 300 } } })
    farm.job('a', 5_000)
    await farm.allSucceed(MINUTE)
    await farm.advance(4 * MINUTE)
    expect(farm.onlineAgents).toBe(1)
    await farm.empty(2 * MINUTE)
    expect(await farm.metric('reaps_total{template="linux",reason="idle"}')).toBe(1)
  })

  test('the emptiest host goes first: hosts empty out', async () => {
    const template = { ...LINUX, reapOrder: 'emptiestHost', minIdle: 3, maxAgents: 10 }
    // two agents a host
    const farm = await start({
      hosts: 3,
      host: { resources: { cpus: 0.7, memMib: 8192 } },
      templates: { linux: template },
    })
    builds(farm, 'a', 5, 30_000)
    await farm.until(() => farm.running === 5, MINUTE, 'five builds')
    await farm.allSucceed(2 * MINUTE)
    await farm.until(() => farm.agentNodes.length === 3, 5 * MINUTE, 'only the pool')
    await farm.advance(30_000)
    expect(countsOf(farm.records.map(({ hostname = '' }) => hostname))).toEqual([1, 2])
  })
})
