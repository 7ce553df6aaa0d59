import type { Instant } from './model.ts'

/**
 * How often values occurred, by week, on a scale of 8 steps for each doubling: a value is known to within 9 %. Weeks
 * are kept apart, so that two of these may be joined in any order, and so that older ones count less: each half of
 * the week after it. Of the sixth week nothing is left. However much is counted, it stays below some 1,200 numbers.
 */
export interface Histogram {
  /** The newest first; none is empty. */
  readonly weeks: readonly CountedWeek[]
}

export interface CountedWeek {
  /** Since 1970, of the clock that was there. */
  readonly week: number
  /** By bucket, smallest first; no count is 0. */
  readonly counts: readonly (readonly [bucket: number, count: number])[]
}

export const EMPTY_HISTOGRAM: Histogram = Object.freeze({ weeks: [] })

export const WEEKS_KEPT = 5
/** The first bucket holds all up to 1/128, the last one all above 2^24. */
export const LAST_BUCKET = 31 * 8

const WEEK_MS = 7 * 24 * 3_600_000
const STEPS_PER_DOUBLING = 8
const SMALLEST = 1 / 128

export function weekOf(now: Instant): number {
  return Math.floor(now / WEEK_MS)
}

/** These values, counted in one week. What is no number, or below 0, is left out. */
export function counted(values: readonly number[], week: number): Histogram {
  const counts = new Map<number, number>()
  for (const value of values) {
    if (!Number.isFinite(value) || value < 0) continue
    const bucket = bucketOf(value)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  return counts.size === 0 ? EMPTY_HISTOGRAM : { weeks: [{ week, counts: sorted(counts) }] }
}

/** All of both. What is too old beside the newest week of the two goes. */
export function merge(a: Histogram, b: Histogram): Histogram {
  const newest = Math.max(a.weeks[0]?.week ?? -Infinity, b.weeks[0]?.week ?? -Infinity)
  const weeks = new Map<number, CountedWeek>()
  for (const one of [...a.weeks, ...b.weeks]) {
    if (one.week <= newest - WEEKS_KEPT) continue
    const other = weeks.get(one.week)
    weeks.set(one.week, other === undefined ? one : joined(one, other))
  }
  return { weeks: [...weeks.values()].sort((x, y) => y.week - x.week) }
}

/** What was counted while the clock was ahead belongs to this week: else it would throw out all that comes. */
export function notAfter(histogram: Histogram, week: number): Histogram {
  const newest = histogram.weeks[0]
  if (newest === undefined || newest.week <= week) return histogram
  return histogram.weeks
    .map((one): Histogram => ({ weeks: [{ week: Math.min(one.week, week), counts: one.counts }] }))
    .reduce(merge)
}

/** How many values are in it, old ones like new ones. */
export function countOf({ weeks }: Histogram): number {
  return weeks.reduce((sum, { counts }) => counts.reduce((total, [, count]) => total + count, sum), 0)
}

/**
 * What this part of all values does not exceed, each week counted half of the one after it: the exact one, or up to
 * 9 % more, and never less than 1/128. `undefined` where nothing was counted in the last weeks.
 * @param part from 0 to 1: with 1 the highest
 */
export function quantile({ weeks }: Histogram, part: number, week: number): number | undefined {
  const weights = new Map<number, number>()
  let all = 0
  for (const one of weeks) {
    const age = Math.max(0, week - one.week)
    if (age >= WEEKS_KEPT) continue
    const weight = 2 ** (WEEKS_KEPT - 1 - age)
    for (const [bucket, count] of one.counts) {
      weights.set(bucket, (weights.get(bucket) ?? 0) + count * weight)
      all += count * weight
    }
  }
  let sum = 0
  let highest: number | undefined
  for (const [bucket, weight] of sorted(weights)) {
    sum += weight
    highest = edgeOf(bucket)
    if (sum >= part * all) break
  }
  return highest
}

function joined(a: CountedWeek, b: CountedWeek): CountedWeek {
  const counts = new Map(a.counts)
  for (const [bucket, count] of b.counts) {
    counts.set(bucket, Math.min(Number.MAX_SAFE_INTEGER, (counts.get(bucket) ?? 0) + count))
  }
  return { week: a.week, counts: sorted(counts) }
}

function sorted(counts: ReadonlyMap<number, number>): [number, number][] {
  return [...counts].sort(([a], [b]) => a - b)
}

function bucketOf(value: number): number {
  if (value <= SMALLEST) return 0
  return Math.min(LAST_BUCKET, Math.ceil(Math.log2(value / SMALLEST) * STEPS_PER_DOUBLING))
}

/** The highest value of a bucket. */
function edgeOf(bucket: number): number {
  return SMALLEST * 2 ** (bucket / STEPS_PER_DOUBLING)
}
