import { describe, expect, test } from '@jest/globals'
import type { EventView, SummaryView, TimelineView, View } from '../../src/loop/view-types.ts'
import type { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

async function get<T>(farm: Farm, url: string): Promise<T> {
  const { statusCode, body } = await farm.life.ask(url)
  if (statusCode !== 200) throw new Error(`${url}: ${statusCode} ${body}`)
  return JSON.parse(body) as T
}

async function eventsOf(farm: Farm, query = ''): Promise<readonly EventView[]> {
  const { items } = await get<{ items: readonly EventView[] }>(farm, `/api/v1/events?limit=1000${query}`)
  return items.toReversed()
}

const messages = (events: readonly EventView[]): readonly string[] => events.map(({ message }) => message)

describe('what happened', () => {
  test('the events tell the life of each agent, from its launch to its end and why', async () => {
    const farm = await start({ templates: { linux: LINUX } })
    for (let nth = 0; nth < 3; nth += 1) farm.job(`job-${nth}`, 60_000)
    await farm.until(() => farm.running === 3, 60_000, 'three builds')
    const [agent] = farm.view.agents
    await farm.allSucceed(600_000)
    await farm.empty(600_000)
    const life = await eventsOf(farm, `&agentId=${agent?.agentId ?? ''}`)
    expect(messages(life)).toEqual(expect.arrayContaining(['agent launched', 'agent online', 'agent gone']))
    const gone = life.find(({ message }) => message === 'agent gone')
    expect(gone).toMatchObject({
      template: 'linux',
      hostname: agent?.hostname,
      details: { reason: expect.stringContaining('idle') },
    })
    const all = messages(await eventsOf(farm))
    expect(all).toEqual(expect.arrayContaining(['state loaded', 'subscribed to Mesos', 'plan']))
    const { lastEventId, startedAt } = await get<{ lastEventId: number; startedAt: number }>(farm, '/api/v1/events')
    expect(lastEventId).toBeGreaterThan(10)
    expect(startedAt).toBeLessThan(farm.clock.now())
  })

  test('nothing is told while nothing happens', async () => {
    const farm = await start({ templates: { linux: LINUX } })
    await farm.advance(60_000)
    const before = await get<{ lastEventId: number }>(farm, '/api/v1/events?limit=1')
    await farm.advance(300_000)
    expect(await get<{ lastEventId: number }>(farm, '/api/v1/events?limit=1')).toMatchObject({
      lastEventId: before.lastEventId,
    })
  })

  test('the time line adds up to what ran', async () => {
    const farm = await start({ templates: { linux: LINUX }, use: { cpus: 0.2, memMib: 100 } })
    await farm.advance(120_000)
    const builds = 4
    for (let nth = 0; nth < builds; nth += 1) farm.job(`job-${nth}`, 600_000)
    await farm.allSucceed(3_600_000)
    await farm.empty(600_000)
    await farm.advance(60_000)
    const line = await get<TimelineView>(farm, '/api/v1/timeline')
    expect(line.at.length).toBeGreaterThan(40)
    for (let nth = 1; nth < line.at.length; nth += 1) expect((line.at[nth] ?? 0) - (line.at[nth - 1] ?? 0)).toBe(15_000)
    // Four builds of ten minutes, looked at four times a minute.
    const looks = line.builds.reduce<number>((sum, value) => sum + (value ?? 0), 0)
    expect(looks).toBeGreaterThanOrEqual(builds * 39)
    expect(looks).toBeLessThanOrEqual(builds * 42)
    for (const [nth, builds] of line.builds.entries()) {
      const given = line.givenCpus[nth] ?? 0
      if ((builds ?? 0) > 0) expect(given).toBeGreaterThan(0)
    }
    const used = line.usedCpus.filter((value) => value !== null)
    expect(Math.max(...used)).toBeGreaterThan(0.15)
    expect(line.givenCpus.at(-1)).toBe(0)
    expect(line.usedCpus.at(-1)).toBe(0)
    expect(line.agents['online']?.at(-1)).toBe(0)
  })
})

test('CPUs that an agent, its template and its host use are those of the last minute', async () => {
  const farm = await start({ templates: { linux: LINUX }, use: { cpus: 0.25, memMib: 100 } })
  farm.job('long', 900_000)
  await farm.until(() => farm.running === 1, 60_000, 'the build')
  await farm.advance(90_000)
  const { agents, templates, hosts } = await get<View>(farm, '/api/v1/state')
  expect(agents[0]).toMatchObject({ keep: 'busy', words: expect.stringContaining('busy with long') })
  expect(agents[0]?.usedCpus).toBeCloseTo(0.25, 2)
  expect(templates[0]?.usedCpus).toBeCloseTo(0.25, 2)
  expect(templates[0]?.usedMemMib).toBeCloseTo(100, 0)
  const host = hosts.find(({ hostname }) => hostname === agents[0]?.hostname)
  expect(host?.usedCpus).toBeCloseTo(0.25, 2)
  expect(host?.freeCpus).toBeGreaterThan(0)
  const summary = await get<SummaryView>(farm, '/api/v1/summary')
  expect(summary).toMatchObject({ agents: { online: 1 }, queue: {} })
  expect(summary.usedCpus).toBeCloseTo(0.25, 2)
})

test('what a person changed shows at once, however young the last answer is', async () => {
  const farm = await start({ templates: { linux: LINUX } })
  await farm.advance(10_000)
  expect((await get<View>(farm, '/api/v1/state')).paused).toMatchObject({ all: false })
  await farm.action('pause')
  expect((await get<View>(farm, '/api/v1/state')).paused).toMatchObject({ all: true })
  expect((await get<SummaryView>(farm, '/api/v1/summary')).paused).toMatchObject({ all: true })
  await farm.action('resume')
})

test('hosts tell why they take no further agent', async () => {
  const big = { ...LINUX, cpus: { agent: 64, perExecutor: 1 } }
  const farm = await start({ templates: { linux: LINUX, big } })
  farm.job('app', 300_000)
  await farm.until(() => farm.running === 1, 60_000, 'the build')
  const { items } = await get<{ items: readonly { refusals: readonly object[] }[] }>(farm, '/api/v1/hosts')
  expect(items[0]?.refusals).toContainEqual({ template: 'big', words: [expect.stringContaining('needs cpus 65')] })
})

test('invariant 10: no answer holds a secret, whatever is asked for', async () => {
  const farm = await start({ templates: { linux: { ...LINUX, environment: { DB_PASSWORD: 'hush-hush-1' } } } })
  farm.job('app', 30_000)
  await farm.allSucceed(300_000)
  for (const path of ['summary', 'state', 'events', 'timeline', 'configuration', 'plan', 'metrics', 'hosts']) {
    const { body, statusCode } = await farm.life.ask(`/api/v1/${path}`)
    expect([path, statusCode]).toEqual([path, 200])
    expect(body).not.toContain('hush-hush-1')
  }
})
