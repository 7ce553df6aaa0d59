import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { EMPTY_HISTOGRAM, type Histogram, LAST_BUCKET, merge, WEEKS_KEPT } from '../../src/core/histogram.ts'
import type { AgentId, TemplateName } from '../../src/core/model.ts'
import { add, emptySizing, MOST_OPEN, type OpenAgent, type TemplateSizing } from '../../src/core/sizing.ts'
import { readChange, writeChange } from '../../src/store/records.ts'
import { NOW } from '../support/builders.ts'

const DAY_MS = 24 * 3_600_000
const key = `sizing/${'linux' as TemplateName}` as const

const anyValues = fc.record({
  samples: fc.array(fc.double({ min: -1, max: 1e12 })),
  agents: fc.array(fc.double({ min: 0, max: 1e5 })),
})
const anyOpen = fc.record(
  {
    agentId: fc.string({ minLength: 1 }).map((id) => id as AgentId),
    begunAt: fc.integer(),
    executors: fc.integer({ min: 1, max: 100 }),
    cpus: fc.double({ min: 0, max: 1_024, noNaN: true }).map((value) => value + 0),
    memMib: fc.nat(),
  },
  { requiredKeys: ['agentId', 'begunAt', 'executors'] },
)

test('whatever was measured, and however the clock was set, it comes back from the store as it was', () => {
  const anyStep = fc.tuple(anyValues, anyValues, fc.integer({ min: -60, max: 60 }))
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 5 }), fc.array(anyOpen, { maxLength: 3 }), (steps, open) => {
      const value = steps.reduce<TemplateSizing>(
        (sizing, [cpus, memMib, days]) => add(sizing, cpus, memMib, NOW + days * DAY_MS),
        { ...emptySizing(NOW), open },
      )
      expect(readChange(writeChange({ key, value }))).toEqual({ key, value })
    }),
    { numRuns: 1_000 },
  )
})

test('the largest one fits into a znode many times', () => {
  const week = (age: number): Histogram => ({
    weeks: [
      {
        week: 2_900 - age,
        counts: Array.from({ length: LAST_BUCKET + 1 }, (_, bucket) => [bucket, Number.MAX_SAFE_INTEGER] as const),
      },
    ],
  })
  const full = Array.from({ length: 3 * WEEKS_KEPT }, (_, age) => week(age)).reduce(merge, EMPTY_HISTOGRAM)
  const measured = { samples: full, agents: full }
  const open: OpenAgent = {
    agentId: `mesos-${'x'.repeat(60)}` as AgentId,
    begunAt: NOW,
    executors: 64,
    cpus: 1 / 3,
    memMib: 1 / 3,
  }
  const value = { cpus: measured, memMib: measured, open: Array<OpenAgent>(MOST_OPEN).fill(open), at: NOW }
  expect(JSON.stringify(writeChange({ key, value })).length).toBeLessThan(256 * 1024)
})
