import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  briefOf,
  detailText,
  EMPTY,
  EVERYTHING,
  isMissing,
  join,
  MOST,
  matches,
  queryOf,
  withLive,
  withNewest,
  withOlder,
} from '../../../plugins/dashboard/static/lib/event-list.js'
import type { EventView } from '../../../src/loop/view-types.ts'

const anEvent = (id: number, changes: Partial<EventView> = {}): EventView => ({
  id,
  at: id * 1_000,
  level: 'info',
  message: 'an agent is online',
  agentId: undefined,
  template: undefined,
  hostname: undefined,
  details: {},
  ...changes,
})

const events = (...ids: readonly number[]) => ids.map((id) => anEvent(id))
const answer = (lastEventId: number, ids: readonly number[], startedAt = 1) => ({
  startedAt,
  lastEventId,
  items: events(...ids),
})
const idsOf = (list: { readonly items: readonly EventView[] }) => list.items.map(({ id }) => id)

describe('events', () => {
  test('stand there once, the newest first, however they came', () => {
    const runs = fc.array(fc.array(fc.integer({ min: 1, max: 60 })))
    fc.assert(
      fc.property(runs, (all) => {
        const held = all.reduce<readonly EventView[]>((list, ids) => join(list, events(...ids)), [])
        const wanted = [...new Set(all.flat())].sort((a, b) => b - a)
        expect(held.map(({ id }) => id)).toEqual(wanted)
      }),
    )
  })

  test('that are known already change nothing', () => {
    const held = events(3, 2, 1)
    expect(join(held, events(2, 3))).toBe(held)
  })

  test('come after the answer, without those that it held', () => {
    let list = withNewest(EMPTY, answer(5, [5, 4, 3]), 3)
    for (const event of events(4, 5, 6, 7)) list = withLive(list, event, EVERYTHING)
    expect(idsOf(list)).toEqual([7, 6, 5, 4, 3])
    expect(list.known).toBe(7)
  })

  test('that the stream left out are seen to be missing, and wait for the answer', () => {
    const list = withNewest(EMPTY, answer(5, [5, 4]), 2)
    expect(isMissing(list, 6)).toBe(false)
    expect(isMissing(list, 7)).toBe(true)
    expect(withLive(list, anEvent(7), EVERYTHING)).toBe(list)
    expect(idsOf(withNewest(list, answer(7, [7, 6]), 2))).toEqual([7, 6, 5, 4])
  })

  test('that were missed by more than a page leave no hole: what is older is paged back to', () => {
    const list = withNewest(EMPTY, answer(5, [5, 4, 3, 2, 1]), 6)
    expect(list.complete).toBe(true)
    const after = withNewest(list, answer(50, [50, 49]), 2)
    expect(idsOf(after)).toEqual([50, 49])
    expect(after.complete).toBe(false)
    expect(idsOf(withOlder(after, answer(50, [48, 47]), 2))).toEqual([50, 49, 48, 47])
  })

  test('of another process stand alone', () => {
    const list = withNewest(EMPTY, answer(500, [500, 499]), 2)
    const after = withNewest(list, answer(3, [3, 2], 9), 2)
    expect(idsOf(after)).toEqual([3, 2])
    expect(after.known).toBe(3)
    expect(withOlder(after, answer(500, [498]), 2)).toBe(after)
  })

  test('that a filter keeps out are known all the same', () => {
    const filter = { ...EVERYTHING, level: 'error' as const }
    let list = withNewest(EMPTY, answer(5, []), 2)
    list = withLive(list, anEvent(6), filter)
    list = withLive(list, anEvent(7, { level: 'error' }), filter)
    expect(idsOf(list)).toEqual([7])
    expect(list.known).toBe(7)
  })

  test('of a filter come back after a cut, although many others happened', () => {
    const list = withNewest(EMPTY, answer(5, [2]), 10)
    const after = withNewest(list, answer(90, [80, 2]), 10)
    expect(idsOf(after)).toEqual([80, 2])
    expect(after.complete).toBe(true)
  })

  test('are held up to a bound, and the oldest may be asked for again', () => {
    const ids = Array.from({ length: MOST }, (_, nth) => MOST - nth)
    const list = withLive(withNewest(EMPTY, answer(MOST, ids), MOST + 1), anEvent(MOST + 1), EVERYTHING)
    expect(list.items).toHaveLength(MOST)
    expect(list.items[0]?.id).toBe(MOST + 1)
    expect(list.complete).toBe(false)
  })

  test('make the same list, whatever the stream dropped, as long as answers fill the holes', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.integer({ min: 1, max: 80 }), (told, limit) => {
        let list = withNewest(EMPTY, answer(0, []), limit)
        for (const [nth, isTold] of told.entries()) {
          const id = nth + 1
          const newest = Array.from({ length: Math.min(limit, id) }, (_, back) => id - back)
          if (!isTold) continue
          list = isMissing(list, id)
            ? withNewest(list, answer(id, newest), limit)
            : withLive(list, anEvent(id), EVERYTHING)
        }
        const ids = idsOf(list)
        for (const [nth, id] of ids.entries()) if (nth > 0) expect(id).toBe((ids[nth - 1] ?? 0) - 1)
        expect(ids[0] ?? 0).toBe(told.lastIndexOf(true) + 1)
      }),
    )
  })
})

describe('a filter', () => {
  const event = anEvent(1, {
    level: 'warn',
    message: 'a launch failed',
    template: 'linux',
    agentId: 'mesos-linux-1',
    hostname: 'host-7',
    details: { reason: 'Out of Memory', ports: [31_000, 31_001], usage: { rss: 12 } },
  })

  test.each([
    [{}, true],
    [{ level: 'warn' as const }, true],
    [{ level: 'error' as const }, false],
    [{ template: 'linux' }, true],
    [{ template: 'lin' }, false],
    [{ agentId: 'mesos-linux-1' }, true],
    [{ agentId: 'mesos-linux-2' }, false],
    [{ q: 'LAUNCH' }, true],
    [{ q: 'out of memory' }, true],
    [{ q: '31001' }, true],
    [{ q: 'host-7' }, true],
    [{ q: 'rss' }, true],
    [{ q: 'nowhere' }, false],
    [{ q: 'launch', template: 'windows' }, false],
  ])('%p of a warning about an agent: %p', (filter, is) => {
    expect(matches(event, { ...EVERYTHING, ...filter })).toBe(is)
  })

  test('asks the API for what is filtered only', () => {
    expect(queryOf(EVERYTHING, { limit: 200 })).toBe('limit=200')
    const filter = { level: 'warn' as const, template: 'linux', agentId: 'a&b', q: 'x=1 y' }
    expect(queryOf(filter, { limit: 9, before: 7 })).toBe(
      'limit=9&before=7&level=warn&template=linux&agentId=a%26b&q=x%3D1+y',
    )
  })
})

test.each([
  ['plain', 'plain'],
  [3, '3'],
  [['a', 1], 'a, 1'],
  [{ queue: 4, usage: { cpus: 0.5 } }, 'queue 4, usage cpus 0.5'],
  [[{ a: 1 }], 'a 1'],
  [[], 'none'],
  [{}, 'none'],
  [null, 'null'],
  [true, 'true'],
  [undefined, ''],
])('%p of a log line is shown as %p', (value, text) => {
  expect(detailText(value)).toBe(text)
})

test('the line below an event begins with what is said in words, and is short', () => {
  expect(
    briefOf([
      ['items', 4],
      ['words', 'the anchors are being made'],
      ['jobs', ['a', 'b']],
    ]),
  ).toBe('the anchors are being made · items: 4 · jobs: a, b')
  expect(briefOf([['why', 'x'.repeat(500)]])).toHaveLength(161)
})
