import { describe, expect, test } from '@jest/globals'
import { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import type { CrashPoint } from '../support/sidecar-life.ts'
import { health, leads, pair } from '../support/sidecar-pair.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const SESSION_MS = 10_000
const TAKEN_OVER_MS = SESSION_MS + 1_000

test('one leads and works; the other stands by, is ready, shows who leads, and asks nothing of anybody', async () => {
  const farm = await pair(start)
  farm.job('a', 5_000)
  await farm.allSucceed(60_000)
  const { life } = farm.sidecar('b')
  const ready = await life.ask({ url: '/health/ready' })
  expect(ready.statusCode).toBe(200)
  expect(ready.json()).toMatchObject({ status: 'standby', words: expect.stringContaining('process 1 on a') as unknown })
  expect((await life.ask({ url: '/health/live' })).statusCode).toBe(200)
  expect((await life.ask({ url: '/api/v1/state' })).json()).toMatchObject({
    leadership: { role: 'standby' },
    agents: [],
  })
  expect((await life.ask({ url: '/api/v1/state' })).body).toContain('standby: process 1 on a')
  expect((await life.program.scrape()).text).toContain('jenkins_mesos_leader 0')
  expect((await farm.sidecar('a').life.program.scrape()).text).toContain('jenkins_mesos_leader 1')
  expect(farm.state?.calls.filter(({ by }) => by.startsWith('b'))).toEqual([])
  await farm.empty(90_000)
})

test('invariant 9: a leader that is told to stop hands over at once, and its agents go on', async () => {
  const farm = await pair(start)
  farm.job('a', 60_000)
  await farm.until(() => farm.running === 1, 60_000)
  const stopped = farm.sidecar('a').stop()
  await farm.until(leads(farm, 'b'), 2_000, 'the other leading')
  await stopped
  farm.job('b', 5_000)
  await farm.allSucceed(120_000)
  expect(farm.launched.length).toBeLessThanOrEqual(2)
  await farm.empty(120_000)
})

describe('invariants 8 and 9: kill -9 of the leader', () => {
  const OPTIONS = {
    zookeeper: true,
    hosts: 1,
    templates: { linux: { ...LINUX, idleTimeoutSeconds: 5, connectTimeoutSeconds: 20, maxAgents: 1 } },
  }

  /** An agent comes, builds and goes, and the leader dies at one step of it. */
  async function life(crashAt: number | undefined, point: CrashPoint): Promise<{ steps: number; wrong: string[] }> {
    const farm = await Farm.start({ ...OPTIONS, crashAt: (_step, index) => (index === crashAt ? point : undefined) })
    const wrong: string[] = []
    let steps = 0
    try {
      await farm.until(() => leads(farm, 'a')() || !farm.sidecar('a').isAlive, 5_000, 'a leader')
      await farm.startSidecar({}, 'b')
      farm.job('a', 3_000)
      await farm.until(() => farm.results.every((result) => result === 'SUCCESS'), 300_000, 'the end of the build')
      await farm.empty(420_000)
      steps = farm.steps.length
      if (crashAt !== undefined && farm.sidecar('a').isAlive) wrong.push('the step never came')
      if (crashAt !== undefined) await farm.until(leads(farm, 'b'), TAKEN_OVER_MS, 'the other leading')
      await farm.close()
    } catch (error) {
      wrong.push(error instanceof Error ? error.message : String(error))
      await farm.close().catch(() => undefined)
    }
    return { steps, wrong }
  }

  test.each(['before', 'after'] as const)(
    '%s each step of the life of an agent: the standby takes over and adopts it, and the build succeeds',
    async (point) => {
      const { steps, wrong } = await life(undefined, point)
      expect(wrong).toEqual([])
      const failures: string[] = []
      for (let index = 0; index < steps; index++) {
        const { wrong: found } = await life(index, point)
        if (found.length > 0) failures.push(`${point} step ${index}: ${found.join('\n')}`)
      }
      expect(failures).toEqual([])
    },
    120_000,
  )

  test('during provisioning: the other one leads within the session timeout', async () => {
    const farm = await pair(start, { startMs: 3_000 })
    farm.job('a', 20_000)
    await farm.until(() => farm.launched.length === 1, 60_000)
    farm.sidecar('a').life.kill()
    await farm.until(leads(farm, 'b'), TAKEN_OVER_MS, 'the other leading')
    await farm.allSucceed(120_000)
    expect(
      farm
        .sidecar('b')
        .life.program.view()
        .agents.map(({ agentId }) => agentId),
    ).toEqual([farm.launched[0]?.info.task_id.value])
    expect(farm.launched).toHaveLength(1)
    await farm.empty(120_000)
  })
})

describe('invariant 9: a leader that stands still for a minute', () => {
  test.each([
    ['while it launches', 3],
    ['while a build runs', 12],
  ])('%s acts on nothing when it goes on, and stands by', async (_, seconds) => {
    const farm = await pair(start, { startMs: 2_000 })
    farm.job('a', 20_000)
    await farm.advance(seconds * 1_000)
    const { life } = farm.sidecar('a')
    const resume = life.pause()
    farm.job('b', 20_000)
    await farm.until(leads(farm, 'b'), TAKEN_OVER_MS, 'the other leading')
    await farm.advance(60_000 - TAKEN_OVER_MS)
    const before = farm.state?.calls.filter(({ by }) => by.startsWith('a')).length
    resume()
    await farm.until(() => health(farm, 'a') === 'standby', 30_000, 'the first standing by')
    expect(farm.state?.calls.filter(({ by }) => by.startsWith('a'))).toHaveLength(before ?? -1)
    await farm.allSucceed(180_000)
    await farm.empty(180_000)
  })
})

describe('trouble with ZooKeeper', () => {
  test('a connection that breaks: the leader loads its state again and goes on', async () => {
    const farm = await pair(start)
    farm.job('a', 30_000)
    await farm.until(() => farm.running === 1, 60_000)
    farm.state?.ensemble.cutClient('a-1')
    await farm.until(() => !leads(farm, 'a')(), 1_000, 'the loss noticed')
    await farm.advance(3_000)
    expect(leads(farm, 'a')()).toBe(true)
    farm.job('b', 5_000)
    await farm.allSucceed(120_000)
    expect(farm.launched.length).toBeLessThanOrEqual(2)
    await farm.empty(120_000)
  })

  test('no quorum for a minute: nobody acts, builds go on, and afterwards everything does', async () => {
    const farm = await pair(start)
    farm.job('a', 30_000)
    await farm.until(() => farm.running === 1, 60_000)
    farm.state?.ensemble.loseQuorum()
    await farm.advance(1_000)
    const calls = farm.state?.calls.length ?? 0
    farm.job('b', 5_000)
    await farm.advance(60_000)
    expect(farm.state?.calls.length).toBe(calls)
    expect([health(farm, 'a'), health(farm, 'b')]).toEqual(['disconnected', 'disconnected'])
    expect((await farm.sidecar('a').life.ask({ url: '/health/ready' })).statusCode).toBe(503)
    farm.state?.ensemble.regainQuorum()
    await farm.allSucceed(180_000)
    await farm.empty(180_000)
  })

  test.each([0, 1, 2])('server %i of ZooKeeper frozen: one leads, and the work goes on', async (server) => {
    const farm = await pair(start)
    farm.job('a', 30_000)
    await farm.until(() => farm.running === 1, 60_000)
    farm.state?.ensemble.freeze(server)
    farm.job('b', 5_000)
    await farm.allSucceed(180_000)
    farm.state?.ensemble.thaw(server)
    await farm.empty(180_000)
  })

  test('an answer to a commit that is lost: nothing is launched twice', async () => {
    const farm = await pair(start)
    farm.job('a', 10_000)
    await farm.advance(500)
    farm.state?.ensemble.loseNextAnswer()
    await farm.allSucceed(180_000)
    expect(farm.launched).toHaveLength(1)
    await farm.empty(180_000)
  })

  test('the clock of the machine is set an hour back and two forth: the leader stays', async () => {
    const farm = await pair(start)
    for (const hours of [-1, 2]) {
      farm.clock.offsetMs += hours * 3_600_000
      await farm.advance(20_000)
      expect([leads(farm, 'a')(), leads(farm, 'b')()]).toEqual([true, false])
    }
  })
})
