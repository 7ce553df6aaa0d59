import { describe, expect, test } from '@jest/globals'
import type { AgentId } from '../../src/core/model.ts'
import { Reconciler } from '../../src/loop/reconcile.ts'
import { aRecord, NOW } from '../support/builders.ts'
import { aRig, argsOf, type RigOptions } from '../support/loop-rig.ts'

const one = aRecord({ agentId: 'mesos-linux-1' })
const two = aRecord({ agentId: 'mesos-linux-2' })

function subscribed(options: RigOptions = {}) {
  const rig = aRig(options)
  rig.world.mesos = { ...rig.world.mesos, subscribed: true }
  const reconciler = new Reconciler(rig.context)
  /** When it asked, in ms from the start, and for which tasks; `[]` is implicit. */
  const asked: [number, readonly string[]][] = []
  const reconcile = rig.context.mesos.reconcile
  Object.assign(rig.context.mesos, {
    reconcile: async (tasks: readonly { readonly taskId: string }[]) => {
      asked.push([rig.clock.now() - NOW, tasks.map(({ taskId }) => taskId)])
      await reconcile(tasks as never)
    },
  })
  return { ...rig, reconciler, asked }
}

describe('after a subscribe', () => {
  test('every task is asked for with its host, again with back-off, until it is told', async () => {
    const { world, reconciler, asked, clock, calls } = subscribed()
    world.put(one)
    world.put(two)
    reconciler.start()
    await clock.advance(3_000)
    reconciler.heard(one.agentId)
    await clock.advance(130_000)
    expect(argsOf(calls, 'reconcile')[0]).toEqual([
      [
        { taskId: one.agentId, mesosAgentId: 'S1' },
        { taskId: two.agentId, mesosAgentId: 'S1' },
      ],
    ])
    // Each task in a question gives its answer 2 ms more; 10 s after the begin planning begins, and all is asked for.
    expect(asked.map(([at, tasks]) => [at, tasks.length])).toEqual([
      [0, 2],
      [1_004, 2],
      [3_008, 1],
      [7_010, 1],
      [10_004, 0],
      [15_012, 1],
      [31_014, 1],
      [63_016, 1],
      [123_018, 1],
    ])
  })

  test('planning may begin once all is told, which is asked once more without naming any', async () => {
    const { world, reconciler, asked, triggers } = subscribed()
    world.put(one)
    reconciler.start()
    expect([world.mesos.reconciled, triggers]).toEqual([false, []])
    reconciler.heard(one.agentId)
    expect([world.mesos.reconciled, triggers]).toEqual([true, ['status']])
    expect(asked.at(-1)).toEqual([0, []])
  })

  test('planning may begin after 10 s although some are silent', async () => {
    const { world, reconciler, clock, triggers } = subscribed()
    world.put(one)
    reconciler.start()
    await clock.advance(10_001)
    expect(world.mesos.reconciled).toBe(false)
    await clock.advance(1)
    expect([world.mesos.reconciled, triggers]).toEqual([true, ['status']])
  })

  test('with no task known, only the implicit question is asked', () => {
    const { world, reconciler, asked } = subscribed()
    reconciler.start()
    expect([asked, world.mesos.reconciled]).toEqual([[[0, []]], true])
  })

  test('what cannot run is not asked for', () => {
    const { world, reconciler, asked } = subscribed()
    world.put(aRecord({ agentId: 'ended', taskEnded: true, state: 'stopping' }))
    world.put(aRecord({ agentId: 'preparing', state: 'planned' }))
    world.put(aRecord({ agentId: 'ready', state: 'planned' }))
    world.put(aRecord({ agentId: 'left-behind', state: 'planned' }))
    world.busy.add('preparing' as AgentId)
    world.ready.add('ready' as AgentId)
    reconciler.start()
    expect(asked).toEqual([[0, ['left-behind']]])
  })

  test('an agent that went meanwhile is not waited for', async () => {
    const { world, reconciler, asked, clock } = subscribed()
    world.put(one)
    reconciler.start()
    world.put({ ...one, state: 'gone' })
    await clock.advance(1_002)
    expect([asked.at(-1), world.mesos.reconciled]).toEqual([[1_002, []], true])
  })
})

test('a planned agent whose host is out of reach is asked for again: it may never have been launched', async () => {
  const { world, reconciler, asked, clock } = subscribed()
  const planned = aRecord({ agentId: 'planned', state: 'planned', taskState: 'TASK_UNREACHABLE' })
  world.put(planned)
  reconciler.start()
  reconciler.heard(planned.agentId)
  await clock.advance(1_002)
  expect(asked).toHaveLength(2)
  world.put({ ...planned, state: 'starting' })
  reconciler.heard(planned.agentId)
  expect(asked.at(-1)).toEqual([1_002, []])
})

test('a big farm is asked for in batches, and its answers are given time', async () => {
  const { world, reconciler, asked, clock } = subscribed()
  for (let index = 0; index < 5_000; index++) world.put(aRecord({ agentId: `mesos-linux-${index}` }))
  reconciler.start()
  await clock.advance(10_999)
  expect(asked.map(([at, tasks]) => [at, tasks.length])).toEqual(Array.from({ length: 10 }, () => [0, 500]))
  expect(world.mesos.reconciled).toBe(false)
  for (let index = 0; index < 5_000; index++) reconciler.heard(`mesos-linux-${index}` as AgentId)
  expect(world.mesos.reconciled).toBe(true)
  expect(asked).toHaveLength(11)
})

describe('later', () => {
  test('everything is asked again after 15 minutes', async () => {
    const { world, reconciler, asked, clock } = subscribed()
    reconciler.start()
    world.put(one)
    await clock.advance(899_999)
    expect(asked).toHaveLength(1)
    await clock.advance(1)
    expect(asked.slice(1)).toEqual([
      [900_000, []],
      [900_000, [one.agentId]],
    ])
  })

  test('strays are swept every minute, and asked for by name, as Mesos does not list what has ended', async () => {
    const { world, reconciler, asked, clock } = subscribed()
    reconciler.start()
    world.strays.set('s' as AgentId, {
      taskId: 's' as AgentId,
      mesosAgentId: undefined,
      state: 'TASK_RUNNING',
      since: NOW,
      sweeps: 1,
      lastSweep: NOW,
    })
    await clock.advance(120_000)
    expect(asked).toEqual([
      [0, []],
      [60_000, []],
      [60_000, ['s']],
      [120_000, []],
      [120_000, ['s']],
    ])
  })

  test('a question that could not be asked is asked again', async () => {
    const failing = async () => {
      throw new Error('no subscription')
    }
    const { world, reconciler, asked, clock, text } = subscribed({ mesos: { reconcile: failing } })
    world.put(one)
    reconciler.start()
    await clock.advance(1_002)
    expect(asked).toHaveLength(2)
    expect(text()).toContain('no subscription')
  })

  test('a stop ends all asking, and a new start begins with the first pause', async () => {
    const { world, reconciler, asked, clock } = subscribed()
    world.put(one)
    reconciler.start()
    await clock.advance(7_000)
    reconciler.stop()
    expect(clock.pending).toBe(0)
    asked.length = 0
    reconciler.start()
    await clock.advance(1_002)
    expect(asked.map(([at]) => at)).toEqual([7_000, 8_002])
  })

  test('nothing counts as reconciled while the subscription is gone', async () => {
    const { world, reconciler, clock } = subscribed()
    world.put(one)
    reconciler.start()
    world.mesos = { ...world.mesos, subscribed: false }
    await clock.advance(20_000)
    expect(world.mesos.reconciled).toBe(false)
  })
})
