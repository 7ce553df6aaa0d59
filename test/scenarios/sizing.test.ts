import { describe, expect, test } from '@jest/globals'
import type { SizingView } from '../../src/core/sizing-advice.ts'
import type { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

/** Asks for 2 CPUs and 2048 MiB, and each agent has one build. */
const ONCE = {
  ...LINUX,
  cpus: { agent: 0.1, perExecutor: 1.9 },
  memMib: { agent: 512, perExecutor: 1536, factor: 1 },
  oneShot: true,
  maxAgents: 6,
}
const BUILDS = 24

async function sizingOf(farm: Farm, template = 'linux'): Promise<SizingView> {
  const { body } = await farm.life.ask('/api/v1/sizing')
  const { templates } = JSON.parse(body) as { readonly templates: readonly SizingView[] }
  const found = templates.find((one) => one.template === template)
  if (found === undefined) throw new Error(`nothing of ${template} in ${body}`)
  return found
}

async function leads(farm: Farm): Promise<void> {
  await farm.until(() => farm.view.leadership.role === 'leader', 60_000, 'a leader')
}

describe('what past agents used', () => {
  test.each([
    ['a folder', false],
    ['ZooKeeper', true],
  ])('is measured, kept in %s over a crash, and turned into advice', async (_, zookeeper) => {
    const farm = await start({ zookeeper, templates: { linux: ONCE }, use: { cpus: 0.5, memMib: 512 } })
    await leads(farm)
    expect(await sizingOf(farm)).toMatchObject({ cpus: { asked: 2, measured: 0 }, memMib: { asked: 2048 } })
    for (let build = 0; build < BUILDS; build++) farm.job(`job-${build}`, 90_000)
    await farm.allSucceed(600_000)
    await farm.empty(60_000)
    await farm.advance(90_000)
    const before = await sizingOf(farm)
    expect(before).toMatchObject({
      cpus: { measured: BUILDS, agents: { p50: 0.5, p95: 0.5, max: 0.5 } },
      memMib: { measured: BUILDS, agents: { max: 512 } },
    })
    expect(before.advice).toContain('cpus.perExecutor 0.4 would do (now 1.9)')
    expect(before.advice).toContain('memMib.perExecutor 128 would do (now 1536)')
    expect(await farm.metric('executor_cpus_used{template="linux",stat="p95"}')).toBe(0.5)
    expect(await farm.metric('measured_agents{template="linux"}')).toBe(BUILDS)

    await farm.restartSidecar()
    await leads(farm)
    await farm.advance(15_000)
    expect(await sizingOf(farm)).toEqual(before)
  })

  test('is of its executors, however many builds an agent runs at once', async () => {
    const two = { ...LINUX, executors: { min: 2, max: 2 }, cpus: { agent: 0, perExecutor: 1 } }
    const farm = await start({ templates: { linux: two }, use: { cpus: 1, memMib: 256 } })
    farm.job('a', 60_000).job('b', 60_000)
    await farm.allSucceed(120_000)
    await farm.empty(120_000)
    await farm.advance(15_000)
    expect(farm.launched).toHaveLength(1)
    expect(await sizingOf(farm)).toMatchObject({
      cpus: { asked: 1, measured: 1, agents: { max: 0.5 } },
      memMib: { measured: 1, agents: { max: 128 } },
    })
    // One agent says nothing about those to come.
    expect((await sizingOf(farm)).advice).toBeUndefined()
  })

  test('goes to the store once it takes changes again', async () => {
    const farm = await start({ templates: { linux: ONCE }, use: { cpus: 0.5, memMib: 512 } })
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    farm.troubled = true
    const { mend } = farm.store.break('fails')
    await farm.advance(400_000)
    expect(farm.view.health.status).toBe('store')
    mend()
    await farm.allSucceed(60_000)
    await farm.empty(60_000)
    await farm.advance(90_000)
    expect(farm.view.health.status).toBe('ok')
    expect((await sizingOf(farm)).cpus.measured).toBe(1)
    expect([...farm.store.contents.keys()]).toContain('sizing/linux')
  })
})
