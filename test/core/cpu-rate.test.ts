import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type CpuTrack, cpusOf, followCpu } from '../../src/core/cpu-rate.ts'

type Reading = readonly [seconds: number, cpuSeconds: number]

const trackOf = (readings: readonly Reading[]): CpuTrack =>
  readings.reduce<CpuTrack>((track, [seconds, cpuSeconds]) => followCpu(track, { at: seconds * 1_000, cpuSeconds }), [])

test.each<[string, readonly Reading[], number | undefined]>([
  ['nothing', [], undefined],
  ['one reading', [[0, 5]], undefined],
  [
    'two',
    [
      [0, 5],
      [10, 10],
    ],
    0.5,
  ],
  [
    'the same reading again',
    [
      [0, 5],
      [0, 5],
    ],
    undefined,
  ],
  [
    'two that are too close',
    [
      [0, 5],
      [0.5, 6],
    ],
    undefined,
  ],
  [
    'half a minute of work, then rest',
    [
      [0, 0],
      [30, 30],
      [60, 30],
    ],
    0.5,
  ],
  [
    'work that is longer ago than a minute',
    [
      [0, 0],
      [30, 30],
      [60, 30],
      [90, 30],
    ],
    0,
  ],
  [
    'a minute in steps of ten seconds',
    [
      [0, 0],
      [10, 9],
      [20, 9],
      [30, 9],
      [40, 9],
      [50, 9],
      [60, 9],
      [70, 9],
    ],
    0,
  ],
  [
    'a counter that went down',
    [
      [0, 50],
      [10, 1],
    ],
    undefined,
  ],
  [
    'a counter that went down, and the next',
    [
      [0, 50],
      [10, 1],
      [20, 6],
    ],
    0.5,
  ],
  [
    'a clock that was set back',
    [
      [100, 50],
      [10, 51],
      [20, 56],
    ],
    0.5,
  ],
  [
    'a long silence',
    [
      [0, 0],
      [200, 100],
    ],
    undefined,
  ],
  [
    'a clock that was set, seen as a rate that no host has',
    [
      [0, 0],
      [2, 5_000],
    ],
    undefined,
  ],
])('of %s', (_, readings, expected) => {
  expect(cpusOf(trackOf(readings))).toEqual(expected)
})

test('whatever hosts tell, a rate is never negative, and little is kept', () => {
  const reading = fc.tuple(fc.double({ min: 0, max: 1e4, noNaN: true }), fc.double({ min: 0, max: 1e6, noNaN: true }))
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 200 }), (readings) => {
      const track = trackOf(readings)
      expect(cpusOf(track) ?? 0).toBeGreaterThanOrEqual(0)
      expect(track.length).toBeLessThan(70)
    }),
  )
})
