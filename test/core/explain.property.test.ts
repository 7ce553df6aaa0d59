import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { failed, NO_BACKOFF } from '../../src/core/backoff.ts'
import { Explainer } from '../../src/core/explain-report.ts'
import { plan } from '../../src/core/plan.ts'
import { EMPTY_MEMORY, type ItemState, type Snapshot } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import { aNode, anItem, NOW } from '../support/builders.ts'
import { anyWorld } from '../support/worlds.ts'

function explain(snapshot: Snapshot, now = NOW): Explainer {
  const { records, jenkins: reading } = snapshot
  return new Explainer({ snapshot, plan: plan(snapshot, now), records, reading, now })
}

/** What stands in the way of templates beside caps and offers, and times without an end. */
const anyTrouble = fc.record({
  idleTimeoutMs: fc.constantFrom(30_000, Number.POSITIVE_INFINITY),
  headroom: fc.constantFrom(undefined, { factor: 0.5, limit: undefined }),
  paused: fc.constantFrom('', '', 'a', 'abc'),
  failing: fc.constantFrom(undefined, undefined, 'a', 'b'),
  burst: fc.constantFrom(1, 10),
  perSecond: fc.constantFrom(0.01, 2),
  tokens: fc.constantFrom(0, 0.5, 1, 10),
})

const troubled: fc.Arbitrary<Snapshot> = fc.tuple(anyWorld, anyTrouble).map(([snapshot, trouble]) => {
  const { idleTimeoutMs, headroom, paused, failing, burst, perSecond, tokens } = trouble
  const backoff = failing === undefined ? {} : { [failing]: failed(failed(NO_BACKOFF, NOW), NOW) }
  return {
    ...snapshot,
    templates: snapshot.templates.map((template): Template => ({ ...template, idleTimeoutMs, headroom })),
    paused: {
      all: false,
      templates: snapshot.templates.map(({ name }) => name).filter((name) => paused.includes(name)),
    },
    launchRate: { burst, perSecond },
    memory: { ...EMPTY_MEMORY, backoff, launches: { tokens: Math.min(tokens, burst), at: NOW } },
    jenkins: snapshot.jenkins && withOdd(snapshot.jenkins),
  }
})

/** These wait for an agent of their template. */
const WAITS: ReadonlySet<ItemState> = new Set([
  'waiting_offer',
  'capped',
  'backed_off',
  'paused',
  'rate_limited',
  'starting',
])

test('every item, template and agent has one sentence, whole, and lists are bounded', () => {
  const seen = new Set<ItemState>()
  fc.assert(
    fc.property(troubled, (snapshot) => {
      const explainer = explain(snapshot)
      const report = explainer.report()
      const queue = snapshot.jenkins?.queue ?? []
      expect(report.items.map(({ itemId }) => itemId).sort()).toEqual(queue.map(({ id }) => id).sort())
      expect(report.templates).toHaveLength(snapshot.templates.length)
      expect(report.agents).toHaveLength(snapshot.records.length)
      const words = [
        ...report.items.map((item) => item.words),
        ...report.templates.flatMap(({ words: said, findings, needs }) => [said, needs, ...findings]),
        ...report.agents.flatMap(({ words: said, provisioned }) => [said, provisioned]),
        ...Object.values(report.wishes).flatMap(({ candidates }) => candidates.map((one) => one.words)),
      ]
      expect(words.filter((said) => said === '' || BROKEN.test(said))).toEqual([])
      const [first] = report.items.filter(({ state }) => state === 'waiting_offer')
      const details = first && explainer.item(first.itemId)
      expect(details?.words).toBe(first?.words)
      expect(details?.hosts?.nearest.length ?? 0).toBeLessThanOrEqual(10)
      expect(report.items.filter(({ asks }) => asks !== undefined && report.wishes[asks] === undefined)).toEqual([])
      expect(numbersOf(report).filter((value) => !Number.isFinite(value))).toEqual([])
      for (const { name, demand } of report.templates.map((one) => ({ name: one.template, demand: one.demand }))) {
        expect(demand).toBe(report.items.filter(({ template, state }) => template === name && WAITS.has(state)).length)
      }
      for (const { state } of report.items) seen.add(state)
    }),
    { numRuns: 1_000 },
  )
  expect([...seen].sort()).toEqual(EVERY_STATE)
})

/** But `vetoed`, which only shows after several rounds. */
const EVERY_STATE: readonly ItemState[] = [
  'backed_off',
  'capped',
  'not_demand',
  'paused',
  'rate_limited',
  'served',
  'starting',
  'tied',
  'unreadable',
  'unserved',
  'waiting_offer',
]

/** JSON shows what is not finite as null. */
function numbersOf(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : []
}

const BROKEN = /undefined|NaN|Infinity|null|\[object/

function withOdd(reading: NonNullable<Snapshot['jenkins']>): NonNullable<Snapshot['jenkins']> {
  const odd = anItem({ id: 'odd', job: 'odd', why: 'All nodes of label ‘linux||(arm&&!gpu)’ are offline' })
  return {
    ...reading,
    nodes: [...reading.nodes, aNode({ name: 'more', labels: ['more'] })],
    queue: [...reading.queue.slice(0, 5), odd],
  }
}
