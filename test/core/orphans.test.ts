import { describe, expect, test } from '@jest/globals'
import { unownedNodes } from '../../src/core/adoption.ts'
import type { JenkinsNode } from '../../src/core/jenkins-reading.ts'
import type { AgentId, FrameworkId } from '../../src/core/model.ts'
import { foreignNodes, planOrphanNodes, planStrays } from '../../src/core/orphans.ts'
import { EMPTY_MEMORY, type OrphanNode, type Stray } from '../../src/core/snapshot.ts'
import { aNode, anchorOf, aReading, aRecord, aTemplate, NOW, nodeOf } from '../support/builders.ts'

const F1 = 'F1' as FrameworkId
const lost = aRecord({ agentId: 'mesos-linux-lost' })
const due: OrphanNode = {
  since: NOW - 120_000,
  sweeps: 2,
  lastSweep: NOW,
  askedSince: NOW - 120_000,
  askedAt: NOW - 120_000,
}
const stray: Stray = {
  taskId: 'mesos-linux-lost' as AgentId,
  mesosAgentId: undefined,
  state: 'TASK_RUNNING',
  since: NOW - 120_000,
  sweeps: 2,
  lastSweep: NOW,
}

interface Facts {
  readonly before?: Readonly<Record<string, OrphanNode>>
  readonly readAt?: number
  readonly absent?: readonly string[]
  readonly strays?: readonly Stray[]
  readonly lost?: readonly string[]
}

function orphans(nodes: readonly JenkinsNode[], facts: Facts = {}) {
  const { before = {}, readAt = NOW, absent = [lost.agentId], strays = [] } = facts
  const removed = new Set((facts.lost ?? []) as FrameworkId[])
  const unowned = unownedNodes(aReading({ nodes, readAt }), [aRecord()], F1, removed)
  const snapshot = {
    absent: new Set(absent as AgentId[]),
    strays,
    memory: { ...EMPTY_MEMORY, orphanNodes: before },
    mesos: { subscribed: true, reconciled: true, frameworkId: F1 },
  }
  return planOrphanNodes(unowned, snapshot, readAt, {})
}

describe('nodes that nobody owns', () => {
  test.each<[string, JenkinsNode]>([
    ['a node of others', aNode()],
    ['an anchor', anchorOf(aTemplate())],
    ['an agent with a record', nodeOf(aRecord())],
    ['a node that was renamed, whose mark names another', { ...nodeOf(lost), name: 'mine' }],
  ])('%s is none', (_what, node) => {
    expect(orphans([node])).toEqual({ actions: [], orphanNodes: {} })
  })

  test('are counted a sweep a minute', () => {
    let before: Readonly<Record<string, OrphanNode>> = {}
    const sweeps: (number | undefined)[] = []
    for (const after of [0, 59_000, 60_000, 61_000, 121_000]) {
      before = orphans([nodeOf(lost)], { before, readAt: NOW + after }).orphanNodes
      sweeps.push(before[lost.agentId]?.sweeps)
    }
    expect(sweeps).toEqual([1, 1, 2, 2, 3])
  })

  test.each<[string, Partial<JenkinsNode>, OrphanNode, Facts, number]>([
    ['due and idle', {}, due, {}, 1],
    ['due and not idle', { idle: false }, due, {}, 0],
    ['due and with a build', { running: [{ url: 'b', name: 'b' }] }, due, {}, 0],
    ['seen too seldom', {}, { ...due, sweeps: 1 }, {}, 0],
    ['seen too shortly', {}, { ...due, since: NOW - 119_999 }, {}, 0],
    ['invariant 6: due, and Mesos is silent of its task', {}, due, { absent: [] }, 0],
    ['due and idle, with a task that no template explains', {}, due, { absent: [], strays: [stray] }, 1],
  ])('%s', (_what, over, seen, facts, removed) => {
    const { actions } = orphans([nodeOf(lost, over)], { ...facts, before: { [lost.agentId]: seen } })
    expect(actions).toEqual(removed === 1 ? [{ kind: 'removeOrphanNode', node: lost.agentId }] : [])
  })

  test('and that come back with an owner are forgotten', () => {
    expect(orphans([nodeOf(aRecord())], { before: { 'mesos-linux-1': due } }).orphanNodes).toEqual({})
  })

  const other = (owner: string): JenkinsNode => {
    const node = nodeOf(lost)
    const description = node.description.replace('F1', 'F2').replace('framework=jenkins', `framework=${owner}`)
    return { ...node, description }
  }

  test.each([
    ['of ours, as it seems, are left alone and told of', 'jenkins', 1],
    ['of another sidecar are its own business', 'other', 0],
  ] as const)('of another framework id, %s', (_what, owner, told) => {
    const node = other(owner)
    expect(orphans([node], { before: { [lost.agentId]: due } })).toEqual({ actions: [], orphanNodes: {} })
    const problems = foreignNodes(aReading({ nodes: [node] }), [], [], { frameworkId: F1 }, 'jenkins')
    expect(problems).toHaveLength(told)
    if (told > 0) expect(problems[0]).toContain('such as mesos-linux-lost')
  })

  test('of a framework that Mesos removed go: their tasks are gone', () => {
    const facts = { before: { [lost.agentId]: due }, absent: [], lost: ['F2'] }
    expect(orphans([other('jenkins')], facts).actions).toHaveLength(1)
  })
})

describe('tasks that nobody owns', () => {
  test.each<[string, Partial<Stray>, readonly JenkinsNode[], number]>([
    ['told of twice over two minutes', {}, [], 1],
    ['told of once', { sweeps: 1 }, [], 0],
    ['told of for less than two minutes', { since: NOW - 119_999 }, [], 0],
    ['on a host that Mesos cannot reach', { state: 'TASK_UNREACHABLE' }, [], 0],
    ['with a node, where a build may run', {}, [nodeOf(lost)], 0],
  ])('%s', (_what, over, nodes, killed) => {
    const actions = planStrays([{ ...stray, ...over }], aReading({ nodes }), NOW)
    expect(actions).toEqual(killed === 1 ? [{ kind: 'killStray', taskId: stray.taskId, mesosAgentId: undefined }] : [])
  })
})
