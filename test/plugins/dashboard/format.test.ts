import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  amount,
  clockTime,
  count,
  cpus,
  duration,
  memory,
  percent,
} from '../../../plugins/dashboard/static/lib/format.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('durations', () => {
  test.each([
    [0, '0 s'],
    [-5_000, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [MINUTE, '1 min'],
    [MINUTE + 1_000, '1 min 1 s'],
    [9 * MINUTE + 59_000, '9 min 59 s'],
    [10 * MINUTE + 59_000, '10 min'],
    [HOUR - 1, '59 min'],
    [HOUR, '1 h'],
    [HOUR + 5 * MINUTE, '1 h 5 min'],
    [24 * HOUR, '1 d'],
    [50 * HOUR, '2 d 2 h'],
  ])('%d ms is %j', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })

  test('never say 60 of a unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 24 * HOUR }), (ms) => {
        const words = duration(ms)
        expect(words).toMatch(/^\d+ (s|min|h|d)( \d+ (s|min|h))?$/)
        expect(words).not.toMatch(/\b(60 s|60 min|24 h)\b/)
      }),
    )
  })
})

test.each([
  [undefined, '–'],
  [0, '0 MiB'],
  [703.6, '704 MiB'],
  [1_023.4, '1023 MiB'],
  [1_023.6, '1 GiB'],
  [4_608, '4.5 GiB'],
  [184_320, '180 GiB'],
  [9_216_000, '8.8 TiB'],
])('%p MiB are %j', (mib, words) => {
  expect(memory(mib)).toBe(words)
})

test.each([
  [undefined, '–'],
  [0, '0 CPU'],
  [0.25, '0.25 CPU'],
  [1, '1 CPU'],
  [1.9, '1.9 CPUs'],
  [3_800, '3,800 CPUs'],
])('%p CPUs are %j', (value, words) => {
  expect(cpus(value)).toBe(words)
})

test('numbers have their thousands apart, and few digits', () => {
  expect([amount(1.005), amount(12.34), amount(12_345.6)]).toEqual(['1.01', '12.3', '12,346'])
  expect([count(1, 'host'), count(2_000, 'host'), count(2, 'entry', 'entries')]).toEqual([
    '1 host',
    '2,000 hosts',
    '2 entries',
  ])
})

test.each([
  [undefined, 1, undefined],
  [1, undefined, undefined],
  [1, 0, undefined],
  [1, 3, 33],
  [4, 3, 133],
])('%p of %p is %p %', (used, given, part) => {
  expect(percent(used, given)).toBe(part)
})

test('a time of today has no date, another has one', () => {
  const now = new Date(2026, 10, 27, 15, 30, 12).getTime()
  expect(clockTime(now - 60_000, now)).toMatch(/29/)
  expect(clockTime(now - 60_000, now)).not.toMatch(/2026/)
  expect(clockTime(now - 48 * HOUR, now)).toMatch(/2026/)
})
