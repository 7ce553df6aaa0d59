import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Log } from '../../src/core/log.ts'
import { Secret } from '../../src/core/secret.ts'
import { EventLog, heard } from '../../src/loop/event-log.ts'
import type { EventFilter } from '../../src/loop/view-events.ts'
import type { EventView } from '../../src/loop/view-types.ts'
import { NOW } from '../support/builders.ts'
import { aLog } from '../support/log.ts'

const eventLog = (most?: number, mostChars?: number): EventLog =>
  new EventLog({ now: () => NOW, ...(most !== undefined && { most }), ...(mostChars !== undefined && { mostChars }) })

const idsOf = (events: readonly EventView[]): readonly number[] => events.map(({ id }) => id)

test('what the log is told is an event, but for what is said for developers', () => {
  const { log, lines } = aLog()
  const events = eventLog()
  const told = heard(log, events)
  told.debug({ agentId: 'a' }, 'a call')
  told.info({ agentId: 'a', template: 'linux', hostname: 'h1', seconds: 12 }, 'agent online')
  told.warn({ problem: 'no host has room' }, 'something needs a look')
  told.error({ err: new Error('disk full') }, 'the store does not take changes')
  expect(lines.map(({ level }) => level)).toEqual(['debug', 'info', 'warn', 'error'])
  expect(events.find({ limit: 10 })).toMatchObject([
    {
      id: 1,
      at: NOW,
      level: 'info',
      message: 'agent online',
      agentId: 'a',
      template: 'linux',
      hostname: 'h1',
      details: { seconds: 12 },
    },
    { id: 2, level: 'warn', agentId: undefined, details: { problem: 'no host has room' } },
    { id: 3, level: 'error', details: { err: { type: 'Error', message: 'disk full' } } },
  ])
  expect(events.lastId).toBe(3)
})

test.each<[EventFilter, readonly number[]]>([
  [{ limit: 10 }, [1, 2, 3, 4]],
  [{ limit: 2 }, [3, 4]],
  [{ limit: 0 }, []],
  [{ limit: 10, after: 2 }, [3, 4]],
  [{ limit: 10, before: 3 }, [1, 2]],
  [{ limit: 1, before: 3 }, [2]],
  [{ limit: 10, after: 1, before: 4 }, [2, 3]],
  [{ limit: 10, after: 9 }, []],
  [{ limit: 10, level: 'info' }, [1, 2, 3, 4]],
  [{ limit: 10, level: 'warn' }, [3, 4]],
  [{ limit: 10, level: 'error' }, [4]],
  [{ limit: 10, template: 'linux' }, [2, 3]],
  [{ limit: 10, agentId: 'a-2' }, [3]],
  [{ limit: 10, text: 'ONLINE' }, [2]],
  [{ limit: 10, text: 'disk FULL' }, [4]],
  [{ limit: 10, text: 'host-7' }, [2]],
  [{ limit: 10, text: '' }, [1, 2, 3, 4]],
  [{ limit: 10, text: 'nowhere' }, []],
])('%j finds %j', (filter, ids) => {
  const events = eventLog()
  events.note('info', {}, 'started')
  events.note('info', { agentId: 'a-1', template: 'linux', hostname: 'host-7' }, 'agent online')
  events.note('warn', { agentId: 'a-2', template: 'linux' }, 'agent changed')
  events.note('error', { err: new Error('disk full') }, 'the store does not take changes')
  expect(idsOf(events.find(filter))).toEqual(ids)
})

test('the oldest are forgotten, and ids go on without gaps', () => {
  const events = eventLog(3)
  for (let nth = 1; nth <= 10; nth += 1) events.note('info', { nth }, 'agent online')
  expect(idsOf(events.find({ limit: 100 }))).toEqual([8, 9, 10])
  expect(idsOf(events.find({ limit: 100, after: 2 }))).toEqual([8, 9, 10])
})

test('however long its lines are it keeps no more text than it may, and always the last line', () => {
  const events = eventLog(1_000, 5_000)
  for (let nth = 1; nth <= 50; nth += 1) events.note('info', { words: 'x'.repeat(1_500) }, 'long')
  const kept = events.find({ limit: 1_000 })
  expect(JSON.stringify(kept).length).toBeLessThan(5_100)
  expect(kept.at(-1)?.id).toBe(50)
})

test('a line of any size is cut down', () => {
  const events = eventLog()
  const deep = { a: { b: { c: { d: { e: 'deep' } } } } }
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  events.note('info', { text: 'x'.repeat(1e6), many: Array.from({ length: 1_000 }, () => 1), deep, circle }, 'big')
  events.note(
    'info',
    { jobs: new Set(['a']), map: new Map([['k', 'v']]), big: 12n, none: null, gone: undefined },
    'odd',
  )
  const [big, odd] = events.find({ limit: 2 })
  expect(JSON.stringify(big).length).toBeLessThan(4_000)
  expect(odd?.details).toEqual({ jobs: ['a'], map: [['k', 'v']], big: '12', none: null })
})

test('invariant 10: a secret that stands where a long text is cut shows no part of itself', () => {
  const secret = new Secret('first-half-second-half')
  const events = eventLog()
  for (let before = 1_970; before <= 2_010; before += 1) {
    events.note('warn', { body: `${'x'.repeat(before)}${secret.reveal()}${'y'.repeat(500)}` }, 'refused')
  }
  expect(JSON.stringify(events.find({ limit: 100 }))).not.toContain('first-')
})

test('a listener that throws, or leaves while it is told, harms neither the others nor the log', () => {
  const events = eventLog()
  const told: number[] = []
  events.follow(() => {
    throw new Error('the page has gone')
  })
  const leave = events.follow(() => {
    leave()
  })
  const stop = events.follow(({ id }) => {
    told.push(id)
  })
  events.note('info', {}, 'one')
  events.note('info', {}, 'two')
  stop()
  events.note('info', {}, 'three')
  expect(told).toEqual([1, 2])
})

test('one who listens twice is told twice, and leaves once', () => {
  const events = eventLog()
  let told = 0
  const listener = (): void => {
    told += 1
  }
  const stop = events.follow(listener)
  events.follow(listener)
  events.note('info', {}, 'one')
  stop()
  events.note('info', {}, 'two')
  expect(told).toBe(3)
})

test('invariant 10: an event holds no secret that was in use when it came, wherever it stood', () => {
  const sign = fc.constantFrom(...'abcXYZ0189+/=@"\\$&%#?;,~'.split(''))
  fc.assert(
    fc.property(fc.string({ minLength: 10, maxLength: 40, unit: sign }), (value) => {
      const secret = new Secret(value)
      const events = eventLog()
      const log: Log = heard(aLog().log, events)
      const error = Object.assign(new Error(`refused: ${value}`), { cause: new Error(value), token: value })
      log.error({ err: error, secret, agentId: value, nested: { list: [value, { [value]: 1 }] } }, `failed: ${value}`)
      log.info({ template: value, hostname: `h-${value}`, url: `http://ci:${value}@host/` }, 'called')
      log.info({ url: 'http://ci:unknown-one@host/', key: '-----BEGIN PRIVATE KEY-----\nMIIE' }, 'shown')
      const shown = JSON.stringify(events.find({ limit: 10 }))
      expect(shown).not.toContain(JSON.stringify(value).slice(1, -1))
      expect(shown).not.toMatch(/unknown-one|MIIE/)
      expect(secret.reveal()).toBe(value) // in use until here
    }),
  )
})
