import { describe, expect, test } from '@jest/globals'
import { type DayResult, day } from './day.ts'
import { blowsOf, nameOf, readBlow } from './points.ts'

const SEED = 1
/** A part that no period of the day shares; `npm run crash-matrix` takes them all. */
const EVERY = 149

let quiet: Promise<DayResult> | undefined
const quietDay = (): Promise<DayResult> => (quiet ??= day({ seed: SEED }))

describe('the day of the crash matrix', () => {
  test('is well without a blow, ends with the warm pool alone, and is the same each time', async () => {
    const first = await quietDay()
    const again = await day({ seed: SEED, expected: first.outcome })
    expect([first.violations, again.violations, again.hash]).toEqual([[], [], first.hash])
    expect(first.steps.length).toBeGreaterThan(300)
    expect(first.outcome.filter((words) => words.startsWith('record'))).toEqual(['record of warm: online'])
  })

  test('invariants 1 to 5 and 7 to 9 hold whatever happens to a step: some of all', async () => {
    const { steps, outcome } = await quietDay()
    const failed: string[] = []
    for (const blow of blowsOf(steps).filter((_, index) => index % EVERY === 5)) {
      const { violations } = await day({ seed: SEED, expected: outcome, blow })
      if (violations.length > 0) failed.push(`${nameOf(blow)} ${violations.join('\n')}`)
    }
    expect(failed).toEqual([])
  }, 120_000)

  test('a blow to a step that never comes is no success', async () => {
    const { outcome } = await quietDay()
    const { violations } = await day({ seed: SEED, expected: outcome, blow: { step: 100_000, point: 'before' } })
    expect(violations).toEqual(['the step never came'])
  })
})

test('a point is written and read', () => {
  expect(nameOf(readBlow('after:117'))).toBe('after:117')
  expect(() => readBlow('after')).toThrow('"after" is no point such as after:117')
})
