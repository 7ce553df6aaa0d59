import { describe, expect, test } from '@jest/globals'
import { planDemand } from '../../src/core/demand-plan.ts'
import type { QueueItem } from '../../src/core/jenkins-reading.ts'
import { plan } from '../../src/core/plan.ts'
import type { Snapshot } from '../../src/core/snapshot.ts'
import type { Template } from '../../src/core/template.ts'
import { inTurns } from '../../src/core/turns.ts'
import { anchorOf, anItem, anOffer, aReading, aSnapshot, aTemplate, NOW } from '../support/builders.ts'

const caps = (maxAgents: number): Snapshot['caps'] => ({ maxAgents, maxCpus: undefined, maxMem: undefined })

let ids = 0
/** Items for the label, each a second younger than the one before. */
function waiting(label: string, count: number, oldestMs: number): readonly QueueItem[] {
  return Array.from({ length: count }, (_, index) =>
    anItem({
      id: String(++ids),
      job: `${label}-${index}`,
      why: `There are no nodes with the label ‘${label}’`,
      stuck: false,
      buildableSince: NOW - oldestMs + index * 1_000,
    }),
  )
}

function planned(templates: readonly Template[], queue: readonly QueueItem[], over: Partial<Snapshot> = {}) {
  const jenkins = aReading({ nodes: templates.map((one) => anchorOf(one)), queue })
  return plan(aSnapshot({ templates, jenkins, ...over }), NOW)
}

/** Jobs whose items may get an agent. */
function served(...[templates, queue, over]: Parameters<typeof planned>): readonly string[] {
  const { items } = planned(templates, queue, over).explanation
  return items.flatMap(({ state, job }) => (state === 'waiting_offer' ? [job] : [])).toSorted()
}

const low = aTemplate({ name: 'low', maxAgents: 100 })
const high = aTemplate({ name: 'high', maxAgents: 100, priority: 10 })

describe('where a cap lets only a few agents be', () => {
  test('templates of higher priority come first, however young their items are', () => {
    const queue = [...waiting('low', 5, 600_000), ...waiting('high', 3, 5_000)]
    expect(served([low, high], queue, { caps: caps(4) })).toEqual(['high-0', 'high-1', 'high-2', 'low-0'])
  })

  test('labels take turns: many items of one do not keep another waiting', () => {
    const other = aTemplate({ name: 'other', maxAgents: 100 })
    const queue = [...waiting('low', 1_000, 3_600_000), ...waiting('other', 2, 5_000)]
    expect(served([low, other], queue, { caps: caps(4) })).toEqual(['low-0', 'low-1', 'other-0', 'other-1'])
  })

  test('so do labels of one template', () => {
    const both = aTemplate({ name: 'both', labels: ['a', 'b'], maxAgents: 3 })
    const queue = [...waiting('a', 100, 3_600_000), ...waiting('b', 1, 1_000)]
    expect(served([both], queue)).toEqual(['a-0', 'a-1', 'b-0'])
  })

  test('within a turn the oldest come first', () => {
    const templates = ['a', 'b', 'c'].map((name) => aTemplate({ name }))
    const queue = [...waiting('a', 2, 10_000), ...waiting('b', 2, 30_000), ...waiting('c', 2, 20_000)]
    expect(served(templates, queue, { caps: caps(1) })).toEqual(['b-0'])
    expect(served(templates, queue, { caps: caps(2) })).toEqual(['b-0', 'c-0'])
  })

  test('an item that goes on to a lower template takes its turn there', () => {
    const capped = aTemplate({ name: 'capped', labels: ['x', 'y'], priority: 10, maxAgents: 1 })
    const spare = aTemplate({ name: 'spare', labels: ['x', 'z'], maxAgents: 100 })
    const queue = [...waiting('x', 4, 60_000), ...waiting('z', 1, 1_000)]
    expect(served([capped, spare], queue, { caps: caps(3) })).toEqual(['x-0', 'x-1', 'z-0'])
  })

  test('a waiting build comes before the warm pool of a more important template', () => {
    const pool = { ...high, minIdle: 3 }
    const { items } = planned([low, pool], waiting('low', 1, 1_000), { caps: caps(1) }).explanation
    expect(items[0]?.state).toBe('waiting_offer')
  })
})

test('where offers are short the more important template is placed first', () => {
  const offers = [anOffer({ free: { cpus: 400, mem: 800_000 } })]
  const queue = [...waiting('low', 3, 60_000), ...waiting('high', 1, 1_000)]
  const [provision, second] = planned([low, high], queue, { offers }).actions.filter(({ kind }) => kind === 'provision')
  expect(provision).toMatchObject({ template: { name: 'high' } })
  expect(second).toBeUndefined()
})

describe('what is remembered of the choice', () => {
  const first = aTemplate({ name: 'first', labels: ['x'], priority: 1, maxAgents: 0 })
  const second = aTemplate({ name: 'second', labels: ['x'] })
  const third = aTemplate({ name: 'third', labels: ['x', 'y'] })

  function candidates(templates: readonly Template[]): readonly string[] {
    const snapshot = aSnapshot({ templates })
    const reading = aReading({ queue: waiting('x', 1, 1_000) })
    const [draft] = planDemand({
      snapshot,
      reading,
      records: [],
      supply: [],
      busy: new Map(),
      anchors: { actions: [], complete: true, byNode: new Map(), foreign: new Set(), problems: [], notes: [] },
      custom: { variants: new Map(), lastUsed: {}, waiting: new Set() },
      counted: [],
      orders: [],
      stop: (name) => (name === 'second' ? 'paused for a test' : undefined),
      now: NOW,
    }).drafts
    return (draft?.candidates ?? []).map(
      ({ template, blocked }) => `${template.name}: ${blocked === undefined ? 'may' : blocked.kind}`,
    )
  }

  test('is every candidate in order, with why it was passed over', () => {
    expect(candidates([third, second, first])).toEqual(['first: capped', 'second: paused', 'third: may'])
  })
})

test('turns keep the order within a class and between classes', () => {
  expect(inTurns(['a1', 'a2', 'b1', 'a3', 'c1', 'b2'], (word) => word[0])).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  expect(inTurns([], String)).toEqual([])
})
