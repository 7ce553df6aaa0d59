import { describe, expect, test } from '@jest/globals'
import type { QueueItem } from '../../src/core/jenkins-reading.ts'
import { plan } from '../../src/core/plan.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
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
import { aQueueOf, kindsOf } from '../support/queue-worlds.ts'

const linux = aTemplate()
const provisions = (snapshot: Snapshot, now = NOW) =>
  plan(snapshot, now).actions.filter((action) => action.kind === 'provision')

describe('a starved queue', () => {
  test('asks for offers while there are none, and says so to the person who waits', () => {
    const { actions, wantedRoles, explanation } = plan(aQueueOf([anItem()]), NOW)
    expect(actions).toEqual([])
    expect([...wantedRoles]).toEqual(['*'])
    expect(explanation.items).toMatchObject([
      { state: 'waiting_offer', template: 'linux', words: expect.stringContaining('no host has offered') },
    ])
  })

  test('is provisioned on what was offered, and then nothing more is wanted', () => {
    const { actions, wantedRoles, explanation } = plan(aQueueOf([anItem()], { offers: [anOffer()] }), NOW)
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
    const found = provisions(aQueueOf(items(waiting), { templates: [template], offers: [anOffer()] }))
    expect(found.map((action) => action.executors).sort((a, b) => b - a)).toEqual(expected)
  })

  test('says which cap stands in the way', () => {
    const template = aTemplate({ maxAgents: 2 })
    const { explanation, actions } = plan(aQueueOf(items(4), { templates: [template], offers: [anOffer()] }), NOW)
    expect(kindsOf(actions)).toEqual(['provision', 'provision'])
    expect(explanation.items.map(({ state }) => state)).toEqual(['starting', 'starting', 'capped', 'capped'])
    expect(explanation.items[2]?.words).toContain('maxAgents')
    expect(explanation.templates).toMatchObject([{ capped: 'template', demand: 4 }])
  })

  test.each([
    ['agents', { maxAgents: 1, maxCpus: undefined, maxMem: undefined }, 1],
    ['cpus', { maxAgents: 50, maxCpus: 650, maxMem: undefined }, 2],
    ['mem', { maxAgents: 50, maxCpus: undefined, maxMem: 1_500_000 }, 2],
  ] as const)('invariant 3: is held by the total cap on %s', (scope, caps, count) => {
    const result = plan(aQueueOf(items(4), { caps, offers: [anOffer()] }), NOW)
    expect(kindsOf(result.actions)).toEqual(Array.from({ length: count }, () => 'provision'))
    expect(result.explanation.templates[0]?.capped).toBe(scope)
  })

  test('invariant 3: unreachable, draining and stopping agents count against the caps', () => {
    const records = (['unreachable', 'draining', 'stopping'] as const).map((state, index) =>
      aRecord({ agentId: `mesos-linux-${index}`, state }),
    )
    const nodes = records.map((record) => nodeOf(record, { temporarilyOffline: true, offline: true }))
    const template = aTemplate({ maxAgents: 3 })
    expect(provisions(aQueueOf(items(2), { records, nodes, templates: [template], offers: [anOffer()] }))).toEqual([])
  })

  test('takes another template where the first is at its cap', () => {
    const a = aTemplate({ name: 'a', labels: ['linux'], maxAgents: 1 })
    const b = aTemplate({ name: 'b', labels: ['linux', 'docker'], maxAgents: 5 })
    const queue = items(2, { why: 'All nodes of label ‘linux’ are offline' })
    const found = provisions(aQueueOf(queue, { templates: [a, b], offers: [anOffer()] }))
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
    expect(provisions(aQueueOf(queue, { nodes: [node], offers: [anOffer()] }))).toHaveLength(expected)
  })

  test('waits for agents that are starting, node there or not', () => {
    const records = [
      aRecord({ agentId: 'mesos-linux-a', state: 'planned', onlineAt: undefined, idleSince: undefined }),
      aRecord({ agentId: 'mesos-linux-b', state: 'starting', onlineAt: undefined, idleSince: undefined }),
    ]
    const nodes = records.slice(1).map((record) => nodeOf(record, { offline: true }))
    const { actions, explanation } = plan(aQueueOf(items(2), { records, nodes, offers: [anOffer()] }), NOW)
    expect(kindsOf(actions)).toEqual(['decline'])
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
    const snapshot = aQueueOf([anItem({ why, ...over })], { templates, nodes, records: [agent] })
    expect(plan(snapshot, NOW).explanation.items).toMatchObject([{ state, ...(template && { template }) }])
  })

  test('stuck means nothing once an item is old', () => {
    const item = anItem({ why: 'Waiting for next available executor', queuedSince: NOW - 600_000 })
    expect(plan(aQueueOf([item]), NOW).explanation.items).toMatchObject([{ state: 'waiting_offer' }])
  })

  test('a build without label never gets an EXCLUSIVE agent', () => {
    const item = anItem({ why: 'Waiting for next available executor', stuck: false })
    expect(plan(aQueueOf([item], { templates: [exclusive] }), NOW).explanation.items).toMatchObject([
      { state: 'unserved' },
    ])
  })

  test('an item passed over beside an idle executor gets one agent of its own, and then no more', () => {
    const item = anItem({ why: 'All nodes of label ‘linux’ are offline' })
    const snapshot = aQueueOf([item], { nodes: [aNode({ labels: ['linux'] })], offers: [anOffer()] })
    const first = plan(snapshot, NOW)
    expect(first.explanation.items).toMatchObject([{ state: 'served' }])
    const later = plan({ ...snapshot, memory: first.memory }, NOW + 15_000)
    expect(kindsOf(later.actions)).toEqual(['provision'])
    const last = plan({ ...snapshot, memory: later.memory }, NOW + 31_000)
    expect(last.explanation.items).toMatchObject([{ state: 'vetoed' }])
    expect(kindsOf(last.actions)).toEqual(['decline'])
  })
})

describe('anchors', () => {
  test('are made before demand is read', () => {
    const snapshot = aQueueOf([anItem()], { offers: [anOffer()] })
    const { actions, explanation } = plan({ ...snapshot, jenkins: aReading({ queue: [anItem()] }) }, NOW)
    expect(kindsOf(actions)).toEqual(['createAnchor', 'decline'])
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
    expect(kindsOf(actions)).toEqual(['offlineAnchor', 'provision'])
    expect(explanation.problems).toEqual([expect.stringContaining('anchor-linux')])
  })
})

test('an anchor that is not known again is not made without end: a person is asked', () => {
  const strangers = [aNode({ name: 'anchor-linux' }), aNode({ name: 'anchor-linux-2' })]
  const { actions, explanation } = plan(aSnapshot({ jenkins: aReading({ nodes: strangers }) }), NOW)
  expect(actions).toEqual([])
  expect(explanation.problems).toEqual([expect.stringContaining('delete them in Jenkins')])
})
