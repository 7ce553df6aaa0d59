import { describe, expect, test } from '@jest/globals'
import { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import type { CrashPoint, Step } from '../support/sidecar-life.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

describe('invariants 1, 2 and 8: the state is lost', () => {
  test('with builds running: their agents are adopted, every build succeeds, and nothing is left', async () => {
    const farm = await start()
    farm.job('a', 200_000).job('b', 100_000)
    await farm.until(() => farm.running === 2, 30_000)
    const before = farm.agentNodes
    farm.crashSidecar()
    farm.store.lose()
    await farm.startSidecar()
    await farm.until(() => farm.records.length === 2, 10_000, 'two records')
    expect(farm.records.map(({ agentId }) => agentId).toSorted()).toEqual(before.toSorted())
    for (const record of farm.records) {
      expect(record).toMatchObject({ template: 'linux', state: 'online', executors: 1, taskState: 'TASK_RUNNING' })
      expect(record.reason).toContain('adopted')
      expect(record.mesosAgentId).toBeDefined()
    }
    await farm.allSucceed(260_000)
    await farm.empty(90_000) // reaped for idleness, as if nothing had been: not after the two minutes of an orphan
    expect(farm.mesos.snapshot().frameworks).toHaveLength(1)
    expect(farm.launched).toHaveLength(2)
    expect(await farm.metric('reaps_total{template="linux",reason="idle"}')).toBe(2)
    expect(await farm.metric('orphans_removed_total{kind="node"}')).toBe(0)
  })

  test('invariant 3: adopted agents count before anything is launched, and serve what waits', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, maxAgents: 2 } } })
    farm.job('a', 60_000).job('b', 60_000)
    await farm.until(() => farm.running === 2, 30_000)
    farm.crashSidecar()
    farm.store.lose()
    farm.job('c', 5_000).job('d', 5_000).job('e', 5_000)
    await farm.startSidecar()
    await farm.allSucceed(180_000)
    expect(farm.launched).toHaveLength(2)
    await farm.empty(90_000)
  })

  test('while an agent starts: its token is lost, nobody is to blame, and another one takes the build', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.until(() => farm.launched.length === 1, 30_000, 'the launch')
    farm.crashSidecar()
    farm.store.lose()
    await farm.startSidecar()
    await farm.allSucceed(120_000)
    expect(farm.view.templates[0]?.failures).toBe(0)
    await farm.empty(400_000)
  })

  test('an agent whose launch never left is an orphan: its node goes, and its place is free', async () => {
    let accepts = 0
    const farm = await start({
      templates: { linux: { ...LINUX, maxAgents: 1 } },
      crashAt: ({ name }) => (name === 'ACCEPT' && accepts++ === 0 ? 'before' : undefined),
    })
    farm.job('a', 5_000)
    await farm.until(() => !farm.life.alive, 30_000, 'the crash')
    farm.store.lose()
    await farm.startSidecar()
    await farm.allSucceed(240_000)
    await farm.empty(90_000)
    expect(await farm.metric('orphans_removed_total{kind="node"}')).toBe(1)
  })

  test('invariant 1: a template that is not there any more: its agent is an orphan, and goes after its build', async () => {
    const farm = await start()
    farm.job('a', 300_000)
    await farm.until(() => farm.running === 1, 30_000)
    farm.crashSidecar()
    farm.store.lose()
    await farm.startSidecar({ TEMPLATES: JSON.stringify({ templates: { other: { ...LINUX, labels: ['other'] } } }) })
    await farm.advance(200_000)
    expect(farm.running).toBe(1)
    await farm.allSucceed(200_000)
    await farm.empty(400_000)
    expect(await farm.metric('orphans_removed_total{kind="node"}')).toBe(1)
    expect(await farm.metric('orphans_removed_total{kind="task"}')).toBe(1)
  })

  test('an agent that was draining while its build runs gets no other build', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, oneShot: true, maxAgents: 1 } } })
    farm.job('a', 60_000)
    await farm.until(() => farm.records[0]?.state === 'draining', 60_000, 'the drain')
    const [agent] = farm.agentNodes
    farm.crashSidecar()
    farm.store.lose()
    farm.job('b', 5_000)
    await farm.startSidecar()
    await farm.until(() => farm.results.includes('SUCCESS'), 90_000, 'the first build')
    await farm.until(() => farm.agentNodes[0] !== agent, 60_000, 'the first agent gone')
    await farm.allSucceed(60_000)
    expect(farm.launched).toHaveLength(2)
    await farm.empty(90_000)
  })

  test('the framework of the nodes was removed meanwhile: they go, and a new one begins', async () => {
    const farm = await start({ environment: { MESOS_FAILOVER_TIMEOUT_SECONDS: '10' } })
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    farm.crashSidecar()
    await farm.advance(20_000)
    expect(farm.mesos.snapshot().frameworks).toEqual([])
    farm.store.lose()
    await farm.startSidecar()
    await farm.empty(200_000)
    expect(farm.view.problems).toEqual([])
  })
})

describe('invariants 2 and 8: an older copy of the state is put back', () => {
  test('records of agents that are long gone go, those that are missing are made again', async () => {
    const farm = await start()
    farm.job('old', 5_000)
    await farm.until(() => farm.running === 1, 30_000)
    const copy = await farm.store.copy()
    await farm.allSucceed(30_000)
    await farm.empty(90_000)
    farm.job('new', 200_000)
    await farm.until(() => farm.running === 1, 30_000)
    const [agent] = farm.agentNodes
    farm.crashSidecar()
    farm.store.restore(copy)
    expect(farm.records.map(({ agentId }) => agentId)).not.toContain(agent)
    await farm.startSidecar()
    await farm.until(() => farm.records.some(({ agentId }) => agentId === agent), 10_000, 'the adoption')
    await farm.until(() => farm.records.length === 1, 30_000, 'the old record gone')
    await farm.allSucceed(250_000)
    await farm.empty(90_000)
    expect(farm.launched).toHaveLength(2)
  })
})

describe('two sidecars on one Jenkins', () => {
  test('an empty state takes the framework of its own nodes, not that of another sidecar', async () => {
    const farm = await start()
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    farm.crashSidecar()
    farm.store.lose()
    await farm.startSidecar({ MESOS_FRAMEWORK_NAME: 'second' })
    await farm.until(() => farm.view.mesos.subscribed, 10_000, 'the subscription')
    await farm.advance(20_000)
    expect(farm.mesos.snapshot().frameworks).toHaveLength(2)
    const anchors = farm.jenkins.nodes.map(({ name }) => name).filter((name) => name.startsWith('anchor-'))
    expect(anchors.toSorted()).toEqual(['anchor-linux', 'anchor-linux-second'])
    expect(farm.view.problems).toEqual([])
    expect(farm.logged.filter((line) => line.includes('anchors of framework jenkins are in Jenkins'))).toHaveLength(1)
    await farm.advance(200_000)
    expect(farm.agentNodes).toHaveLength(1)
  })
})

describe('invariant 8: kill -9 in the middle of the adoption', () => {
  test.each(['before', 'after'] as const)(
    'crashing %s each of its steps loses no build and leaves nothing',
    async (point) => {
      const { steps, wrong } = await adoption(undefined, point)
      expect(wrong).toEqual([])
      const failures: string[] = []
      for (const [index, { name }] of steps.entries()) {
        const { wrong: found } = await adoption(index, point)
        if (found.length > 0) failures.push(`${point} step ${index}, ${name}: ${found.join('\n')}`)
      }
      expect(failures).toEqual([])
    },
    120_000,
  )
})

/** Two builds run when the state is lost; the second life dies at the step. @returns the steps of the second life */
async function adoption(
  crashAt: number | undefined,
  point: CrashPoint,
): Promise<{ readonly steps: readonly Step[]; readonly wrong: readonly string[] }> {
  let first = Number.POSITIVE_INFINITY
  const farm = await Farm.start({
    hosts: 2,
    templates: { linux: { ...LINUX, idleTimeoutSeconds: 10, maxAgents: 2 } },
    crashAt: (_step, index) => (index - first === crashAt ? point : undefined),
  })
  const wrong: string[] = []
  try {
    farm.job('a', 15_000).job('b', 8_000)
    await farm.until(() => farm.running === 2, 30_000)
    farm.crashSidecar()
    farm.store.lose()
    first = farm.steps.length
    farm.job('c', 5_000)
    await farm.startSidecar()
    const goesOn = async (done: () => boolean, limitMs: number, what: string): Promise<void> => {
      for (;;) {
        await farm.until(() => !farm.life.alive || done(), limitMs, what)
        if (farm.life.alive) return
        await farm.startSidecar()
      }
    }
    await goesOn(() => farm.results.every((result) => result !== 'running' && result !== 'queued'), 120_000, 'builds')
    if (farm.results.some((result) => result !== 'SUCCESS')) wrong.push(`builds: ${farm.results.join(' ')}`)
    await goesOn(() => farm.agentNodes.length === 0 && farm.tasks.length === 0, 400_000, 'an empty farm')
    await goesOn(() => farm.view.agents.length === 0, 60_000, 'an empty store')
    if (!farm.life.alive) await farm.startSidecar()
    if (farm.launched.length !== 2) wrong.push(`${farm.launched.length} launches`)
    await farm.close()
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error))
  }
  return { steps: farm.steps.slice(first), wrong }
}
