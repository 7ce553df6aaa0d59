import { describe, expect, test } from '@jest/globals'
import { forgetMended, withFailure } from '../../src/core/launch-memory.ts'
import type { AgentId, FrameworkId, MesosAgentId, OfferId, TemplateName } from '../../src/core/model.ts'
import { MesosEvents } from '../../src/loop/mesos-events.ts'
import type { MesosEvent, TaskStatus } from '../../src/loop/ports.ts'
import { Reaper } from '../../src/loop/reap.ts'
import { Reconciler } from '../../src/loop/reconcile.ts'
import { anOffer, aRecord, aTemplate, NOW, nodeOf } from '../support/builders.ts'
import { aRig, argsOf, type RigOptions } from '../support/loop-rig.ts'
import { settle } from '../support/virtual-clock.ts'

function anEventRig(options: RigOptions = {}) {
  const rig = aRig(options)
  const reconciler = new Reconciler(rig.context)
  const events = new MesosEvents(rig.context, new Reaper(rig.context), reconciler)
  return {
    ...rig,
    events,
    reconciler,
    tell: (...all: readonly MesosEvent[]): void => {
      for (const event of all) events.handle(event)
    },
  }
}

const statusOf = (taskId: string, over: Partial<TaskStatus> = {}): MesosEvent => ({
  kind: 'status',
  status: {
    taskId: taskId as AgentId,
    mesosAgentId: 'S1' as MesosAgentId,
    state: 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    reason: undefined,
    message: undefined,
    uuid: `uuid-of-${taskId}`,
    at: NOW,
    ...over,
  },
})
const acknowledged = (calls: Parameters<typeof argsOf>[0]): readonly string[] =>
  argsOf(calls, 'acknowledge').map(([status]) => (status as TaskStatus).taskId)
const starting = (agentId: string) =>
  aRecord({ agentId, state: 'starting', onlineAt: undefined, idleSince: undefined, taskState: undefined })

describe('invariant 7: statuses', () => {
  test('that come together are stored together and acknowledged in their order', async () => {
    const { tell, events, world, store, calls } = anEventRig()
    const names = Array.from({ length: 1_000 }, (_, index) => `mesos-linux-${index}`)
    for (const name of names) world.put(starting(name))
    await world.save()
    tell(...names.map((name) => statusOf(name)))
    await events.idle()
    expect(store.commits).toHaveLength(2)
    expect(acknowledged(calls)).toEqual(names)
  })

  test('that come while others are stored go into the next commit, and none is acknowledged before its own', async () => {
    const { tell, events, world, store, calls } = anEventRig()
    const release: (() => void)[] = []
    const commit = store.commit
    Object.assign(store, {
      commit: async (changes: Parameters<typeof commit>[0]) => {
        await new Promise<void>((resolve) => release.push(resolve))
        await commit(changes)
      },
    })
    for (const name of ['a', 'b', 'c']) world.put(starting(name))
    tell(statusOf('a'))
    await settle()
    tell(statusOf('b'), statusOf('c'))
    await settle()
    expect([release.length, acknowledged(calls)]).toEqual([1, []])
    release.shift()?.()
    await settle()
    expect([release.length, acknowledged(calls)]).toEqual([1, ['a']])
    release.shift()?.()
    await events.idle()
    expect(acknowledged(calls)).toEqual(['a', 'b', 'c'])
  })

  test('are not acknowledged where the store fails, and come again', async () => {
    const { tell, events, world, store, calls } = anEventRig()
    world.put(starting('a'))
    store.failure = new Error('no space left')
    tell(statusOf('a'))
    await events.idle()
    expect(acknowledged(calls)).toEqual([])
    store.failure = undefined
    tell(statusOf('a'))
    await events.idle()
    expect(acknowledged(calls)).toEqual(['a'])
    expect(store.commits.flat().map(({ value }) => value)).toMatchObject([{ taskState: 'TASK_RUNNING' }])
  })

  test('without a uuid are stored and never acknowledged', async () => {
    const { tell, events, world, calls } = anEventRig()
    world.put(starting('a'))
    tell(statusOf('a', { uuid: undefined }))
    await events.idle()
    expect([world.get('a' as AgentId)?.taskState, acknowledged(calls)]).toEqual(['TASK_RUNNING', []])
  })
})

describe('a launch that fails', () => {
  test('for want of a user is told to people with what to do, and stands among the problems until one succeeds', async () => {
    const { tell, events, world, text } = anEventRig()
    world.put(starting('a'))
    const message = "Failed to chown directory to 'ci': No such user 'ci'"
    tell(
      statusOf('a', { state: 'TASK_DROPPED', source: 'SOURCE_AGENT', reason: 'REASON_EXECUTOR_TERMINATED', message }),
    )
    await events.idle()
    expect(
      Object.values(world.memory.troubles)
        .map(({ words }) => words)
        .join(),
    ).toMatch(/No such user 'ci'.*MESOS_USER/)
    expect(text()).toMatch(/create that user on the hosts/)
    expect(world.memory.backoff).toMatchObject({ linux: { failures: 1 } })
  })

  test('for want of memory under a build is told as well, and is no failed launch', async () => {
    const { tell, events, world } = anEventRig()
    world.put(aRecord({ agentId: 'a' }))
    tell(statusOf('a', { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_MEMORY' }))
    await events.idle()
    expect(world.memory).toMatchObject({ backoff: {}, troubles: { linux: { words: expect.stringMatching(/memMib/) } } })
  })

  test.each([
    ['an older revision of its template', { revision: 'r0' }],
    ['a state that was lost', { revision: 'adopted' }],
  ])('of an agent of %s says nothing of the template as it is now', async (_what, over) => {
    const { tell, events, world } = anEventRig()
    world.memory = withFailure(world.memory, 'linux' as TemplateName, NOW)
    world.put(aRecord({ agentId: 'a', ...over }))
    tell(statusOf('a', { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_MEMORY' }))
    await events.idle()
    // A trouble of another revision counts as mended, and its back-off with it.
    expect(forgetMended(world.memory, [aTemplate()])).toMatchObject({
      backoff: { linux: { failures: 1 } },
      troubles: {},
    })
  })

  test('on our own wish teaches nothing', async () => {
    const { tell, events, world } = anEventRig()
    world.put({ ...starting('a'), state: 'draining' })
    const before = world.memory
    tell(statusOf('a', { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LIMITATION_MEMORY' }))
    await events.idle()
    expect(world.memory).toBe(before)
  })
})

describe('hosts', () => {
  test('that are drained are avoided, and their agents drain', async () => {
    const { tell, events, world } = anEventRig()
    world.put(aRecord({ agentId: 'a' }))
    tell(statusOf('a', { state: 'TASK_KILLING', reason: 'REASON_AGENT_DRAINING' }))
    await events.idle()
    expect(world.get('a' as AgentId)).toMatchObject({ state: 'draining', reapReason: 'maintenance' })
    expect(world.memory.hostBackoff).toEqual({ 'host-1': NOW + 60_000 })
  })

  test('that are lost without a status have their tasks asked for', async () => {
    const { tell, world, calls } = anEventRig()
    world.put(aRecord({ agentId: 'here' }))
    world.put(aRecord({ agentId: 'elsewhere', mesosAgentId: 'S2' as MesosAgentId }))
    world.put(aRecord({ agentId: 'ended', state: 'stopping', taskEnded: true }))
    world.put(aRecord({ agentId: 'not-launched', state: 'planned', launchedAt: undefined }))
    tell({ kind: 'hostLost', mesosAgentId: 'S1' as MesosAgentId })
    expect(argsOf(calls, 'reconcile')).toEqual([[[{ taskId: 'here', mesosAgentId: 'S1' }]]])
    tell({ kind: 'hostLost', mesosAgentId: 'S9' as MesosAgentId })
    expect(argsOf(calls, 'reconcile')).toHaveLength(1)
  })
})

describe('maintenance', () => {
  const S1 = 'S1' as MesosAgentId
  const unavailability = { startsAt: NOW + 60_000, endsAt: undefined }
  const asked = (id: string): MesosEvent => ({
    kind: 'inverseOffers',
    offers: [{ id: id as OfferId, mesosAgentId: S1, unavailability }],
  })

  test('invariant 5: an inverse offer is accepted at once, told to people once, and remembered until it is withdrawn', async () => {
    const { tell, world, calls, lines, triggers } = anEventRig()
    tell(asked('I1'), asked('I2'))
    await settle()
    expect(argsOf(calls, 'acceptInverseOffers')).toEqual([
      [['I1'], 300],
      [['I2'], 300],
    ])
    expect([...world.hosts.windows]).toEqual([[S1, unavailability]])
    expect(lines.filter((line) => JSON.stringify(line).includes('asked for, for maintenance'))).toHaveLength(1)
    expect(triggers).toEqual(['status', 'status'])
    tell({ kind: 'inverseRescind', offerId: 'I1' as OfferId })
    expect(world.hosts.windows.size).toBe(1)
    tell({ kind: 'inverseRescind', offerId: 'I2' as OfferId }, { kind: 'inverseRescind', offerId: 'I3' as OfferId })
    expect(world.hosts.windows.size).toBe(0)
  })

  test('that is asked for again and again is over when the last of its inverse offers is withdrawn', () => {
    const { tell, world } = anEventRig()
    // An inverse offer that was answered is never withdrawn: another one follows it.
    for (let at = 0; at < 10; at++) tell(asked(`I${at}`))
    tell({ kind: 'inverseRescind', offerId: 'I9' as OfferId })
    expect(world.hosts.windows.size).toBe(0)
  })

  test('is told by offers too, and the last word counts', () => {
    const { tell, world } = anEventRig()
    tell({ kind: 'offers', offers: [anOffer({ id: 'a', unavailability })] })
    expect([...world.hosts.windows]).toEqual([[S1, unavailability]])
    tell({ kind: 'offers', offers: [anOffer({ id: 'b' })] })
    expect(world.hosts.windows.size).toBe(0)
  })

  test('is told anew by a new subscription', () => {
    const { tell, world, reconciler } = anEventRig()
    tell(asked('I1'), { kind: 'disconnected', why: 'reset' })
    expect(world.hosts.windows.size).toBe(1)
    const home = { region: 'eu', zone: 'a' }
    tell({ kind: 'subscribed', frameworkId: 'F1' as FrameworkId, master: 'm', version: '1.12.0', home })
    expect([world.hosts.windows.size, world.mesos.home]).toEqual([0, 'eu'])
    reconciler.stop()
  })

  test('is not answered by an instance that stands back or only looks', () => {
    const dry = anEventRig({ settings: { dryRun: true } })
    dry.tell(asked('I1'))
    const back = anEventRig()
    back.tell({ kind: 'refused', why: 'no' }, asked('I1'))
    expect([...argsOf(dry.calls, 'acceptInverseOffers'), ...argsOf(back.calls, 'acceptInverseOffers')]).toEqual([])
  })
})

describe('a task whose agent is gone', () => {
  test('invariant 2: is killed as soon as it comes back, and not on its way to the end', async () => {
    const { tell, events, world, calls } = anEventRig()
    world.put(aRecord({ agentId: 'a' }))
    world.put(aRecord({ agentId: 'a', state: 'gone' }))
    tell(statusOf('a', { reason: 'REASON_AGENT_REREGISTERED', uuid: undefined }))
    await events.idle()
    expect(argsOf(calls, 'kill')).toEqual([['a', 'S1']])
    tell(statusOf('a', { state: 'TASK_KILLING' }), statusOf('a', { state: 'TASK_KILLED' }))
    await events.idle()
    expect(argsOf(calls, 'kill')).toHaveLength(1)
    expect(acknowledged(calls)).toEqual(['a', 'a'])
    expect(world.strays.size).toBe(0)
  })

  test('invariant 1: is not killed at once where Jenkins has a node of it again, as from a backup', async () => {
    const { tell, events, world, calls, readingNow } = anEventRig()
    const agent = aRecord({ agentId: 'a' })
    world.put(agent)
    world.put({ ...agent, state: 'gone' })
    world.jenkins = { reading: readingNow({ nodes: [nodeOf(agent)] }), error: undefined, readMs: 1 }
    tell(statusOf('a', { reason: 'REASON_AGENT_REREGISTERED', uuid: undefined }))
    await events.idle()
    expect([argsOf(calls, 'kill'), world.strays.size]).toEqual([[], 1])
  })

  test('that nobody ever knew is left to the sweeps', async () => {
    const { tell, events, world, calls } = anEventRig()
    tell(statusOf('stranger'))
    await events.idle()
    expect([argsOf(calls, 'kill'), world.strays.size]).toEqual([[], 1])
  })
})

describe('a subscription that ended while its framework id was stored', () => {
  function slowlyStored() {
    const rig = anEventRig()
    const stored: (() => void)[] = []
    Object.assign(rig.store, { commit: () => new Promise<void>((resolve) => stored.push(resolve)) })
    rig.tell({ kind: 'subscribed', frameworkId: 'F1' as FrameworkId, master: 'm', version: '1.11.0' })
    return { ...rig, stored }
  }

  test('asks Mesos nothing any more', async () => {
    const { tell, stored, clock, calls } = slowlyStored()
    tell({ kind: 'disconnected', why: 'reset' })
    stored.shift()?.()
    await clock.advance(60_000)
    expect([argsOf(calls, 'reconcile'), clock.pending]).toEqual([[], 0])
  })

  test('is waited for, so that what is stopped afterwards stays stopped', async () => {
    const { events, reconciler, stored, clock } = slowlyStored()
    let idle = false
    const waited = events.idle().then(() => {
      idle = true
    })
    await settle()
    expect(idle).toBe(false)
    stored.shift()?.()
    await waited
    reconciler.stop()
    expect(clock.pending).toBe(0)
  })
})

test('invariants 2 and 3: with a framework that Mesos removed its tasks without a record are over', async () => {
  const { tell, events, world, reconciler } = anEventRig()
  world.setFramework({ frameworkId: 'F1' as FrameworkId, master: 'm' })
  tell(statusOf('stranger'))
  await events.idle()
  tell({ kind: 'removed', why: 'Framework has been removed' })
  expect([world.strays.size, [...world.absent]]).toEqual([0, ['stranger']])
  reconciler.stop()
})

test('invariant 5: an offer that comes twice is held once', async () => {
  const { tell, desk, clock, declined } = anEventRig()
  const offer = anOffer({ id: 'a' })
  tell({ kind: 'offers', offers: [offer] })
  await clock.advance(1_000)
  tell({ kind: 'offers', offers: [offer, anOffer({ id: 'b', host: 2 })] })
  expect(desk.size).toBe(2)
  await clock.advance(4_000)
  expect(declined).toEqual(['a'])
  await clock.advance(10_000)
  expect([declined, clock.pending]).toEqual([['a', 'b'], 0])
})
