import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { scheduled } from '../../src/config/schedules.ts'
import type { Schedule, Template } from '../../src/core/template.ts'
import { aTemplate } from '../support/builders.ts'

const aSchedule = (cron: string, over: Partial<Schedule> = {}): Schedule => ({
  cron,
  timezone: 'Europe/Berlin',
  durationMs: undefined,
  minIdle: undefined,
  maxAgents: undefined,
  idleTimeoutMs: undefined,
  ...over,
})
const HOUR = 3_600_000

/** A template with these schedules, and what holds at a time that can be set. */
function clocked(...schedules: readonly Schedule[]) {
  const template = aTemplate({ minIdle: 1, schedules })
  let now = 0
  const effective = scheduled(
    () => [template],
    () => now,
  )
  const at = (time: string | number): Template => {
    now = typeof time === 'number' ? time : Date.parse(time)
    return effective()[0] ?? template
  }
  return { template, at }
}

describe('a schedule', () => {
  const day = aSchedule('0 8 * * 1-5', { minIdle: 3, maxAgents: 20, idleTimeoutMs: 60_000 })
  const evening = aSchedule('0 18 * * 1-5', { minIdle: 0 })

  test('holds from the very moment of its match until another begins, with its time zone', () => {
    const { at } = clocked(day, evening)
    expect(at('2026-03-24T06:59:59.999Z').minIdle).toBe(0) // 07:59:59 in Berlin: the evening before
    expect(at('2026-03-24T07:00:00.000Z')).toMatchObject({ minIdle: 3, maxAgents: 20, idleTimeoutMs: 60_000 })
    expect(at('2026-03-24T16:59:59.999Z').minIdle).toBe(3)
    expect(at('2026-03-24T17:00:00.000Z').minIdle).toBe(0)
    expect(at('2026-03-28T12:00:00.000Z').minIdle).toBe(0) // Saturday: still the evening of Friday
  })

  test('leaves what it does not say, and names itself', () => {
    const { template, at } = clocked(day, evening)
    const held = at('2026-03-24T20:00:00Z')
    expect(held).toMatchObject({ maxAgents: template.maxAgents, idleTimeoutMs: template.idleTimeoutMs })
    expect(held.scheduled).toBe('0 18 * * 1-5 Europe/Berlin')
    expect(held.revision).toBe(template.revision)
  })

  test('ends after its duration, and then what held before holds again', () => {
    const noon = aSchedule('0 12 * * *', { minIdle: 9, durationMs: 90 * 60_000 })
    const { at } = clocked(day, evening, noon)
    expect(at('2026-03-24T11:00:00Z').minIdle).toBe(9)
    expect(at('2026-03-24T12:29:59.999Z').minIdle).toBe(9)
    expect(at('2026-03-24T12:30:00Z').minIdle).toBe(3)
    expect(at('2026-03-24T17:00:00Z').minIdle).toBe(0)
  })

  test('when none holds the template has its own values, and is the very object of the configuration', () => {
    const { template, at } = clocked(aSchedule('0 12 * * *', { minIdle: 9, durationMs: HOUR }))
    expect(at('2026-03-24T12:00:00Z')).toBe(template)
    expect(at('2026-03-24T11:00:00Z').minIdle).toBe(9)
    expect(at('2026-03-25T10:59:00Z')).toBe(template)
  })

  test('of two that begin in the same minute the later in the list holds', () => {
    const { at } = clocked(aSchedule('0 * * * *', { minIdle: 1 }), aSchedule('0 8 * * *', { minIdle: 2 }))
    expect(at('2026-03-24T07:30:00Z').minIdle).toBe(2)
    expect(at('2026-03-24T08:00:00Z').minIdle).toBe(1)
    const { at: turned } = clocked(aSchedule('0 8 * * *', { minIdle: 2 }), aSchedule('0 * * * *', { minIdle: 1 }))
    expect(turned('2026-03-24T07:30:00Z').minIdle).toBe(1)
  })

  test('is the same object as long as it holds: nobody need compare templates', () => {
    const { at } = clocked(day, evening)
    const first = at('2026-03-24T08:00:00Z')
    expect(at('2026-03-24T15:00:00Z')).toBe(first)
    expect(at('2026-03-24T17:00:00Z')).not.toBe(first)
  })

  test('follows a clock that is set back', () => {
    const { at } = clocked(day, evening)
    expect(at('2026-03-24T17:00:00Z').minIdle).toBe(0)
    expect(at('2026-03-24T16:00:00Z').minIdle).toBe(3)
    expect(at('2025-03-24T17:00:00Z').minIdle).toBe(0)
  })

  test('that a reload put in holds at once', () => {
    let template = aTemplate({ schedules: [day] })
    const effective = scheduled(
      () => [template],
      () => Date.parse('2026-03-24T09:00:00Z'),
    )
    expect(effective()[0]?.minIdle).toBe(3)
    template = aTemplate({ schedules: [{ ...day, minIdle: 5 }] })
    expect(effective()[0]?.minIdle).toBe(5)
  })

  test('that never begins changes nothing', () => {
    const { template, at } = clocked(aSchedule('0 0 31 2 *', { minIdle: 5 }))
    expect(at('2026-03-24T09:00:00Z')).toBe(template)
  })
})

describe('over a change to or from daylight-saving time', () => {
  const begins = (cron: string, from: string, until: string): readonly string[] => {
    const { at } = clocked(aSchedule(cron, { minIdle: 5, durationMs: 60_000 }))
    const found: string[] = []
    for (let time = Date.parse(from); time < Date.parse(until); time += 60_000) {
      if (at(time).minIdle === 5) found.push(new Date(time).toISOString().slice(5, 16))
    }
    return found
  }

  test.each<[string, readonly string[]]>([
    // 02:00 becomes 03:00 at 01:00 UTC: 02:30 does not exist, and is taken for the first moment after the gap
    ['30 2 * * *', ['03-28T01:30', '03-29T01:00', '03-30T00:30']],
    ['30 2,14 * * *', ['03-28T01:30', '03-28T13:30', '03-29T01:00', '03-29T12:30', '03-30T00:30']],
    ['0 8 * * *', ['03-28T07:00', '03-29T06:00']],
    // an interval leaves the gap out
    ['*/30 2 * * *', ['03-28T01:00', '03-28T01:30', '03-30T00:00', '03-30T00:30']],
  ])('spring, %s', (cron, expected) => {
    expect(begins(cron, '2026-03-28T00:00:00Z', '2026-03-30T01:00:00Z')).toEqual(expected)
  })

  test.each<[string, readonly string[]]>([
    // 03:00 becomes 02:00 at 01:00 UTC: 02:30 comes twice, and the first counts
    ['30 2 * * *', ['10-24T00:30', '10-25T00:30', '10-26T01:30']],
    ['0 8 * * *', ['10-24T06:00', '10-25T07:00']],
    // an interval counts both
    [
      '*/30 2 * * *',
      [
        '10-24T00:00',
        '10-24T00:30',
        '10-25T00:00',
        '10-25T00:30',
        '10-25T01:00',
        '10-25T01:30',
        '10-26T01:00',
        '10-26T01:30',
      ],
    ],
  ])('autumn, %s', (cron, expected) => {
    expect(begins(cron, '2026-10-24T00:00:00Z', '2026-10-26T02:00:00Z')).toEqual(expected)
  })

  test('a duration is time that passes, not what clocks on the wall show', () => {
    const { at } = clocked(aSchedule('0 22 * * 6', { minIdle: 7, durationMs: 8 * HOUR }))
    // Saturday 22:00 to Sunday 07:00 summer time: an hour is left out in between
    expect(at('2026-03-29T04:59:00Z').minIdle).toBe(7)
    expect(at('2026-03-29T05:00:00Z').minIdle).toBe(1)
  })
})

const CRONS = ['0 8 * * 1-5', '30 2 * * *', '*/7 * * * *', '0 0 1 * *', '0 12 29 2 *', '15 3 * * 0'] as const

test('property: whatever was asked before, forth and back in time, the answer is that of a fresh start', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          cron: fc.constantFrom(...CRONS),
          timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
          durationMs: fc.option(
            fc.integer({ min: 1, max: 3000 }).map((minutes) => minutes * 60_000),
            { nil: undefined },
          ),
          minIdle: fc.integer({ min: 0, max: 99 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      fc.array(fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }), { minLength: 2, maxLength: 4 }),
      (list, times) => {
        const schedules = list.map(({ cron, ...over }) => aSchedule(cron, over))
        const { at } = clocked(...schedules)
        for (const time of times) expect(at(time)).toEqual(clocked(...schedules).at(time))
      },
    ),
    { numRuns: 1000 },
  )
})
