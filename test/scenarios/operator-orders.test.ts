import { describe, expect, test } from '@jest/globals'
import { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import type { CrashPoint, Step } from '../support/sidecar-life.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

describe('an operator asks for agents', () => {
  test('so many come beside those of the queue, stay for their idle timeout, and go', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, maxAgents: 10 } } })
    await farm.until(() => farm.view.health.status === 'ok', 30_000)
    farm.job('a', 90_000)
    const { status, words } = await farm.action('provision', { template: 'linux', agents: 3 })
    expect([status, words]).toEqual([
      200,
      '3 agents of template linux are wanted beyond what the queue calls for: each is started as soon as a host offers room, within 10 minutes.',
    ])
    await farm.until(() => farm.onlineAgents === 4, 30_000, 'one for the build and three that were asked for')
    await farm.advance(20_000)
    expect(farm.onlineAgents).toBe(4)
    await farm.until(() => farm.onlineAgents === 1, 30_000, 'the idle ones gone')
    await farm.allSucceed(120_000)
    await farm.empty(120_000)
    expect(farm.launched).toHaveLength(4)
    expect(farm.logged.filter((line) => line.includes('operator asked for are launched'))).toHaveLength(1)
  })

  test('a cap leaves room for some: the answer says so, and the rest is dropped after ten minutes, with a log line', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, maxAgents: 2, idleTimeoutSeconds: 3_600 } } })
    await farm.until(() => farm.view.health.status === 'ok', 30_000)
    const { words } = await farm.action('provision', { template: 'linux', agents: 3 })
    expect(words).toContain(
      '3 agents of template linux are wanted beyond what the queue calls for; there is room for 2',
    )
    await farm.until(() => farm.onlineAgents === 2, 30_000)
    await farm.advance(10_000)
    expect(farm.view.templates[0]?.ordered).toMatch(/asked for 3 agents: 2 are launched, 1 waits: .*2 agents/)
    await farm.advance(600_000)
    expect(farm.onlineAgents).toBe(2)
    expect(farm.view.templates[0]?.ordered).toBeUndefined()
    expect(farm.logged.filter((line) => line.includes('are not wanted any more'))).toHaveLength(1)
  })

  test('a paused template, one that is not there and a number out of range are refused', async () => {
    const farm = await start()
    await farm.until(() => farm.view.health.status === 'ok', 30_000)
    expect(await farm.action('provision', { template: 'linus', agents: 1 })).toMatchObject({ status: 404 })
    expect(await farm.action('provision', { template: 'linux', agents: 0 })).toMatchObject({ status: 400 })
    await farm.action('pause', { template: 'linux' })
    expect(await farm.action('provision', { template: 'linux', agents: 1 })).toMatchObject({ status: 409 })
    await farm.advance(30_000)
    expect(farm.launched).toEqual([])
  })

  test('the host takes one after the other: never more than were asked for, while rounds run and agents are made', async () => {
    const farm = await start({ hosts: 3, latencyMs: 400, templates: { linux: { ...LINUX, idleTimeoutSeconds: 600 } } })
    await farm.until(() => farm.view.health.status === 'ok', 60_000)
    await farm.action('provision', { template: 'linux', agents: 4 })
    for (let round = 0; round < 20; round++) {
      await farm.action('resume') // asks for a round
      await farm.advance(1_000)
      expect(farm.records.length).toBeLessThanOrEqual(4)
    }
    await farm.until(() => farm.onlineAgents === 4, 60_000)
    await farm.advance(60_000)
    expect(farm.launched).toHaveLength(4)
  })
})

/** An operator asks for three agents, the sidecar dies at one step and is started again, and all goes in the end. */
async function orderedDay(crashAt: number | undefined, point: CrashPoint): Promise<readonly Step[]> {
  let crashed = false
  const farm = await Farm.start({
    latencyMs: 70,
    templates: { linux: { ...LINUX, idleTimeoutSeconds: 10, connectTimeoutSeconds: 30 } },
    crashAt: (_step, index) => {
      if (index !== crashAt) return undefined
      crashed = true
      return point
    },
  })
  farm.jenkins.createJob({ name: 'any', label: 'linux', durationMs: 1_000 })
  const goesOn = async (done: () => boolean, what: string): Promise<void> => {
    for (;;) {
      await farm.until(() => !farm.life.alive || done(), 420_000, what)
      if (farm.life.alive) return
      await farm.advance(1_000)
      await farm.startSidecar()
    }
  }
  await goesOn(() => farm.view.health.status === 'ok', 'a healthy sidecar')
  void farm.action('provision', { template: 'linux', agents: 3 }).catch(() => undefined)
  await goesOn(() => crashed || farm.onlineAgents === 3, 'the crash')
  await goesOn(
    () => farm.agentNodes.length === 0 && farm.tasks.length === 0 && farm.records.length === 0,
    'nothing left',
  )
  expect(farm.launched.length).toBeLessThanOrEqual(3)
  const { steps } = farm
  await farm.close()
  return steps
}

test.each<CrashPoint>(['before', 'after'])(
  'invariants 2, 4 and 8: a crash %s any step neither doubles nor leaks agents that were asked for',
  async (point) => {
    const steps = await orderedDay(undefined, point)
    const first = steps.findIndex(({ name }) => name.includes('agent/'))
    expect(first).toBeGreaterThan(0)
    const last = steps.findIndex(({ name }) => name.includes('ACCEPT'))
    const failures: string[] = []
    for (let index = first; index <= last + 4; index++) {
      const error: unknown = await orderedDay(index, point).catch((thrown: unknown) => thrown)
      if (error instanceof Error) failures.push(`step ${index}, ${steps[index]?.name ?? ''}: ${error.message}`)
    }
    expect(failures).toEqual([])
  },
  60_000,
)
