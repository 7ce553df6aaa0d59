import { describe, expect, test } from '@jest/globals'
import { frameworkIn, planAdoption, unownedNodes, withHosts } from '../../src/core/adoption.ts'
import type { JenkinsNode } from '../../src/core/jenkins-reading.ts'
import { offlineReason } from '../../src/core/markers.ts'
import type { AgentId, FrameworkId, MesosAgentId } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import { EMPTY_MEMORY, type Snapshot, type Stray } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import { anchorOf, anItem, anOffer, aReading, aRecord, aSnapshot, aTemplate, NOW, nodeOf } from '../support/builders.ts'

const linux = aTemplate()
const lost = aRecord({ agentId: 'mesos-linux-lost' })
const stray: Stray = {
  taskId: lost.agentId,
  mesosAgentId: 'S1' as MesosAgentId,
  state: 'TASK_RUNNING',
  since: NOW,
  sweeps: 1,
  lastSweep: NOW,
}

function world(node: JenkinsNode, over: Partial<Snapshot> = {}): Snapshot {
  return aSnapshot({ jenkins: aReading({ nodes: [anchorOf(linux), node] }), ...over })
}

function adopt(node: JenkinsNode, over: Partial<Snapshot> = {}, template: Template = linux) {
  const snapshot = world(node, over)
  const unowned = unownedNodes(aReading({ nodes: [node] }), snapshot.records, 'F1' as FrameworkId, new Set())
  return planAdoption(unowned, snapshot, new Map([[template.name, template]]), NOW)
}

describe('a node with our mark and its task, without a record', () => {
  const offline = (reason: string): Partial<JenkinsNode> => ({
    offline: true,
    temporarilyOffline: true,
    offlineReason: reason,
  })

  test.each<[string, Partial<JenkinsNode>, string, string]>([
    ['online and idle', {}, 'TASK_RUNNING', 'online'],
    ['online and busy', { idle: false }, 'TASK_RUNNING', 'online'],
    ['not connected', { offline: true }, 'TASK_STAGING', 'starting'],
    ['not connected, its task runs', { offline: true }, 'TASK_RUNNING', 'starting'],
    [
      'taken offline by us, to reap it',
      offline(offlineReason('one-shot: it has had its build')),
      'TASK_RUNNING',
      'draining',
    ],
    [
      'taken offline by us, as its host was cut off',
      offline(offlineReason('Mesos cannot reach its host')),
      'TASK_RUNNING',
      'online',
    ],
    ['taken offline by a person', offline('disk'), 'TASK_RUNNING', 'online'],
    ['on a host that Mesos cannot reach', {}, 'TASK_UNREACHABLE', 'unreachable'],
  ])('%s', (_what, over, state, expected) => {
    const { records, counted, waits, actions } = adopt(nodeOf(lost, over), { strays: [{ ...stray, state }] })
    expect(records.map((record) => record.state)).toEqual([expected])
    expect({ counted, waits, actions }).toEqual({ counted: [], waits: false, actions: [] })
  })

  test('the record says what the node, the task and the template tell', () => {
    const big = aTemplate({ executors: { min: 1, max: 4 } })
    const node = nodeOf(lost, { executors: 3, labels: ['linux', 'extra'], idle: false })
    const [record] = adopt(node, { strays: [stray] }, big).records
    expect(record).toMatchObject({
      agentId: lost.agentId,
      executors: 3,
      labels: ['linux', 'extra'],
      resources: { cpus: 500, mem: 986_000 },
      mesosAgentId: 'S1',
      taskState: 'TASK_RUNNING',
      createdAt: NOW,
      idleSince: undefined,
      tokenHash: undefined,
      hostname: undefined,
    })
    expect(record?.reason).toContain('adopted')
  })

  test('host and address come with an offer of that host', () => {
    const adopted = { ...lost, hostname: undefined, address: undefined }
    const busy = new Set<AgentId>()
    expect(withHosts([adopted], [anOffer({ host: 2 })], busy)[0]?.hostname).toBeUndefined()
    expect(withHosts([adopted], [anOffer({ host: 1 })], busy)[0]).toMatchObject({
      hostname: 'host-1',
      address: '10.0.0.1:5051',
    })
  })

  test.each<[string, Partial<Snapshot>]>([
    ['Mesos is silent of its task', {}],
    [
      'the subscription is gone',
      { strays: [stray], mesos: { subscribed: false, reconciled: false, frameworkId: 'F1' as FrameworkId } },
    ],
    ['the reading is of an earlier round', { strays: [stray], fresh: false }],
  ])('is not adopted while %s, and counts all the same', (_what, over) => {
    const { records, counted } = adopt(nodeOf(lost), over)
    expect(records).toEqual([])
    expect(counted).toEqual([{ template: 'linux', state: 'online', resources: lost.resources }])
  })
})

describe('Mesos is asked about tasks that only Jenkins knows', () => {
  test('at once, again after 5 s, then each minute, and no more once it has told', () => {
    let orphanNodes: Snapshot['memory']['orphanNodes'] = {}
    const asked: number[] = []
    for (const after of [0, 1_000, 4_999, 5_000, 9_999, 10_000, 64_999, 65_000, 70_000]) {
      const memory = { ...EMPTY_MEMORY, orphanNodes }
      const result = plan(world(nodeOf(lost), { memory }), NOW + after)
      if (result.actions.some(({ kind }) => kind === 'askTasks')) asked.push(after)
      orphanNodes = result.memory.orphanNodes
    }
    expect(asked).toEqual([0, 5_000, 65_000])
    const told = plan(world(nodeOf(lost), { absent: new Set([lost.agentId]) }), NOW)
    expect(told.actions.map(({ kind }) => kind)).not.toContain('askTasks')
  })

  test.each<[string, number, Partial<Snapshot>, number]>([
    ['before it has told', 0, {}, 0],
    ['after 10 s of silence', 10_000, {}, 1],
    ['once it has told', 0, { absent: new Set([lost.agentId]) }, 1],
  ])('nothing is launched %s', (_what, after, over, launches) => {
    const busy = nodeOf(lost, { idle: false, running: [{ url: 'job/x/1/', name: 'x' }] })
    const first = plan(world(busy), NOW)
    const jenkins = aReading({ nodes: [anchorOf(linux), busy], queue: [anItem()] })
    const { actions } = plan(world(busy, { jenkins, memory: first.memory, offers: [anOffer()], ...over }), NOW + after)
    expect(actions.filter(({ kind }) => kind === 'provision')).toHaveLength(launches)
  })
})

describe('invariant 3: what has no record counts against the caps', () => {
  const capped = (over: Partial<Snapshot>): number => {
    const small = aTemplate({ maxAgents: 1 })
    const nodes = [anchorOf(small), ...(over.jenkins?.nodes ?? [])]
    const snapshot = aSnapshot({
      ...over,
      templates: [small],
      jenkins: aReading({ nodes, queue: [anItem()] }),
      offers: [anOffer()],
    })
    return plan(snapshot, NOW).actions.filter(({ kind }) => kind === 'provision').length
  }

  test('a node, a task, and neither', () => {
    const node = nodeOf(lost, { offline: true })
    expect(capped({ jenkins: aReading({ nodes: [node] }), absent: new Set([lost.agentId]) })).toBe(0)
    expect(capped({ strays: [stray] })).toBe(0)
    expect(capped({ strays: [{ ...stray, state: 'TASK_UNREACHABLE' }] })).toBe(1)
    expect(capped({ strays: [{ ...stray, taskId: 'mesos-other-1' as AgentId }] })).toBe(1)
    expect(capped({})).toBe(1)
  })
})

describe('the framework of an empty state', () => {
  const of = (frameworkId: string, owner: string, agent: number): JenkinsNode => {
    const node = nodeOf(aRecord({ agentId: `mesos-linux-${frameworkId}-${agent}` }))
    const description = node.description
      .replace('=F1', `=${frameworkId}`)
      .replace('framework=jenkins', `framework=${owner}`)
    return { ...node, description: owner === '' ? description.replace(' framework=', '') : description }
  }

  test.each<[string, readonly JenkinsNode[], string | undefined]>([
    ['there is no node of ours', [], undefined],
    ['all say the same', [of('F2', 'jenkins', 1)], 'F2'],
    [
      'one is left of a framework that was removed',
      [of('F0', 'jenkins', 1), of('F2', 'jenkins', 2), of('F2', 'jenkins', 3)],
      'F2',
    ],
    ['there are nodes of another sidecar', [of('F9', 'other', 1), of('F9', 'other', 2)], undefined],
    ['its nodes are of the first versions', [of('F2', '', 1)], 'F2'],
  ])('%s', (_what, nodes, expected) => {
    expect(frameworkIn(aReading({ nodes }), 'jenkins')).toBe(expected)
  })
})
