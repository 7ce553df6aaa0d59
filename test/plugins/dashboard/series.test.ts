import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  append,
  firstShown,
  means,
  reading,
  rows,
  shareOf,
  stacked,
  statesOf,
  WAITING,
  withGaps,
} from '../../../plugins/dashboard/static/lib/series.js'
import { DEMAND_STATES } from '../../../src/core/explain-templates.ts'
import type { SummaryView, TimelineView } from '../../../src/loop/view-types.ts'

const EVERY = 10_000

const aTimeline = (changes: Partial<TimelineView> = {}): TimelineView => ({
  everyMs: EVERY,
  at: [10_000, 20_000],
  waiting: [1, 2],
  blocked: [0, 0],
  builds: [3, 3],
  agents: { online: [2, 2] },
  givenCpus: [2, 2],
  usedCpus: [1, null],
  givenMemMib: [512, 512],
  usedMemMib: [100, null],
  ...changes,
})

const aSummary = (changes: Partial<SummaryView> = {}): SummaryView =>
  ({
    now: 30_000,
    startedAt: 0,
    jenkins: { reachable: true },
    round: { number: 3, lastAt: 29_000, held: undefined },
    queue: { waiting_offer: 2, starting: 1, not_demand: 4, unserved: 1 },
    agents: { online: 2, starting: 1 },
    executors: { idle: 0, busy: 2, starting: 1 },
    givenCpus: 3,
    givenMemMib: 768,
    usedCpus: undefined,
    usedMemMib: undefined,
    ...changes,
  }) as SummaryView

describe('what is shown', () => {
  test('begins with the last point before it, so that the line comes from outside', () => {
    expect(firstShown([1, 2, 3, 4], 3)).toBe(1)
    expect(firstShown([1, 2, 3, 4], 0)).toBe(0)
    expect(firstShown([1, 2, 3, 4], 9)).toBe(3)
    expect(firstShown([], 5)).toBe(0)
  })

  test('has an unknown point in each hole, and nowhere else', () => {
    const at = [0, 10_000, 21_000, 60_000, 70_000]
    expect(withGaps({ at, columns: [[1, 2, 3, 4, 5]] }, EVERY, 0)).toEqual({
      at: [0, 10_000, 21_000, 31_000, 60_000, 70_000],
      columns: [[1, 2, 3, null, 4, 5]],
    })
  })

  test('keeps what was not known unknown, never nought', () => {
    expect(withGaps({ at: [0, 10_000], columns: [[null, 0]] }, EVERY, 0).columns).toEqual([[null, 0]])
  })

  test('goes forward in time only, whatever came twice or late', () => {
    const instants = fc.array(fc.integer({ min: 0, max: 1_000_000 }))
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 1_000_000 }), (at, from) => {
        const cut = withGaps({ at, columns: [at] }, EVERY, from)
        expect(cut.columns[0]).toHaveLength(cut.at.length)
        for (const [nth, instant] of cut.at.entries())
          if (nth > 0) expect(instant).toBeGreaterThan(cut.at[nth - 1] ?? -1)
      }),
    )
  })
})

describe('areas', () => {
  test('lie on one another', () => {
    const columns = [
      [1, 2],
      [3, 4],
      [5, 6],
    ]
    expect(stacked(columns, [true, true, true])).toEqual([
      [1, 2],
      [4, 6],
      [9, 12],
    ])
  })

  test('that are hidden lift nothing', () => {
    expect(stacked([[1], [3], [5]], [true, false, true])).toEqual([[1], [null], [6]])
    expect(stacked([[1], [3]], [false, true])).toEqual([[null], [3]])
  })

  test('end where a part of the sum is not known, with all above', () => {
    expect(
      stacked(
        [
          [1, 1],
          [null, 2],
          [5, 5],
        ],
        [true, true, true],
      ),
    ).toEqual([
      [1, 1],
      [null, 3],
      [null, 8],
    ])
  })

  test('are those of states that held an agent in this time, in the order of its life', () => {
    const agents = { stopping: [0, 1], online: [1, 1], gone_wild: [0, 2], draining: [3, 0], planned: [null, null] }
    expect(statesOf(aTimeline({ agents }), 20_000)).toEqual(['online', 'draining', 'stopping', 'gone_wild'])
    expect(statesOf(aTimeline({ at: [1, 2], agents }), 3)).toEqual(['online', 'stopping', 'gone_wild'])
  })
})

describe('many points', () => {
  test('become the means of equal shares of the time', () => {
    const table = { at: [0, 10_000, 20_000, 30_000, 60_000], columns: [[1, 3, null, 5, 7]] }
    expect(means(table, 30_000)).toEqual({ at: [20_000, 30_000, 60_000], columns: [[2, 5, 7]] })
  })

  test('are unknown where all of a share is', () => {
    expect(means({ at: [0, 10_000], columns: [[null, null]] }, 30_000).columns).toEqual([[null]])
  })

  test('stay as they are when the next one comes', () => {
    const at = Array.from({ length: 30 }, (_, nth) => nth * EVERY)
    const before = means({ at, columns: [at] }, 60_000)
    const after = means({ at: [...at, 300_000], columns: [[...at, 300_000]] }, 60_000)
    expect(after.at.slice(0, before.at.length)).toEqual(before.at)
    expect(after.columns[0]?.slice(0, before.at.length)).toEqual(before.columns[0])
  })

  test('are thinned only where a screen could not show them apart', () => {
    expect(shareOf(15_000, 15 * 60_000, 400)).toBe(15_000)
    expect(shareOf(15_000, 60 * 60_000, 400)).toBe(15_000)
    expect(shareOf(15_000, 6 * 60 * 60_000, 400)).toBe(60_000)
    expect(shareOf(60_000, 1_000, 400)).toBe(60_000)
  })
})

describe('a summary', () => {
  test('counts as waiting what the planner counts as demand', () => {
    expect([...WAITING].sort()).toEqual([...DEMAND_STATES].sort())
  })

  test('is the newest point', () => {
    const next = append(aTimeline(), aSummary(), 3_600_000)
    expect(next.at).toEqual([10_000, 20_000, 30_000])
    expect(next.waiting).toEqual([1, 2, 3])
    expect(next.blocked).toEqual([0, 0, 5])
    expect(next.agents).toEqual({ online: [2, 2, 2], starting: [0, 0, 1] })
    expect(next.usedCpus).toEqual([1, null, null])
    expect(next.builds).toEqual([3, 3, 2])
  })

  test('that comes too soon changes nothing', () => {
    const view = aTimeline()
    expect(append(view, aSummary({ now: 29_999 }), 3_600_000)).toBe(view)
  })

  test('of a sidecar that cannot see Jenkins says nothing of the queue', () => {
    const next = append(aTimeline(), aSummary({ jenkins: { reachable: false } as SummaryView['jenkins'] }), 3_600_000)
    expect([next.waiting.at(-1), next.blocked.at(-1), next.builds.at(-1)]).toEqual([null, null, null])
    expect(next.agents['online']?.at(-1)).toBe(2)
  })

  test('of an instance that does not act says nothing at all', () => {
    const next = append(aTimeline(), aSummary({ round: { number: 0, lastAt: undefined, held: undefined } }), 3_600_000)
    const columns = [next.waiting, next.builds, next.givenCpus, next.usedCpus, next.agents['online']]
    expect(columns.map((column) => column?.at(-1))).toEqual([null, null, null, null, null])
  })

  test('without agents tells that nothing is used', () => {
    const next = append(aTimeline(), aSummary({ agents: {}, givenCpus: 0, givenMemMib: 0 }), 3_600_000)
    expect([next.usedCpus.at(-1), next.usedMemMib.at(-1)]).toEqual([0, 0])
  })

  test('drops what is too old', () => {
    const next = append(aTimeline(), aSummary(), 10_000)
    expect(next.at).toEqual([10_000, 20_000, 30_000])
    expect(append(next, aSummary({ now: 40_000 }), 10_000).at).toEqual([20_000, 30_000, 40_000])
  })

  test('opens a time line that is empty', () => {
    const empty = aTimeline({ at: [], waiting: [], blocked: [], builds: [], agents: {}, givenCpus: [], usedCpus: [] })
    expect(append({ ...empty, givenMemMib: [], usedMemMib: [] }, aSummary(), 1).agents).toEqual({
      online: [2],
      starting: [1],
    })
  })
})

describe('the table', () => {
  test('has few rows, the newest first and always there', () => {
    const at = Array.from({ length: 125 }, (_, nth) => nth)
    const found = rows({ at, columns: [at] }, 60)
    expect(found.length).toBeLessThanOrEqual(60)
    expect(found[0]).toEqual({ at: 124, values: [124] })
    expect(rows({ at: [], columns: [] }, 60)).toEqual([])
  })
})

test.each([
  [null, 'CPU', 'not known'],
  [undefined, '', 'not known'],
  [0, '', '0'],
  [0.333333, 'CPU', '0.33 CPU'],
  [12.345, 'CPU', '12.3 CPU'],
  [123.4, '', '123'],
  [512, 'MiB', '512 MiB'],
  [1024, 'MiB', '1 GiB'],
  [46_080, 'MiB', '45 GiB'],
])('%p %s is read as %s', (value, unit, words) => {
  expect(reading(value, unit)).toBe(words)
})
