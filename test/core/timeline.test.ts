import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addSample, type Sample, unknownAt } from '../../src/core/timeline.ts'

const SPAN = { everyMs: 15_000, spanMs: 600_000 }
const at = (time: number): Sample => ({ ...unknownAt(time), waiting: 1 })
const after = (times: readonly number[]): readonly Sample[] =>
  times.reduce<readonly Sample[]>((samples, time) => addSample(samples, at(time), SPAN), [])

test.each([
  ['samples follow each other', [0, 15_000, 30_000], [0, 15_000, 30_000]],
  ['a late one leaves no gap', [0, 15_000, 40_000], [0, 15_000, 40_000]],
  ['a gap has a sample that knows nothing', [0, 15_000, 90_000], [0, 15_000, 30_000, 90_000]],
  ['a clock that is set back takes back what came after', [0, 15_000, 30_000, 20_000], [0, 15_000, 20_000]],
  ['the same time again replaces it', [0, 15_000, 15_000], [0, 15_000]],
  ['what is too old is forgotten', [0, 15_000, 605_000], [15_000, 30_000, 605_000]],
  ['a clock that is set far ahead leaves nothing else', [0, 15_000, 1e12], [1e12]],
])('%s', (_, times, expected) => {
  expect(after(times).map((sample) => sample.at)).toEqual(expected)
})

test('the sample in a gap knows nothing', () => {
  expect(after([0, 90_000]).map(({ waiting }) => waiting)).toEqual([1, null, 1])
})

test('whatever the clock does: bounded, and times grow', () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: -100_000, max: 200_000 }), fc.constant(15_000)), { maxLength: 120 })
  fc.assert(
    fc.property(steps, (moves) => {
      let now = 1e9
      let samples: readonly Sample[] = []
      for (const move of moves) {
        now += move
        samples = addSample(samples, at(now), SPAN)
        expect(samples.length).toBeLessThanOrEqual(40)
        expect(samples.at(-1)?.at).toBe(now)
        for (let nth = 1; nth < samples.length; nth += 1) {
          expect(samples[nth]?.at).toBeGreaterThan(samples[nth - 1]?.at ?? 0)
        }
      }
    }),
  )
})
