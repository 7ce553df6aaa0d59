import { describe, expect, test } from '@jest/globals'
import { offlineReason } from '../../src/core/markers.ts'
import type { AgentId, JenkinsNode, QueueItem, Template } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import type { Action, Snapshot } from '../../src/core/snapshot.ts'
import {
  aNode,
  anchorOf,
  anItem,
  anOffer,
  aReading,
  aRecord,
  aSnapshot,
  aTemplate,
  items,
  NOW,
  nodeOf,
} from '../support/builders.ts'

const linux = aTemplate()

function world(
  queue: readonly QueueItem[],
  over: Partial<Snapshot> & { readonly nodes?: readonly JenkinsNode[] } = {},
): Snapshot {
  const { nodes = [], ...rest } = over
  const templates = rest.templates ?? [linux]
  const anchors = templates.map((template) => anchorOf(template))
  return aSnapshot({ jenkins: aReading({ nodes: [...anchors, ...nodes], queue }), ...rest })
}

const kinds = (actions: readonly Action[]): readonly string[] => actions.map(({ kind }) => kind)
const provisions = (snapshot: Snapshot, now = NOW) =>
  plan(snapshot, now).actions.filter((action) => action.kind === 'provision')

describe('a starved queue', () => {
  test('asks for offers while there are none, and says so to the person who waits', () => {
    const { actions, wantedRoles, explanation } = plan(world([anItem()]), NOW)
    expect(actions).toEqual([])
    expect([...wantedRoles]).toEqual(['*'])
    expect(explanation.items).toMatchObject([
      { state: 'waiting_offer', template: 'linux', words: expect.stringContaining('no host has offered') },
    ])
  })

  test('is provisioned on what was offered, and then nothing more is wanted', () => {
    const { actions, wantedRoles, explanation } = plan(world([anItem()], { offers: [anOffer()] }), NOW)
    expect(actions).toMatchObject([
      { kind: 'provision', executors: 1, resources: { cpus: 300, mem: 704_000 }, place: { hostname: 'host-1' } },
    ])
    expect(wantedRoles.size).toBe(0)
    expect(explanation.items).toMatchObject([{ state: 'starting', words: expect.stringContaining('host-1') }])
  })

  test.each([
    [1, { min: 1, max: 1 }, 3, [1, 1, 1]],
    [2, { min: 1, max: 2 }, 3, [2, 1]],
    [3, { min: 3, max: 4 }, 1, [3]],
    [4, { min: 2, max: 4 }, 9, [4, 4, 2]],
  ])('gives agents max(min, min(excess, max)) executors (%#)', (_n, executors, waiting, expected) => {
    const template = aTemplate({ executors })
    const found = provisions(world(items(waiting), { templates: [template], offers: [anOffer()] }))
    expect(found.map((action) => action.executors).sort((a, b) => b - a)).toEqual(expected)
  })

  test('says which cap stands in the way', () => {
    const template = aTemplate({ maxAgents: 2 })
    const { explanation, actions } = plan(world(items(4), { templates: [template], offers: [anOffer()] }), NOW)
    expect(kinds(actions)).toEqual(['provision', 'provision'])
    expect(explanation.items.map(({ state }) => state)).toEqual(['starting', 'starting', 'capped', 'capped'])
    expect(explanation.items[2]?.words).toContain('maxAgents')
    expect(explanation.templates).toMatchObject([{ capped: 'template', demand: 4 }])
  })

  test.each([
    ['agents', { maxAgents: 1, maxCpus: undefined, maxMem: undefined }, 1],
    ['cpus', { maxAgents: 50, maxCpus: 650, maxMem: undefined }, 2],
    ['mem', { maxAgents: 50, maxCpus: undefined, maxMem: 1_500_000 }, 2],
  ] as const)('invariant 3: is held by the total cap on %s', (scope, caps, count) => {
    const result = plan(world(items(4), { caps, offers: [anOffer()] }), NOW)
    expect(kinds(result.actions)).toEqual(Array.from({ length: count }, () => 'provision'))
    expect(result.explanation.templates[0]?.capped).toBe(scope)
  })

  test('invariant 3: unreachable, draining and stopping agents count against the caps', () => {
    const records = (['unreachable', 'draining', 'stopping'] as const).map((state, index) =>
      aRecord({ agentId: `mesos-linux-${index}`, state }),
    )
    const nodes = records.map((record) => nodeOf(record, { temporarilyOffline: true, offline: true }))
    const template = aTemplate({ maxAgents: 3 })
    expect(provisions(world(items(2), { records, nodes, templates: [template], offers: [anOffer()] }))).toEqual([])
  })

  test('takes another template where the first is at its cap', () => {
    const a = aTemplate({ name: 'a', labels: ['linux'], maxAgents: 1 })
    const b = aTemplate({ name: 'b', labels: ['linux', 'docker'], maxAgents: 5 })
    const queue = items(2, { why: 'All nodes of label ‘linux’ are offline' })
    const found = provisions(world(queue, { templates: [a, b], offers: [anOffer()] }))
    expect(found.map((action) => action.template.name).sort()).toEqual(['a', 'b'])
  })

  test.each([
    ['an idle static node with the label', aNode({ labels: ['linux'] }), 0],
    ['an idle static node without it', aNode({ labels: ['windows'] }), 1],
    ['a busy static node', aNode({ labels: ['linux'], running: [{ url: 'job/x/1/', name: 'x' }], idle: false }), 1],
    ['an offline static node', aNode({ labels: ['linux'], offline: true }), 1],
    ['a node without executors', aNode({ labels: ['linux'], executors: 0 }), 1],
    ['a node that a person took offline', aNode({ labels: ['linux'], offline: true, temporarilyOffline: true }), 1],
  ])('counts %s', (_what, node, expected) => {
    const queue = [anItem({ why: 'All nodes of label ‘linux’ are offline' })]
    expect(provisions(world(queue, { nodes: [node], offers: [anOffer()] }))).toHaveLength(expected)
  })

  test('waits for agents that are starting, node there or not', () => {
    const records = [
      aRecord({ agentId: 'mesos-linux-a', state: 'planned', onlineAt: undefined, idleSince: undefined }),
      aRecord({ agentId: 'mesos-linux-b', state: 'starting', onlineAt: undefined, idleSince: undefined }),
    ]
    const nodes = records.slice(1).map((record) => nodeOf(record, { offline: true }))
    const { actions, explanation } = plan(world(items(2), { records, nodes, offers: [anOffer()] }), NOW)
    expect(kinds(actions)).toEqual(['decline'])
    expect(explanation.items.map(({ state }) => state)).toEqual(['starting', 'starting'])
  })
})

describe('what an item wants', () => {
  const docker = aTemplate({ name: 'docker', labels: ['linux', 'docker'] })
  const exclusive = aTemplate({ name: 'big', labels: ['big'], mode: 'EXCLUSIVE' })
  const templates: readonly Template[] = [linux, docker, exclusive]
  const agent = aRecord({ agentId: 'mesos-linux-1' })

  test.each<[string, string | undefined, Partial<QueueItem>, string, string | undefined]>([
    ['the anchor that is named', '‘anchor-docker’ is offline', {}, 'waiting_offer', 'docker'],
    ['the anchor without quotes, as old controllers say it', 'anchor-docker is offline', {}, 'waiting_offer', 'docker'],
    [
      'a label of two templates: the one with fewer labels',
      'All nodes of label ‘linux’ are offline',
      {},
      'waiting_offer',
      'linux',
    ],
    ['an expression', 'There are no nodes with the label ‘linux&&docker’', {}, 'waiting_offer', 'docker'],
    ['a label of an EXCLUSIVE template', '‘anchor-big’ is offline', {}, 'waiting_offer', 'big'],
    [
      'no label: a template in NORMAL mode',
      'Waiting for next available executor',
      { stuck: false },
      'waiting_offer',
      'linux',
    ],
    ['a label that nobody has', 'There are no nodes with the label ‘solaris’', {}, 'unserved', undefined],
    [
      'a label that old controllers call offline',
      "All nodes of label 'solaris' are offline",
      {},
      'unserved',
      undefined,
    ],
    [
      'plain words of a stuck young item: a label not yet readable',
      'Waiting for next available executor',
      {},
      'unreadable',
      undefined,
    ],
    ['one of our agents by name', 'Waiting for next available executor on ‘mesos-linux-1’', {}, 'tied', undefined],
    ['one of our agents that is offline', '‘mesos-linux-1’ is offline', {}, 'tied', undefined],
    ['a static node', '‘static-1’ is offline', {}, 'tied', undefined],
    ['a node that is gone', '‘nobody’ is offline', {}, 'unreadable', undefined],
    ['German', 'Alle Knoten des Labels „linux“ sind offline', {}, 'not_understood', undefined],
    ['no words at all', undefined, {}, 'unreadable', undefined],
    ['the quiet period', 'In the quiet period. Expires in 4.9 sec', { buildable: false }, 'not_demand', undefined],
    ['another build', 'Build #1 is already in progress', { blocked: true, buildable: false }, 'not_demand', undefined],
    ['a controller that shuts down', 'Jenkins is about to shut down', {}, 'not_demand', undefined],
    ['a pending item', '‘anchor-docker’ is offline', { pending: true }, 'not_demand', undefined],
  ])('%s', (_what, why, over, state, template) => {
    const nodes = [
      aNode({ labels: ['special'], running: [{ url: 'b', name: 'b' }], idle: false }),
      nodeOf(agent, { running: [{ url: 'c', name: 'c' }], idle: false }),
    ]
    const snapshot = world([anItem({ why, ...over })], { templates, nodes, records: [agent] })
    expect(plan(snapshot, NOW).explanation.items).toMatchObject([{ state, ...(template && { template }) }])
  })

  test('stuck means nothing once an item is old', () => {
    const item = anItem({ why: 'Waiting for next available executor', queuedSince: NOW - 600_000 })
    expect(plan(world([item]), NOW).explanation.items).toMatchObject([{ state: 'waiting_offer' }])
  })

  test('a build without label never gets an EXCLUSIVE agent', () => {
    const item = anItem({ why: 'Waiting for next available executor', stuck: false })
    expect(plan(world([item], { templates: [exclusive] }), NOW).explanation.items).toMatchObject([
      { state: 'unserved' },
    ])
  })

  test('an item passed over beside an idle executor gets one agent of its own, and then no more', () => {
    const item = anItem({ why: 'All nodes of label ‘linux’ are offline' })
    const snapshot = world([item], { nodes: [aNode({ labels: ['linux'] })], offers: [anOffer()] })
    const first = plan(snapshot, NOW)
    expect(first.explanation.items).toMatchObject([{ state: 'served' }])
    const later = plan({ ...snapshot, memory: first.memory }, NOW + 15_000)
    expect(kinds(later.actions)).toEqual(['provision'])
    const last = plan({ ...snapshot, memory: later.memory }, NOW + 31_000)
    expect(last.explanation.items).toMatchObject([{ state: 'vetoed' }])
    expect(kinds(last.actions)).toEqual(['decline'])
  })
})

describe('anchors', () => {
  test('are made before demand is read', () => {
    const snapshot = world([anItem()], { offers: [anOffer()] })
    const { actions, explanation } = plan({ ...snapshot, jenkins: aReading({ queue: [anItem()] }) }, NOW)
    expect(kinds(actions)).toEqual(['createAnchor', 'decline'])
    expect(explanation.items).toMatchObject([{ state: 'unreadable' }])
  })

  test('with changed labels: first the new one, then the old one goes', () => {
    const changed = aTemplate({ labels: ['linux', 'new'] })
    const old = anchorOf(linux)
    const first = plan(aSnapshot({ templates: [changed], jenkins: aReading({ nodes: [old] }) }), NOW)
    expect(first.actions).toMatchObject([{ kind: 'createAnchor', node: 'anchor-linux-2' }])
    const both = [old, anchorOf(changed, { name: 'anchor-linux-2' })]
    const second = plan(aSnapshot({ templates: [changed], jenkins: aReading({ nodes: both }) }), NOW)
    expect(second.actions).toMatchObject([{ kind: 'deleteAnchor', node: 'anchor-linux' }])
  })

  test('found connected are taken offline, reported, and nobody’s supply', () => {
    const queue = [anItem({ why: 'All nodes of label ‘linux’ are offline' })]
    const connected = anchorOf(linux, { offline: false, temporarilyOffline: false })
    const { actions, explanation } = plan(
      aSnapshot({ jenkins: aReading({ nodes: [connected], queue }), offers: [anOffer()] }),
      NOW,
    )
    expect(kinds(actions)).toEqual(['offlineAnchor', 'provision'])
    expect(explanation.problems).toEqual([expect.stringContaining('anchor-linux')])
  })
})

describe('idle agents', () => {
  const idle = aRecord({ idleSince: NOW - 200_000 })

  test('are reaped after the timeout, their records first', () => {
    const { actions, records } = plan(world([], { records: [idle], nodes: [nodeOf(idle)] }), NOW)
    expect(actions).toEqual([{ kind: 'reap', agentId: idle.agentId }])
    expect(records).toMatchObject([{ state: 'draining', reapReason: 'idle' }])
  })

  test.each<[string, Partial<Snapshot>]>([
    ['in the first rounds after a start', { round: 2 }],
    ['from an old reading', { fresh: false }],
    ['while an operation on them is under way', { busy: new Set([idle.agentId]) }],
  ])('stay %s', (_when, over) => {
    expect(plan(world([], { records: [idle], nodes: [nodeOf(idle)], ...over }), NOW).actions).toEqual([])
  })

  test('stay while an item is about to take them', () => {
    const queue = [anItem({ why: 'All nodes of label ‘linux’ are offline' })]
    expect(plan(world(queue, { records: [idle], nodes: [nodeOf(idle)] }), NOW).actions).toEqual([])
  })

  test('stay when a person took them offline', () => {
    const nodes = [nodeOf(idle, { offline: true, temporarilyOffline: true, offlineReason: 'maintenance' })]
    expect(plan(world([], { records: [idle], nodes }), NOW).actions).toEqual([])
  })

  test('of the warm pool stay, the others go, the longest idle first', () => {
    const template = aTemplate({ minIdle: 1 })
    const records = [
      aRecord({ agentId: 'mesos-linux-1', idleSince: NOW - 200_000 }),
      aRecord({ agentId: 'mesos-linux-2', idleSince: NOW - 300_000 }),
    ]
    const { actions } = plan(
      world([], { records, templates: [template], nodes: records.map((record) => nodeOf(record)) }),
      NOW,
    )
    expect(actions).toEqual([{ kind: 'reap', agentId: 'mesos-linux-2' }])
  })

  test('the warm pool is filled although nothing waits', () => {
    const template = aTemplate({ minIdle: 2 })
    expect(provisions(world([], { templates: [template], offers: [anOffer()] }))).toHaveLength(2)
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
    expect(plan(world([], { records: [draining], nodes }), NOW).actions).toEqual([])
  })

  test('an agent that never connected is reaped, and its template backs off', () => {
    const starting = aRecord({
      state: 'starting',
      launchedAt: NOW - 300_000,
      onlineAt: undefined,
      idleSince: undefined,
    })
    const result = plan(world([], { records: [starting], nodes: [nodeOf(starting, { offline: true })] }), NOW)
    expect(kinds(result.actions)).toEqual(['reap'])
    expect(result.memory.backoff['linux' as never]).toMatchObject({ failures: 1 })
    const waiting = world([anItem()], { memory: result.memory, offers: [anOffer()] })
    expect(plan(waiting, NOW).explanation.items).toMatchObject([{ state: 'backed_off' }])
  })

  test('a one-shot agent drains as soon as its first build is seen', () => {
    const template = aTemplate({ oneShot: true })
    const record = aRecord({ oneShot: true }, template)
    const nodes = [nodeOf(record, { running: [{ url: 'job/app/1/', name: 'app' }], idle: false })]
    const { records, actions } = plan(world([], { records: [record], templates: [template], nodes }), NOW)
    expect(records).toMatchObject([{ state: 'draining', reapReason: 'one_shot', buildsSeen: 1 }])
    expect(kinds(actions)).toEqual(['reap'])
  })

  test('a task that ended: its node is removed, and then it is gone', () => {
    const ended = aRecord({ state: 'stopping', taskEnded: true, reapReason: 'task_ended' })
    expect(plan(world([], { records: [ended], nodes: [nodeOf(ended)] }), NOW).actions).toEqual([
      { kind: 'removeNode', agentId: ended.agentId },
    ])
    const removed = { ...ended, nodeGone: true }
    expect(plan(world([], { records: [removed] }), NOW).records).toMatchObject([{ state: 'gone' }])
  })

  test('a KILL is repeated until Mesos says that the task has ended', () => {
    const stopping = aRecord({ state: 'stopping', nodeGone: true, killedAt: NOW })
    expect(plan(world([], { records: [stopping] }), NOW + 5_000).actions).toEqual([])
    expect(plan(world([], { records: [stopping] }), NOW + 10_000).actions).toEqual([
      { kind: 'kill', agentId: stopping.agentId },
    ])
  })

  test('the brake holds most of a farm back until three rounds agree', () => {
    const records = Array.from({ length: 8 }, (_, index) =>
      aRecord({ agentId: `mesos-linux-${index}`, state: 'disconnected', since: NOW - 400_000 }),
    )
    const nodes = records.map((record) => nodeOf(record, { offline: true }))
    let snapshot = world([], { records, nodes })
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
    const result = plan(world([], { records: [idle], nodes, ...over }), NOW)
    expect(result.actions).toEqual([])
    expect(result.explanation.held).toBeDefined()
  })

  test('a node missing from one reading is not gone, from several it is', () => {
    let snapshot = world([], { records: [aRecord()] })
    for (const [after, gone] of [
      [0, false],
      [2_000, false],
      [6_000, true],
    ] as const) {
      const now = NOW + after
      const jenkins = aReading({ nodes: [anchorOf(linux)], readAt: now })
      const result = plan({ ...snapshot, jenkins }, now)
      expect(kinds(result.actions)).toEqual(gone ? ['kill'] : [])
      snapshot = { ...snapshot, memory: result.memory }
    }
  })
})

test('orphans: a node with our mark goes after two sweeps and 120 s, when idle and Mesos has no such task', () => {
  const lost = nodeOf(aRecord({ agentId: 'mesos-linux-lost' }), { offline: true })
  let snapshot = world([], { absent: new Set(['mesos-linux-lost' as AgentId]) })
  const seen: number[] = []
  for (const after of [0, 61_000, 119_000, 121_000]) {
    const now = NOW + after
    const result = plan({ ...snapshot, jenkins: aReading({ nodes: [anchorOf(linux), lost], readAt: now }) }, now)
    if (kinds(result.actions).includes('removeOrphanNode')) seen.push(after)
    snapshot = { ...snapshot, memory: result.memory }
  }
  expect(seen).toEqual([121_000])
})

test('an anchor that is not known again is not made without end: a person is asked', () => {
  const strangers = [aNode({ name: 'anchor-linux' }), aNode({ name: 'anchor-linux-2' })]
  const { actions, explanation } = plan(aSnapshot({ jenkins: aReading({ nodes: strangers }) }), NOW)
  expect(actions).toEqual([])
  expect(explanation.problems).toEqual([expect.stringContaining('delete them in Jenkins')])
})

describe('a node of ours that a person edits', () => {
  test('invariant 1: renamed while a build runs on it: nothing is taken until the build ends, and it is told of', () => {
    const record = aRecord()
    const build = { idle: false, running: [{ url: 'job/a/1/', name: 'a' }] }
    const renamed = (over: Partial<JenkinsNode>): JenkinsNode => ({ ...nodeOf(record, over), name: 'renamed' })
    let snapshot = world([], { records: [record] })
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
      expect(kinds(actions)).toEqual([])
      expect(explanation.problems).toEqual([expect.stringContaining('node renamed carries the mark of agent')])
    }
    look(renamed({}), 602_000)
    expect(kinds(look(renamed({}), 610_000).actions)).toEqual(['kill'])
  })

  test('with other labels: it serves those who want these', () => {
    const record = aRecord()
    const queue = [anItem({ why: 'There are no nodes with the label ‘linux’' })]
    const jenkins = (labels: readonly string[]) =>
      aReading({ nodes: [anchorOf(linux), nodeOf(record, { labels })], queue })
    const wants = (labels: readonly string[]) =>
      kinds(plan(world([], { records: [record], jenkins: jenkins(labels), offers: [anOffer()] }), NOW).actions)
    expect(wants(['linux'])).not.toContain('provision')
    expect(wants(['mine'])).toContain('provision')
  })
})
