import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Instant } from '../../src/core/model.ts'
import { begin, follow, peakCpusOf, type Track, type UsageReading } from '../../src/core/sizing-track.ts'
import { NOW } from '../support/builders.ts'

const MIB = 1024 * 1024
const BUSY = { onlineAt: NOW - 60_000, idleSince: undefined }

interface At {
  /** Of our clock, and of the host's where `hostSeconds` is left out. */
  readonly seconds: number
  readonly hostSeconds?: number
  readonly cpu: number | undefined
  readonly memMib?: number
  readonly record?: { readonly onlineAt: Instant | undefined; readonly idleSince: Instant | undefined }
}

function run(readings: readonly At[]): { cpus: (number | undefined)[]; memMib: (number | undefined)[]; track: Track } {
  let track = begin({ executors: 1 }, NOW)
  const cpus: (number | undefined)[] = []
  const memMib: (number | undefined)[] = []
  for (const { seconds, hostSeconds = seconds, cpu, memMib: mem, record = BUSY } of readings) {
    const reading: UsageReading = {
      at: NOW + hostSeconds * 1000,
      cpuSeconds: cpu,
      memRssBytes: mem === undefined ? undefined : mem * MIB,
    }
    const seen = follow(track, reading, record, NOW + seconds * 1000)
    track = seen.track
    cpus.push(seen.cpus)
    memMib.push(seen.memMib)
  }
  return { cpus, memMib, track }
}

const _ = undefined

describe('CPU is what was used from one reading to the next', () => {
  const cases: readonly [string, readonly At[], readonly (number | undefined)[]][] = [
    ['the first reading says nothing, as nobody knows since when', [{ seconds: 0, cpu: 5 }], [_]],
    ['of a steady use', [0, 10, 20].map((seconds) => ({ seconds, cpu: seconds / 2 })), [_, 0.5, 0.5]],
    [
      'a counter that begins anew',
      [
        { seconds: 0, cpu: 50 },
        { seconds: 10, cpu: 1 },
        { seconds: 20, cpu: 6 },
      ],
      [_, _, 0.5],
    ],
    [
      "a host's clock that was set back",
      [
        { seconds: 0, cpu: 0 },
        { seconds: 10, hostSeconds: -3_600, cpu: 5 },
        { seconds: 20, hostSeconds: -3_590, cpu: 15 },
      ],
      [_, _, 1],
    ],
    [
      'a host that was silent for less than three minutes: an average over the gap',
      [
        { seconds: 0, cpu: 0 },
        { seconds: 100, cpu: 50 },
      ],
      [_, 0.5],
    ],
    [
      'a host that was silent for longer',
      [
        { seconds: 0, cpu: 0 },
        { seconds: 200, cpu: 50 },
        { seconds: 210, cpu: 60 },
      ],
      [_, _, 1],
    ],
    [
      'the same reading told once more',
      [
        { seconds: 0, cpu: 0 },
        { seconds: 10, hostSeconds: 0, cpu: 0 },
        { seconds: 20, cpu: 40 },
      ],
      [_, _, 2],
    ],
    [
      'a rate that no host can have: its clock was set',
      [
        { seconds: 0, cpu: 0 },
        { seconds: 10, hostSeconds: 1, cpu: 2_000 },
        { seconds: 20, hostSeconds: 11, cpu: 2_010 },
      ],
      [_, _, 1],
    ],
    [
      'a host that tells no CPU for once',
      [
        { seconds: 0, cpu: 0 },
        { seconds: 10, cpu: undefined },
        { seconds: 20, cpu: 10 },
      ],
      [_, _, 0.5],
    ],
  ]
  test.each(cases)('%s', (_name, readings, cpus) => {
    expect(run(readings).cpus).toEqual(cpus)
  })

  test('whatever hosts tell, a rate is a number of 0 to 1,024, and no peak is above the highest rate', () => {
    const anyReading = fc.record({
      seconds: fc.integer({ min: -5_000, max: 5_000 }),
      hostSeconds: fc.oneof(fc.integer({ min: -5_000, max: 5_000 }), fc.constant(Number.MAX_SAFE_INTEGER)),
      cpu: fc.oneof(fc.constant(undefined), fc.double({ min: -1, max: 1e300, noNaN: true }), fc.nat(500)),
      memMib: fc.double({ min: -10, max: 1e9, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(anyReading, { maxLength: 30 }), (readings) => {
        const { cpus, track } = run(readings)
        const rates = cpus.filter((rate) => rate !== undefined)
        for (const rate of rates) expect(rate >= 0 && rate <= 1_024).toBe(true)
        const peak = peakCpusOf(track)
        expect(peak === undefined).toBe(rates.length === 0)
        expect(peak ?? 0).toBeLessThanOrEqual(Math.max(0, ...rates) * (1 + 1e-9))
        expect(Number.isNaN(track.peakMemMib ?? 0)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('only time with a build counts', () => {
  const at = (seconds: number): Instant => NOW + seconds * 1000
  const cases: readonly [string, At['record'], boolean][] = [
    ['while a build runs', BUSY, true],
    ['while it starts', { onlineAt: undefined, idleSince: undefined }, false],
    ['idle since long', { onlineAt: at(-60), idleSince: at(-30) }, false],
    ['idle since the last reading', { onlineAt: at(-60), idleSince: at(5) }, true],
    ['online since the last reading, and idle since', { onlineAt: at(5), idleSince: at(5) }, false],
    ['idle since a time to come: our clock was set back', { onlineAt: at(-60), idleSince: at(3_600) }, false],
  ]
  test.each(cases)('%s: %p %p', (_name, record, counts) => {
    const { cpus, memMib } = run([
      { seconds: 0, cpu: 0 },
      { seconds: 10, cpu: 10, memMib: 300, ...(record && { record }) },
    ])
    expect([cpus[1], memMib[1]]).toEqual(counts ? [1, 300] : [undefined, undefined])
  })
})

describe('the peak of an agent', () => {
  test('is its busiest minute of builds, not a spike of ten seconds, and its highest memory', () => {
    let cpu = 0
    const used = [...Array<number>(6).fill(0.5), 4, ...Array<number>(5).fill(0.2), ...Array<number>(6).fill(0.1)]
    const readings = used.map((rate, index) => {
      cpu += rate * 10
      return { seconds: (index + 1) * 10, cpu, memMib: 100 + index }
    })
    const { track } = run([{ seconds: 0, cpu: 0, memMib: 1 }, ...readings])
    expect(peakCpusOf(track)).toBeCloseTo((4 + 5 * 0.2) / 6)
    expect(track.peakMemMib).toBe(117)
  })

  test('is what there was, for an agent with less than a minute of builds', () => {
    const { track } = run([0, 10, 20].map((seconds) => ({ seconds, cpu: seconds * 2 })))
    expect(peakCpusOf(track)).toBe(2)
  })

  test('is not there without a build', () => {
    const record = { onlineAt: NOW, idleSince: NOW }
    const { track } = run([0, 10, 20].map((seconds) => ({ seconds, cpu: seconds, memMib: 100, record })))
    expect([peakCpusOf(track), track.peakMemMib]).toEqual([undefined, undefined])
  })
})
