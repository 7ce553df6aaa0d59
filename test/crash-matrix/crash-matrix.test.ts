import { describe, expect, test } from '@jest/globals'
import { type DayResult, day } from './day.ts'
import type { DayName } from './days.ts'
import { blowsOf, nameOf, readBlow } from './points.ts'

const SEED = 1
/** A part that no period of the day shares; `npm run crash-matrix` takes them all. */
const EVERY = 149

const LEAST_STEPS = { plain: 300, policies: 150 }

const quiet = new Map<DayName, Promise<DayResult>>()
function quietDay(name: DayName): Promise<DayResult> {
  const known = quiet.get(name) ?? day({ name, seed: SEED })
  quiet.set(name, known)
  return known
}

describe.each(['plain', 'policies'] as const)('the day %s of the crash matrix', (name) => {
  test('is well without a blow, ends with the warm pool alone, and is the same each time', async () => {
    const first = await quietDay(name)
    const again = await day({ name, seed: SEED, expected: first.outcome })
    expect([first.violations, again.violations, again.hash]).toEqual([[], [], first.hash])
    expect(first.steps.length).toBeGreaterThan(LEAST_STEPS[name])
    const left = name === 'plain' ? ['record of warm: online'] : []
    expect(first.outcome.filter((words) => words.startsWith('record'))).toEqual(left)
    if (name === 'policies') expect(first.rebuilt).toBe(1)
  })

  test('invariants 1 to 5 and 7 to 9 hold whatever happens to a step: some of all', async () => {
    const { steps, outcome } = await quietDay(name)
    const failed: string[] = []
    for (const blow of blowsOf(steps).filter((_, index) => index % EVERY === 5)) {
      const { violations } = await day({ name, seed: SEED, expected: outcome, blow })
      if (violations.length > 0) failed.push(`${nameOf(blow)} ${violations.join('\n')}`)
    }
    expect(failed).toEqual([])
  }, 120_000)
})

test('a blow to a step that never comes is no success', async () => {
  const { outcome } = await quietDay('plain')
  const blow = { step: 100_000, point: 'before' } as const
  const { violations } = await day({ name: 'plain', seed: SEED, expected: outcome, blow })
  expect(violations).toEqual(['the step never came'])
})

test('a point is written and read', () => {
  expect(nameOf(readBlow('after:117'))).toBe('after:117')
  expect(() => readBlow('after')).toThrow('"after" is no point such as after:117')
})
