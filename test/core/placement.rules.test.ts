import { describe, expect, test } from '@jest/globals'
import type { AgentRecord, MesosAgentId } from '../../src/core/model.ts'
import type { KnownHost, Offer } from '../../src/core/offer.ts'
import { plan } from '../../src/core/plan.ts'
import { EMPTY_MEMORY, type Plan, type Snapshot } from '../../src/core/snapshot.ts'
import type { Constraint } from '../../src/core/template.ts'
import { anchorOf, anItem, anOffer, aReading, aRecord, aSnapshot, aTemplate, NOW, nodeOf } from '../support/builders.ts'

const rule = (field: string, operator: Constraint['operator'], value?: string): Constraint => ({
  field,
  operator,
  value,
})
const inRack = (n: number, rack: string, over: Partial<Offer> = {}): Offer =>
  anOffer({ host: n, attributes: [{ name: 'rack', type: 'TEXT', value: rack }], ...over })
const S9 = 'S9' as MesosAgentId
const placed = ({ actions }: Plan): readonly string[] =>
  actions.flatMap((action) => (action.kind === 'provision' || action.kind === 'place' ? [action.place.hostname] : []))

/** So many builds wait for the one template. */
function world(template: ReturnType<typeof aTemplate>, waiting: number, over: Partial<Snapshot> = {}): Snapshot {
  const records = over.records ?? []
  const nodes = [
    anchorOf(template),
    ...records.map((record) =>
      nodeOf(record, { idle: false, running: [{ url: `job/x/${record.agentId}/`, name: 'x' }] }),
    ),
  ]
  const queue = Array.from({ length: waiting }, (_, n) =>
    anItem({ id: String(n), job: `job-${n}`, jobUrl: `http://jenkins.test/job/job-${n}/` }),
  )
  return aSnapshot({ templates: [template], jenkins: aReading({ nodes, queue }), ...over })
}

describe('rules on where agents are', () => {
  const once = aTemplate({ constraints: [rule('rack', 'UNIQUE')] })
  const offers = [inRack(1, 'r1'), inRack(2, 'r1'), inRack(3, 'r2')]
  const at = (rack: Readonly<Record<string, string>> | undefined, over: Partial<AgentRecord> = {}): AgentRecord =>
    aRecord({ agentId: 'mesos-linux-1', hostname: 'host-9', hostAttributes: rack, ...over }, once)

  test('count agents that are there and those placed in the same round', () => {
    expect(placed(plan(world(once, 3, { offers }), NOW))).toEqual(['host-1', 'host-3'])
    expect(placed(plan(world(once, 3, { offers, records: [at({ rack: 'r1' })] }), NOW))).toEqual(['host-3'])
  })

  test.each(['unreachable', 'draining', 'starting', 'disconnected'] as const)('count an agent that is %s', (state) => {
    const records = [at({ rack: 'r1' }, { state })]
    expect(placed(plan(world(once, 3, { offers, records }), NOW))).toEqual(['host-3'])
  })

  test('say why an item waits', () => {
    const { explanation } = plan(world(once, 1, { offers: offers.slice(0, 1), records: [at({ rack: 'r1' })] }), NOW)
    expect(explanation.items[0]?.words).toBe(
      'template linux serves it; 1 host offered: host-1 has rack=r1 with 1 of 1 agents of template linux, the rule is rack UNIQUE',
    )
  })

  test('wait for an agent whose host nobody knows, unless it has offered something since', () => {
    const records = [at(undefined, { hostname: undefined, mesosAgentId: S9 })]
    expect(placed(plan(world(once, 3, { offers, records }), NOW))).toEqual([])
    const known: KnownHost = {
      hostname: 'host-9',
      mesosAgentId: S9,
      attributes: [{ name: 'rack', type: 'TEXT', value: 'r2' }],
      domain: undefined,
      unavailability: undefined,
      free: {},
      seenAt: NOW,
    }
    const there = records.map((record) => ({ ...record, hostname: 'host-9' }))
    expect(placed(plan(world(once, 3, { offers, records: there, hosts: [known] }), NOW))).toEqual(['host-1'])
  })

  test('do not count an agent against itself that looks for a place anew', () => {
    const record = at({ rack: 'r1' }, { state: 'planned', hostname: 'host-1' })
    const snapshot = world(once, 0, { offers: offers.slice(0, 1), records: [record], ready: new Set([record.agentId]) })
    expect(placed(plan(snapshot, NOW))).toEqual(['host-1'])
  })

  test('leave hosts that never fit alone for five minutes, and ask those soon that may fit later', () => {
    const template = aTemplate({ constraints: [rule('rack', 'LIKE', 'r1'), rule('rack', 'UNIQUE')] })
    const result = plan(
      world(template, 1, { offers, records: [aRecord({ hostAttributes: { rack: 'r1' } }, template)] }),
      NOW,
    )
    const declined = result.actions.flatMap((action) =>
      action.kind === 'decline' ? [[action.offers, action.refuseSeconds]] : [],
    )
    expect(declined).toEqual([
      [['O-1', 'O-2'], 5],
      [['O-3'], 300],
    ])
  })
})

describe('workspaces', () => {
  const offers = [1, 2, 3].map((n) => anOffer({ host: n }))
  const template = aTemplate({ affinity: true })
  const busyOn = (host: string): AgentRecord => aRecord({ agentId: 'mesos-linux-0', hostname: host }, template)
  const ran = (host: string): Snapshot => {
    const snapshot = world(template, 0, { records: [busyOn(host)] })
    const nodes = (snapshot.jenkins?.nodes ?? []).map((node) => ({
      ...node,
      running: node.running.map((build) => ({ ...build, url: 'job/job-0/17/' })),
    }))
    return { ...snapshot, jenkins: aReading({ nodes }) }
  }

  test('bring an agent back to the host where its job ran last', () => {
    const { memory } = plan(ran('host-3'), NOW)
    expect(memory.jobHosts).toEqual({ 'job/job-0/': ['host-3'] })
    expect(placed(plan(world(template, 1, { offers, memory }), NOW))).toEqual(['host-3'])
    const elsewhere = plan({ ...ran('host-2'), memory }, NOW).memory
    expect(elsewhere.jobHosts).toEqual({ 'job/job-0/': ['host-2', 'host-3'] })
    expect(placed(plan(world(template, 1, { offers, memory: elsewhere }), NOW))).toEqual(['host-2'])
  })

  test('count for nothing where the template does not ask, or no room is left', () => {
    const memory = { ...EMPTY_MEMORY, jobHosts: { 'job/job-0/': ['host-3'] } }
    expect(placed(plan(world(aTemplate(), 1, { offers, memory }), NOW))).toEqual(['host-1'])
    const full = [...offers.slice(0, 2), anOffer({ host: 3, free: { cpus: 1, mem: 1 } })]
    expect(placed(plan(world(template, 1, { offers: full, memory }), NOW))).toEqual(['host-1'])
  })
})
