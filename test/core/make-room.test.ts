import { describe, expect, test } from '@jest/globals'
import type { JenkinsNode } from '../../src/core/jenkins-reading.ts'
import type { AgentRecord } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import { variantFor } from '../../src/core/variant.ts'
import {
  anchorOf,
  anImageTemplate,
  anItem,
  aReading,
  aRecord,
  aSnapshot,
  aTemplate,
  NOW,
  nodeOf,
} from '../support/builders.ts'

const high = aTemplate({ name: 'high', priority: 10 })
const low = anImageTemplate({ name: 'low', labels: ['low'], idleTimeoutMs: Number.POSITIVE_INFINITY })

const idle = (index: number, over: Partial<Omit<AgentRecord, 'agentId'>> = {}, template: Template = low): AgentRecord =>
  aRecord({ agentId: `mesos-${template.name}-${index}`, idleSince: NOW - 1_000 * index, ...over }, template)

interface Scene {
  readonly records: readonly AgentRecord[]
  readonly waits?: string
  readonly templates?: readonly Template[]
  readonly nodes?: Readonly<Record<string, Partial<JenkinsNode>>>
  readonly over?: Partial<Snapshot>
}

/** Agents that go although their time is not over. */
function going({ records, waits = 'high', templates = [low, high], nodes = {}, over = {} }: Scene): readonly string[] {
  const queue = [anItem({ why: `There are no nodes with the label ‘${waits}’`, stuck: false })]
  const jenkins = aReading({
    nodes: [
      ...templates.map((one) => anchorOf(one)),
      ...records.map((record) => nodeOf(record, { ...nodes[record.agentId] })),
    ],
    queue,
  })
  const caps = { maxAgents: records.length, maxCpus: undefined, maxMem: undefined }
  const result = plan(aSnapshot({ templates, records, jenkins, caps, ...over }), NOW)
  return result.records.flatMap(({ state, agentId, reapReason, reason }) =>
    state === 'draining' ? [`${agentId} ${reapReason ?? ''}: ${reason}`] : [],
  )
}

const BUSY: Partial<JenkinsNode> = { idle: false, running: [{ url: 'job/x/1/', name: 'x' }] }

describe('a build of higher priority that waits for room under a cap', () => {
  test('has the agent go that was idle longest, and no other', () => {
    expect(going({ records: [idle(1), idle(3), idle(2)] })).toEqual([
      'mesos-low-3 idle: idle, and a build of template high, which has a higher priority, waits for room under a cap',
    ])
  })

  test('has as many go as it needs CPUs', () => {
    const records = [idle(1), idle(2), idle(3), idle(4)].map((record) => ({ ...record, resources: { cpus: 100 } }))
    const caps = { maxAgents: 100, maxCpus: 400, maxMem: undefined }
    expect(going({ records, over: { caps } })).toHaveLength(3)
  })

  test('has no more go than what is missing beyond the room that there is', () => {
    const records = [idle(1), idle(2), idle(3), idle(4)].map((record) => ({ ...record, resources: { cpus: 100 } }))
    const caps = { maxAgents: 100, maxCpus: 600, maxMem: undefined }
    expect(going({ records, over: { caps } })).toHaveLength(1)
  })

  test('has none go where all that are idle are not enough: they would be started again in vain', () => {
    const records = [idle(1), idle(2, { idleSince: undefined })].map((one) => ({ ...one, resources: { cpus: 200 } }))
    const caps = { maxAgents: 100, maxCpus: 400, maxMem: undefined }
    expect(going({ records, nodes: { 'mesos-low-2': BUSY }, over: { caps } })).toEqual([])
  })

  test('has as many go as are over a cap that was lowered', () => {
    const caps = { maxAgents: 2, maxCpus: undefined, maxMem: undefined }
    expect(going({ records: [idle(1), idle(2), idle(3)], over: { caps } })).toHaveLength(2)
  })

  test('waits for those that go already', () => {
    const records = [idle(1), { ...idle(2), state: 'draining' as const, reapReason: 'idle' as const }]
    expect(going({ records }).map((words) => words.split(' ')[0])).toEqual([])
  })

  test.each<[string, Scene]>([
    ['a build runs on it', { records: [idle(1, { idleSince: undefined })], nodes: { 'mesos-low-1': BUSY } }],
    ['it is in the warm pool', { records: [idle(1)], templates: [{ ...low, minIdle: 1 }, high] }],
    ['it has the same priority', { records: [idle(1)], templates: [{ ...low, priority: 10 }, high] }],
    ['it has a higher priority', { records: [idle(1)], templates: [{ ...low, priority: 11 }, high] }],
    ['somebody took it offline', { records: [idle(1)], nodes: { 'mesos-low-1': { temporarilyOffline: true } } }],
    ['something is being done with it', { records: [idle(1)], over: { busy: new Set([idle(1).agentId]) } }],
    ['the cap is that of the template itself', { records: [idle(1)], templates: [low, { ...high, maxAgents: 0 }] }],
    ['there is room', { records: [idle(1)], over: { caps: { maxAgents: 9, maxCpus: undefined, maxMem: undefined } } }],
    ['the first rounds take nothing away', { records: [idle(1)], over: { round: 2 } }],
    ['Mesos is away', { records: [idle(1)], over: { mesos: { ...aSnapshot().mesos, subscribed: false } } }],
    ['the build is to take that very agent', { records: [idle(1)], waits: 'low' }],
    [
      'the build finds another template',
      {
        records: [idle(1)],
        templates: [low, { ...high, maxAgents: 9 }],
        waits: 'low||high',
      },
    ],
  ])('leaves an idle agent alone: %s', (_what, scene) => {
    expect(going(scene)).toEqual([])
  })

  test.each<[string, string, Template, readonly AgentRecord[]]>([
    ['another image', 'low:maven', low, [idle(1)]],
    ['no image', 'low', low, [idle(1, {}, variantFor(low, 'low:maven'))]],
    ['a third one', 'low:node', low, [idle(1, {}, variantFor(low, 'low:maven'))]],
  ])('of the same template with %s needs its room under any cap', (_what, waits, template, records) => {
    const templates = [{ ...template, maxAgents: 1 }, high]
    const over = { caps: { maxAgents: 9, maxCpus: undefined, maxMem: undefined } }
    expect(going({ records, waits, templates, over })).toEqual([
      'mesos-low-1 idle: idle, and a build that needs another image of template low waits for room under a cap',
    ])
  })

  test('takes agents with an image that a job named before the warm pool', () => {
    const image = variantFor(low, 'low:maven') as Template
    const records = [idle(9), aRecord({ agentId: 'mesos-low-image', idleSince: NOW }, image)]
    expect(going({ records, templates: [{ ...low, minIdle: 1 }, high] })).toEqual([
      expect.stringContaining('mesos-low-image'),
    ])
  })
})

test.each<[string, number, readonly string[]]>([
  ['not before', 599_999, []],
  ['then', 600_000, ['mesos-low-image idle: idle for 600 s, the timeout is 600 s']],
])('an agent with an image that a job named goes after ten idle minutes where idle agents stay: %s', (_w, ms, gone) => {
  const image = variantFor(low, 'low:maven') as Template
  const records = [
    aRecord({ agentId: 'mesos-low-image', idleSince: NOW - ms }, image),
    aRecord({ agentId: 'mesos-low-plain', idleSince: NOW - 9 * ms }, low),
  ]
  const over = { caps: { maxAgents: 9, maxCpus: undefined, maxMem: undefined } }
  expect(going({ records, over })).toEqual(gone)
})
