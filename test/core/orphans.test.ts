import { describe, expect, test } from '@jest/globals'
import type { AgentId, FrameworkId, JenkinsNode } from '../../src/core/model.ts'
import { planOrphanNodes, planStrays } from '../../src/core/orphans.ts'
import type { OrphanNode } from '../../src/core/snapshot.ts'
import { aNode, anchorOf, aReading, aRecord, aTemplate, NOW, nodeOf } from '../support/builders.ts'

const F1 = 'F1' as FrameworkId
const lost = aRecord({ agentId: 'mesos-linux-lost' })
const due: OrphanNode = { since: NOW - 120_000, sweeps: 2, lastSweep: NOW }

function orphans(nodes: readonly JenkinsNode[], before: Readonly<Record<string, OrphanNode>> = {}, readAt = NOW) {
  return planOrphanNodes(aReading({ nodes, readAt }), [aRecord()], F1, before)
}

describe('nodes that nobody owns', () => {
  test.each<[string, JenkinsNode]>([
    ['a node of others', aNode()],
    ['an anchor', anchorOf(aTemplate())],
    ['an agent with a record', nodeOf(aRecord())],
  ])('%s is none', (_what, node) => {
    expect(orphans([node])).toEqual({ actions: [], orphanNodes: {}, problems: [] })
  })

  test('are counted a sweep a minute', () => {
    let seen: Readonly<Record<string, OrphanNode>> = {}
    const sweeps: (number | undefined)[] = []
    for (const after of [0, 59_000, 60_000, 61_000, 121_000]) {
      seen = orphans([nodeOf(lost)], seen, NOW + after).orphanNodes
      sweeps.push(seen[lost.agentId]?.sweeps)
    }
    expect(sweeps).toEqual([1, 1, 2, 2, 3])
  })

  test.each<[string, Partial<JenkinsNode>, OrphanNode, number]>([
    ['due and idle', {}, due, 1],
    ['due and not idle', { idle: false }, due, 0],
    ['due and with a build', { running: [{ url: 'b', name: 'b' }] }, due, 0],
    ['seen too seldom', {}, { ...due, sweeps: 1 }, 0],
    ['seen too shortly', {}, { ...due, since: NOW - 119_999 }, 0],
  ])('%s', (_what, over, seen, removed) => {
    const { actions } = orphans([nodeOf(lost, over)], { [lost.agentId]: seen })
    expect(actions).toEqual(removed === 1 ? [{ kind: 'removeOrphanNode', node: lost.agentId }] : [])
  })

  test('and that come back with an owner are forgotten', () => {
    expect(orphans([nodeOf(aRecord())], { 'mesos-linux-1': due }).orphanNodes).toEqual({})
  })

  test('of another framework id are left alone and told of', () => {
    const { actions, problems } = planOrphanNodes(aReading({ nodes: [nodeOf(lost)] }), [], 'F2' as FrameworkId, {
      [lost.agentId]: due,
    })
    expect(actions).toEqual([])
    expect(problems).toEqual([expect.stringContaining('such as mesos-linux-lost')])
  })
})

describe('tasks that nobody owns', () => {
  const stray = {
    taskId: 'mesos-linux-lost' as AgentId,
    mesosAgentId: undefined,
    since: NOW - 120_000,
    sweeps: 2,
  }

  test.each([
    ['told of twice over two minutes', {}, [], 1],
    ['told of once', { sweeps: 1 }, [], 0],
    ['told of for less than two minutes', { since: NOW - 119_999 }, [], 0],
    ['with a node, where a build may run', {}, [nodeOf(lost)], 0],
  ] as const)('%s', (_what, over, nodes, killed) => {
    const actions = planStrays([{ ...stray, ...over }], aReading({ nodes }), NOW)
    expect(actions).toEqual(killed === 1 ? [{ kind: 'killStray', taskId: stray.taskId, mesosAgentId: undefined }] : [])
  })
})
