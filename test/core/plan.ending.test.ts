import { describe, expect, test } from '@jest/globals'
import type { JenkinsNode } from '../../src/core/jenkins-reading.ts'
import { offlineReason } from '../../src/core/markers.ts'
import type { AgentId } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import { anchorOf, anItem, anOffer, aReading, aRecord, aTemplate, NOW, nodeOf } from '../support/builders.ts'
import { aQueueOf, kindsOf } from '../support/queue-worlds.ts'

const linux = aTemplate()
const provisions = (snapshot: Snapshot, now = NOW) =>
  plan(snapshot, now).actions.filter((action) => action.kind === 'provision')

describe('idle agents', () => {
  const idle = aRecord({ idleSince: NOW - 200_000 })

  test('are reaped after the timeout, their records first', () => {
    const { actions, records } = plan(aQueueOf([], { records: [idle], nodes: [nodeOf(idle)] }), NOW)
    expect(actions).toEqual([{ kind: 'reap', agentId: idle.agentId }])
    expect(records).toMatchObject([{ state: 'draining', reapReason: 'idle' }])
  })

  test.each<[string, Partial<Snapshot>]>([
    ['in the first rounds after a start', { round: 2 }],
    ['from an old reading', { fresh: false }],
    ['while an operation on them is under way', { busy: new Set([idle.agentId]) }],
  ])('stay %s', (_when, over) => {
    expect(plan(aQueueOf([], { records: [idle], nodes: [nodeOf(idle)], ...over }), NOW).actions).toEqual([])
  })

  test('stay while an item is about to take them', () => {
    const queue = [anItem({ why: 'All nodes of label ‘linux’ are offline' })]
    expect(plan(aQueueOf(queue, { records: [idle], nodes: [nodeOf(idle)] }), NOW).actions).toEqual([])
  })

  test('stay when a person took them offline', () => {
    const nodes = [nodeOf(idle, { offline: true, temporarilyOffline: true, offlineReason: 'maintenance' })]
    expect(plan(aQueueOf([], { records: [idle], nodes }), NOW).actions).toEqual([])
  })

  test('of the warm pool stay, the others go, the longest idle first', () => {
    const template = aTemplate({ minIdle: 1 })
    const records = [
      aRecord({ agentId: 'mesos-linux-1', idleSince: NOW - 200_000 }),
      aRecord({ agentId: 'mesos-linux-2', idleSince: NOW - 300_000 }),
    ]
    const { actions } = plan(
      aQueueOf([], { records, templates: [template], nodes: records.map((record) => nodeOf(record)) }),
      NOW,
    )
    expect(actions).toEqual([{ kind: 'reap', agentId: 'mesos-linux-2' }])
  })

  test('the warm pool is filled although nothing waits', () => {
    const template = aTemplate({ minIdle: 2 })
    expect(provisions(aQueueOf([], { templates: [template], offers: [anOffer()] }))).toHaveLength(2)
  })
})

describe('agents that go', () => {
  test('invariant 1: a draining agent that runs a build is left to it, offline', () => {
    const draining = aRecord({ state: 'draining', reapReason: 'idle' })
    const nodes = [
      nodeOf(draining, {
        offline: true,
        temporarilyOffline: true,
        offlineReason: offlineReason('x'),
        running: [{ url: 'job/app/1/', name: 'app #1' }],
        idle: false,
      }),
    ]
    expect(plan(aQueueOf([], { records: [draining], nodes }), NOW).actions).toEqual([])
  })

  test('an agent that never connected is reaped, and its template backs off', () => {
    const starting = aRecord({
      state: 'starting',
      launchedAt: NOW - 300_000,
      onlineAt: undefined,
      idleSince: undefined,
    })
    const result = plan(aQueueOf([], { records: [starting], nodes: [nodeOf(starting, { offline: true })] }), NOW)
    expect(kindsOf(result.actions)).toEqual(['reap'])
    expect(result.memory.backoff['linux' as never]).toMatchObject({ failures: 1 })
    const waiting = aQueueOf([anItem()], { memory: result.memory, offers: [anOffer()] })
    expect(plan(waiting, NOW).explanation.items).toMatchObject([{ state: 'backed_off' }])
  })

  test('a one-shot agent drains as soon as its first build is seen', () => {
    const template = aTemplate({ oneShot: true })
    const record = aRecord({ oneShot: true }, template)
    const nodes = [nodeOf(record, { running: [{ url: 'job/app/1/', name: 'app' }], idle: false })]
    const { records, actions } = plan(aQueueOf([], { records: [record], templates: [template], nodes }), NOW)
    expect(records).toMatchObject([{ state: 'draining', reapReason: 'one_shot', buildsSeen: 1 }])
    expect(kindsOf(actions)).toEqual(['reap'])
  })

  test('a task that ended: its node is removed, and then it is gone', () => {
    const ended = aRecord({ state: 'stopping', taskEnded: true, reapReason: 'task_ended' })
    expect(plan(aQueueOf([], { records: [ended], nodes: [nodeOf(ended)] }), NOW).actions).toEqual([
      { kind: 'removeNode', agentId: ended.agentId },
    ])
    const removed = { ...ended, nodeGone: true }
    expect(plan(aQueueOf([], { records: [removed] }), NOW).records).toMatchObject([{ state: 'gone' }])
  })

  test('a KILL is repeated until Mesos says that the task has ended', () => {
    const stopping = aRecord({ state: 'stopping', nodeGone: true, killedAt: NOW })
    expect(plan(aQueueOf([], { records: [stopping] }), NOW + 5_000).actions).toEqual([])
    expect(plan(aQueueOf([], { records: [stopping] }), NOW + 10_000).actions).toEqual([
      { kind: 'kill', agentId: stopping.agentId },
    ])
  })

  test('the brake holds most of a farm back until three rounds agree', () => {
    const records = Array.from({ length: 8 }, (_, index) =>
      aRecord({ agentId: `mesos-linux-${index}`, state: 'disconnected', since: NOW - 400_000 }),
    )
    const nodes = records.map((record) => nodeOf(record, { offline: true }))
    let snapshot = aQueueOf([], { records, nodes })
    for (const expected of [0, 0, 8]) {
      const result = plan(snapshot, NOW)
      expect(result.actions).toHaveLength(expected)
      expect(result.explanation.held?.startsWith('the brake') ?? false).toBe(expected === 0)
      snapshot = { ...snapshot, memory: result.memory }
    }
  })
})

describe('invariant 6: what cannot be seen or understood', () => {
  const idle = aRecord({ idleSince: NOW - 999_999 })
  const nodes = [nodeOf(idle)]

  test.each<[string, Partial<Snapshot>]>([
    ['no reading of Jenkins', { jenkins: undefined, fresh: false }],
    [
      'an empty queue to a user who sees no job',
      { jenkins: aReading({ nodes: [anchorOf(linux), ...nodes], seesJobs: false }) },
    ],
    [
      'a sentence in another language',
      { jenkins: aReading({ nodes: [anchorOf(linux), ...nodes], queue: [anItem({ why: 'Warte' })] }) },
    ],
  ])('%s takes nothing away', (_what, over) => {
    const result = plan(aQueueOf([], { records: [idle], nodes, ...over }), NOW)
    expect(result.actions).toEqual([])
    expect(result.explanation.held).toBeDefined()
  })

  test('a node missing from one reading is not gone, from several it is', () => {
    let snapshot = aQueueOf([], { records: [aRecord()] })
    for (const [after, gone] of [
      [0, false],
      [2_000, false],
      [6_000, true],
    ] as const) {
      const now = NOW + after
      const jenkins = aReading({ nodes: [anchorOf(linux)], readAt: now })
      const result = plan({ ...snapshot, jenkins }, now)
      expect(kindsOf(result.actions)).toEqual(gone ? ['kill'] : [])
      snapshot = { ...snapshot, memory: result.memory }
    }
  })
})

test('orphans: a node with our mark goes after two sweeps and 120 s, when idle and Mesos has no such task', () => {
  const lost = nodeOf(aRecord({ agentId: 'mesos-linux-lost' }), { offline: true })
  let snapshot = aQueueOf([], { absent: new Set(['mesos-linux-lost' as AgentId]) })
  const seen: number[] = []
  for (const after of [0, 61_000, 119_000, 121_000]) {
    const now = NOW + after
    const result = plan({ ...snapshot, jenkins: aReading({ nodes: [anchorOf(linux), lost], readAt: now }) }, now)
    if (kindsOf(result.actions).includes('removeOrphanNode')) seen.push(after)
    snapshot = { ...snapshot, memory: result.memory }
  }
  expect(seen).toEqual([121_000])
})

describe('a node of ours that a person edits', () => {
  test('invariant 1: renamed while a build runs on it: nothing is taken until the build ends, and it is told of', () => {
    const record = aRecord()
    const build = { idle: false, running: [{ url: 'job/a/1/', name: 'a' }] }
    const renamed = (over: Partial<JenkinsNode>): JenkinsNode => ({ ...nodeOf(record, over), name: 'renamed' })
    let snapshot = aQueueOf([], { records: [record] })
    const look = (node: JenkinsNode, after: number) => {
      const now = NOW + after
      const result = plan({ ...snapshot, jenkins: aReading({ nodes: [anchorOf(linux), node], readAt: now }) }, now)
      const byId = new Map(result.records.map((one) => [one.agentId, one]))
      const records = snapshot.records.map((one) => byId.get(one.agentId) ?? one)
      snapshot = { ...snapshot, memory: result.memory, records }
      return result
    }
    for (const after of [0, 6_000, 600_000]) {
      const { actions, explanation } = look(renamed(build), after)
      expect(kindsOf(actions)).toEqual([])
      expect(explanation.problems).toEqual([expect.stringContaining('node renamed carries the mark of agent')])
    }
    look(renamed({}), 602_000)
    expect(kindsOf(look(renamed({}), 610_000).actions)).toEqual(['kill'])
  })

  test('with other labels: it serves those who want these', () => {
    const record = aRecord()
    const queue = [anItem({ why: 'There are no nodes with the label ‘linux’' })]
    const jenkins = (labels: readonly string[]) =>
      aReading({ nodes: [anchorOf(linux), nodeOf(record, { labels })], queue })
    const wants = (labels: readonly string[]) =>
      kindsOf(plan(aQueueOf([], { records: [record], jenkins: jenkins(labels), offers: [anOffer()] }), NOW).actions)
    expect(wants(['linux'])).not.toContain('provision')
    expect(wants(['mine'])).toContain('provision')
  })
})
