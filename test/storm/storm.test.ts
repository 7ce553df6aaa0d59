import { describe, expect, test } from '@jest/globals'
import { storm } from './storm.ts'

/** A taste; `npm run storm` takes weeks. */
const WORLDS = [
  ['plain', 6],
  ['policies', 4],
] as const

describe.each(WORLDS)('the storm over the world %s', (world, hours) => {
  test('costs no build, leaks nothing, passes no cap, and is the same for the same seed', async () => {
    const first = await storm({ hours, seed: 5, world })
    const again = await storm({ hours, seed: 5, world })
    expect(first.violations).toEqual([])
    expect(again).toEqual(first)
    expect(first.faults).toBeGreaterThan(5)
    expect(first.builds).toBeGreaterThan(5)
  }, 120_000)

  test('is another one for another seed', async () => {
    const hashes = [await storm({ hours: 0.1, seed: 6, world }), await storm({ hours: 0.1, seed: 7, world })].map(
      ({ hash }) => hash,
    )
    expect(new Set(hashes).size).toBe(2)
  }, 120_000)
})
