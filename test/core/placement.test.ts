import { describe, expect, test } from '@jest/globals'
import type { MesosAgentId } from '../../src/core/model.ts'
import type { Offer } from '../../src/core/offer.ts'
import { plan } from '../../src/core/plan.ts'
import { EMPTY_MEMORY, type Plan, type Snapshot } from '../../src/core/snapshot.ts'
import {
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
const ml = aTemplate({ name: 'ml', scalars: { gpus: 1_000 }, regions: 'any' })
const anchors = [anchorOf(linux), anchorOf(ml)]
const waitsFor = (...names: readonly string[]) =>
  aReading({
    nodes: anchors,
    queue: names.map((name, index) => anItem({ id: String(index), why: `‘anchor-${name}’ is offline` })),
  })
const world = (over: Partial<Snapshot>): Snapshot => {
  const { mesos } = aSnapshot()
  return aSnapshot({ templates: [linux, ml], jenkins: waitsFor('linux'), mesos: { ...mesos, home: 'eu' }, ...over })
}
const refused = ({ actions }: Plan): readonly (readonly [readonly string[], number])[] =>
  actions.flatMap((action) => (action.kind === 'decline' ? [[action.offers, action.refuseSeconds] as const] : []))
const placed = ({ actions }: Plan): readonly string[] =>
  actions.flatMap((action) => (action.kind === 'provision' ? [`${action.template.name} ${action.place.hostname}`] : []))

const short = anOffer({ id: 'short', host: 1, free: { cpus: 100, mem: 1 } })
const full = { cpus: 8_000, mem: 16_384_000 }
const gpuHost = anOffer({ id: 'gpu', host: 2, free: { ...full, gpus: 4_000 } })
const far = anOffer({ id: 'far', host: 3, domain: { region: 'us', zone: 'a' } })

describe('hosts that take nobody', () => {
  test('for want of resources are asked again soon, those that never can after five minutes', () => {
    const result = plan(world({ offers: [short, gpuHost, far] }), NOW)
    expect(placed(result)).toEqual([])
    expect(refused(result)).toEqual([
      [['short'], 5],
      [['gpu', 'far'], 300],
    ])
    const { words } = result.explanation.items[0] ?? {}
    expect(words).toMatch(/host-1 needs .*; host-2 has GPUs and is kept .*; host-3 is in region us, the master in eu/)
  })

  test('are asked soon where one of those who wait could use them', () => {
    const result = plan(world({ jenkins: waitsFor('linux', 'ml'), offers: [far] }), NOW)
    expect(placed(result)).toEqual([])
    expect(refused(result)).toEqual([[['far'], 300]])
    const usable = plan(world({ jenkins: waitsFor('linux', 'ml'), offers: [short, gpuHost] }), NOW)
    expect(placed(usable)).toEqual(['ml host-2'])
  })

  test('are asked soon where nobody waits', () => {
    expect(refused(plan(world({ jenkins: waitsFor(), offers: [gpuHost] }), NOW))).toEqual([[['gpu'], 5]])
  })

  test('are asked anew when another template begins to wait: the filters of the role are lifted', () => {
    const first = plan(world({ offers: [gpuHost] }), NOW)
    expect([first.memory.refusedLong, [...(first.revive ?? [])]]).toEqual([{ '*': ['linux'] }, []])
    const memory = { ...EMPTY_MEMORY, ...first.memory }
    const same = plan(world({ memory }), NOW)
    expect([same.memory.refusedLong, [...(same.revive ?? [])]]).toEqual([{ '*': ['linux'] }, []])
    const more = plan(world({ memory, jenkins: waitsFor('linux', 'ml') }), NOW)
    expect([more.memory.refusedLong, [...(more.revive ?? [])]]).toEqual([{}, ['*']])
    const none = plan(world({ memory, jenkins: waitsFor() }), NOW)
    expect(none.memory.refusedLong).toEqual({})
  })
})

describe('maintenance', () => {
  const S1 = 'S1' as MesosAgentId
  const soon = { startsAt: NOW + 600_000, endsAt: undefined }
  const windows = new Map([[S1, soon]])
  const one = aTemplate({ minIdle: 1 })
  const record = aRecord({}, one)
  const around = (over: Partial<Snapshot>): Snapshot =>
    aSnapshot({
      templates: [one],
      records: [record],
      jenkins: aReading({ nodes: [anchorOf(one), nodeOf(record)] }),
      windows,
      ...over,
    })

  test('drains the agents of its host and fills the warm pool elsewhere', () => {
    const offers: readonly Offer[] = [anOffer({ id: 'same', host: 1 }), anOffer({ id: 'other', host: 2 })]
    const drained = plan(around({}), NOW)
    expect(drained.records).toMatchObject([
      { state: 'draining', reapReason: 'maintenance', reason: 'its host host-1 goes into maintenance in 600 s' },
    ])
    const next = plan(around({ records: drained.records, offers }), NOW)
    expect(placed(next)).toEqual(['linux host-2'])
  })

  test('invariant 1: leaves a busy agent its build, and nothing new starts there', () => {
    const running = [{ url: 'job/app/1/', name: 'app #1' }]
    const busy = nodeOf(record, { idle: false, running })
    const nodes = [anchorOf(one), busy]
    const first = plan(around({ jenkins: aReading({ nodes }) }), NOW)
    expect(first.actions).toMatchObject([{ kind: 'reap' }])
    const offline = nodeOf(record, { idle: false, running, offline: true, temporarilyOffline: true })
    const later = plan(around({ records: first.records, jenkins: aReading({ nodes: [anchorOf(one), offline] }) }), NOW)
    expect(later.actions).toEqual([])
  })

  test.each<[string, Partial<Snapshot>]>([
    [
      'that opens later than the longest build',
      { windows: new Map([[S1, { startsAt: NOW + 7_200_000, endsAt: undefined }]]) },
    ],
    ['that is over', { windows: new Map([[S1, { startsAt: NOW - 9, endsAt: NOW }]]) }],
    ['of another host', { windows: new Map([['S2' as MesosAgentId, soon]]) }],
    ['in the first rounds', { round: 2 }],
    ['without a look at Jenkins', { fresh: false }],
  ])('%s drains nothing', (_what, over) => {
    expect(plan(around(over), NOW).records).toEqual([])
  })
})

test('a template that asks for ports is placed where there are enough', () => {
  const web = aTemplate({ ports: 2, executors: { min: 1, max: 1 } })
  const jenkins = aReading({ nodes: [anchorOf(web)], queue: items(2) })
  const offers = [anOffer({ id: 'a', host: 1, free: { ...full, ports: 3_000 } })]
  const result = plan(aSnapshot({ templates: [web], jenkins, offers }), NOW)
  expect(placed(result)).toEqual(['linux host-1'])
  expect(result.explanation.items.map(({ words }) => words).join()).toMatch(/host-1 is|all taken|being started/)
})
