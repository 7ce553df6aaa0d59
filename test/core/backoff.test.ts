import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type Backoff,
  breakerState,
  failed,
  isBackedOff,
  jittered,
  NO_BACKOFF,
  showFailures,
  succeeded,
} from '../../src/core/backoff.ts'

const START = 1_700_000_000_000
const MAX_MS = 600_000

/** Fails `times`, each time as soon as the back-off before is over. */
function failing(times: number): Backoff {
  let backoff = NO_BACKOFF
  let now = START
  for (let n = 0; n < times; n++) {
    backoff = failed(backoff, now)
    now = backoff.until
  }
  return backoff
}

describe('back-off', () => {
  test('does not hold back a template that never failed', () => {
    expect(isBackedOff(NO_BACKOFF, 0)).toBe(false)
    expect(isBackedOff(NO_BACKOFF, START)).toBe(false)
    expect(breakerState(NO_BACKOFF, START)).toBe('closed')
  })

  test.each([
    [1, 10],
    [2, 20],
    [3, 40],
    [4, 80],
    [5, 160],
    [6, 320],
    [7, 600],
    [8, 600],
    [1000, 600],
  ])('after %i failures lasts %i s', (failures, seconds) => {
    const backoff = failing(failures)
    expect(backoff).toMatchObject({ failures, delayMs: seconds * 1000 })
    expect(isBackedOff(backoff, backoff.until - seconds * 1000)).toBe(true)
    expect(isBackedOff(backoff, backoff.until - 1)).toBe(true)
    expect(isBackedOff(backoff, backoff.until)).toBe(false)
  })

  test('does not double for launches that were under way when the first of them failed', () => {
    let backoff = failed(NO_BACKOFF, START)
    for (let n = 1; n < 50; n++) backoff = failed(backoff, START + n * 100)
    expect(backoff).toMatchObject({ failures: 50, delayMs: 10_000, until: START + 4900 + 10_000 })
    expect(failed(backoff, backoff.until).delayMs).toBe(20_000)
  })

  test('is over after a success', () => {
    expect(succeeded()).toEqual(NO_BACKOFF)
    expect(failed(succeeded(), START)).toMatchObject({ failures: 1, delayMs: 10_000, openSince: undefined })
  })

  test('never lasts longer than its delay, wherever the clock is set', () => {
    const at = fc.integer({ min: 0, max: START * 2 })
    fc.assert(
      fc.property(fc.array(at, { minLength: 1, maxLength: 20 }), at, (times, now) => {
        const backoff = times.reduce(failed, NO_BACKOFF)
        expect(backoff.delayMs).toBeGreaterThanOrEqual(10_000)
        expect(backoff.delayMs).toBeLessThanOrEqual(MAX_MS)
        expect(isBackedOff(backoff, now + backoff.delayMs) && isBackedOff(backoff, now)).toBe(false)
      }),
    )
  })

  test('lets launches through when the clock was set back by more than its delay', () => {
    const backoff = failing(3)
    expect(isBackedOff(backoff, backoff.until - 40_001)).toBe(false)
    expect(failed(backoff, START - 86_400_000)).toMatchObject({ until: START - 86_400_000 + 80_000 })
  })
})

test.each([
  [1, 'the last launch of template a failed: the next try is in 10 s'],
  [2, '2 launches of template a failed in a row: the next try is in 20 s'],
])('%i failures in words', (times, words) => {
  const backoff = failing(times)
  expect(showFailures(backoff, 'template a', backoff.until - backoff.delayMs)).toBe(words)
})

describe('the breaker', () => {
  test('opens at the third failure in a row and stays open since then', () => {
    expect(breakerState(failing(2), START)).toBe('closed')
    const third = failing(3)
    expect(third.openSince).toBe(third.until - 40_000)
    expect(breakerState(third, third.until - 1)).toBe('open')
    expect(failing(6).openSince).toBe(third.openSince)
  })

  test('is half open once its back-off is over, open again if that launch fails, closed if it succeeds', () => {
    const third = failing(3)
    expect(breakerState(third, third.until)).toBe('halfOpen')
    expect(breakerState(failed(third, third.until), third.until)).toBe('open')
    expect(breakerState(succeeded(), third.until)).toBe('closed')
  })
})

describe('jittered', () => {
  test.each([
    [100, 0, 5000, 0, 0],
    [100, 0, 5000, 0.5, 50],
    [100, 3, 5000, 0.5, 400],
    [100, 6, 5000, 0.5, 2500],
    [100, 5000, 5000, 0.999, 4995],
    [0, 5000, 5000, 0.5, 0],
  ])('of %i ms at attempt %i, capped at %i ms, with chance %d is %i ms', (base, attempt, cap, chance, ms) => {
    expect(jittered(base, attempt, cap, chance)).toBe(ms)
  })

  test('stays below the cap and the doubled base', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.nat(100_000),
        fc.nat(60_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (base, attempt, cap, chance) => {
          const ms = jittered(base, attempt, cap, chance)
          expect(Number.isInteger(ms)).toBe(true)
          expect(ms).toBeGreaterThanOrEqual(0)
          expect(ms).toBeLessThanOrEqual(Math.min(cap, base * 2 ** attempt || 0))
        },
      ),
    )
  })
})
