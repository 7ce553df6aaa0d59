import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  counted,
  countOf,
  EMPTY_HISTOGRAM,
  type Histogram,
  LAST_BUCKET,
  merge,
  notAfter,
  quantile,
  WEEKS_KEPT,
  weekOf,
} from '../../src/core/histogram.ts'

const RUNS = { numRuns: 1_000 }
/** One step of the scale, and what floating point adds. */
const STEP = 2 ** (1 / 8) * (1 + 1e-9)
const SMALLEST = 1 / 128

const anyValue = fc.oneof(
  fc.double({ min: 0, max: 2 ** 24, noNaN: true }),
  fc.integer({ min: 0, max: 4_096 }),
  fc.integer({ min: -7, max: 24 }).map((power) => 2 ** power), // the edges of buckets
)
const anyWeek = fc.integer({ min: 2_900, max: 2_912 })
const anyPart = fc.constantFrom(0, 0.01, 0.25, 0.5, 0.95, 0.99, 1)
const anyHistogram = fc
  .array(fc.tuple(fc.array(anyValue, { maxLength: 20 }), anyWeek), { maxLength: 8 })
  .map((parts) => parts.map(([values, week]) => counted(values, week)).reduce(merge, EMPTY_HISTOGRAM))

/** The smallest value that at least this part does not exceed, each as heavy as it is new. */
function exact(values: readonly (readonly [value: number, week: number])[], part: number, now: number): number {
  const heavy = values.map(([value, week]) => ({ value, weight: 0.5 ** (now - week) }))
  const all = heavy.reduce((sum, { weight }) => sum + weight, 0)
  let sum = 0
  for (const { value, weight } of heavy.toSorted((a, b) => a.value - b.value)) {
    sum += weight
    if (sum >= part * all) return value
  }
  throw new Error('nothing was counted')
}

describe('a quantile', () => {
  test('is the exact one, or at most one step of the scale above it', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 1, maxLength: 200 }), anyPart, anyWeek, (values, part, week) => {
        const found = quantile(counted(values, week), part, week) ?? Number.NaN
        const wanted = Math.max(
          SMALLEST,
          exact(
            values.map((value) => [value, week]),
            part,
            week,
          ),
        )
        expect(found).toBeGreaterThanOrEqual(wanted * (1 - 1e-9))
        expect(found).toBeLessThanOrEqual(wanted * STEP)
      }),
      RUNS,
    )
  })

  test('counts each week half of the one after it', () => {
    const anyAged = fc.tuple(anyValue, fc.integer({ min: 0, max: WEEKS_KEPT - 1 }))
    fc.assert(
      fc.property(fc.array(anyAged, { minLength: 1, maxLength: 60 }), anyPart, anyWeek, (aged, part, now) => {
        const values = aged.map(([value, age]) => [value, now - age] as const)
        const all = values.map(([value, week]) => counted([value], week)).reduce(merge)
        const found = quantile(all, part, now) ?? Number.NaN
        const wanted = Math.max(SMALLEST, exact(values, part, now))
        expect(found).toBeGreaterThanOrEqual(wanted * (1 - 1e-9))
        expect(found).toBeLessThanOrEqual(wanted * STEP)
      }),
      RUNS,
    )
  })

  test.each<[string, Histogram, number]>([
    ['nothing was ever counted', EMPTY_HISTOGRAM, 2_900],
    ['all is too old', counted([1, 2], 2_900), 2_900 + WEEKS_KEPT],
  ])('is not there where %s', (_, histogram, week) => {
    expect([0, 0.5, 1].map((part) => quantile(histogram, part, week))).toEqual([undefined, undefined, undefined])
  })

  test('goes up with its part', () => {
    fc.assert(
      fc.property(anyHistogram, anyWeek, (histogram, week) => {
        const found = [0, 0.5, 0.95, 1].map((part) => quantile(histogram, part, week) ?? 0)
        expect(found).toEqual(found.toSorted((a, b) => a - b))
      }),
      RUNS,
    )
  })

  test('forgets what was: after some weeks of less the old use is gone', () => {
    const old = counted(Array<number>(1_000).fill(8), 2_900)
    const highest = [0, 1, 2, 3, 4, 5].map((age) =>
      quantile(merge(old, counted(Array<number>(60).fill(1), 2_900 + age)), 0.95, 2_900 + age),
    )
    expect(highest.map((value) => value ?? 0)).toEqual([8, 8, 8, 8, 8, 1])
    expect(quantile(merge(old, counted(Array<number>(1_200).fill(1), 2_904)), 0.94, 2_904)).toBe(1)
  })
})

describe('merging', () => {
  test('does not ask for an order', () => {
    fc.assert(
      fc.property(anyHistogram, anyHistogram, anyHistogram, (a, b, c) => {
        expect(merge(a, b)).toEqual(merge(b, a))
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)))
        expect(merge(a, EMPTY_HISTOGRAM)).toEqual(a)
      }),
      RUNS,
    )
  })

  test('leaves whole counts above 0 on the scale, newest week first, in bounded space', () => {
    fc.assert(
      fc.property(fc.array(anyHistogram, { maxLength: 6 }), (all) => {
        const { weeks } = all.reduce(merge, EMPTY_HISTOGRAM)
        expect(weeks.length).toBeLessThanOrEqual(WEEKS_KEPT)
        expect(weeks.map(({ week }) => week)).toEqual([...new Set(weeks.map(({ week }) => week))].sort((x, y) => y - x))
        for (const { counts } of weeks) {
          expect(counts.length).toBeGreaterThan(0)
          const buckets = counts.map(([bucket]) => bucket)
          expect(buckets).toEqual([...new Set(buckets)].sort((x, y) => x - y))
          for (const [bucket, count] of counts) {
            expect(Number.isInteger(bucket) && bucket >= 0 && bucket <= LAST_BUCKET).toBe(true)
            expect(Number.isSafeInteger(count) && count > 0).toBe(true)
          }
        }
      }),
      RUNS,
    )
  })

  test('holds its size however much is counted, and never counts beyond whole numbers', () => {
    const many = counted(
      Array.from({ length: 50_000 }, (_, index) => 1.0005 ** index),
      2_900,
    )
    expect(many.weeks[0]?.counts.length).toBeLessThanOrEqual(LAST_BUCKET + 1)
    const full: Histogram = { weeks: [{ week: 2_900, counts: [[8, Number.MAX_SAFE_INTEGER - 1]] }] }
    expect(countOf(merge(merge(full, full), full))).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('loses nothing of the weeks that are kept', () => {
    fc.assert(
      fc.property(fc.array(fc.array(anyValue, { maxLength: 30 }), { maxLength: WEEKS_KEPT }), (weeks) => {
        const all = weeks.map((values, age) => counted(values, 2_900 - age)).reduce(merge, EMPTY_HISTOGRAM)
        expect(countOf(all)).toBe(weeks.flat().length)
      }),
      RUNS,
    )
  })
})

test('what is no number, or below 0, is not counted', () => {
  expect(countOf(counted([Number.NaN, Infinity, -Infinity, -1, 0, 1], 2_900))).toBe(2)
  expect(counted([Number.NaN], 2_900)).toEqual(EMPTY_HISTOGRAM)
})

test('what was counted while the clock was ahead stays, and does not keep out what comes', () => {
  fc.assert(
    fc.property(anyHistogram, anyWeek, (histogram, week) => {
      const back = notAfter(histogram, week)
      expect(countOf(back)).toBeLessThanOrEqual(countOf(histogram))
      expect(Math.max(week, ...back.weeks.map((one) => one.week))).toBe(week)
      expect(quantile(merge(back, counted([1], week)), 0, week)).toBeLessThanOrEqual(STEP)
    }),
    RUNS,
  )
  const ahead = merge(counted([1, 1], 2_900), counted([4], 2_930))
  expect(countOf(merge(notAfter(ahead, 2_901), counted([2], 2_901)))).toBe(2)
})

test('a week begins on Thursday, as 1970 did', () => {
  expect(weekOf(Date.UTC(2026, 0, 7)) + 1).toBe(weekOf(Date.UTC(2026, 0, 8)))
})
