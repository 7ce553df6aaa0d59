import { describe, expect, test } from '@jest/globals'
import { countOf } from '../../src/core/histogram.ts'
import type { AgentId } from '../../src/core/model.ts'
import {
  emptySizing,
  isDayOver,
  openOf,
  outdated,
  peaksOf,
  resume,
  type TemplateSizing,
} from '../../src/core/sizing.ts'
import { begin, type Track } from '../../src/core/sizing-track.ts'
import { NOW } from '../support/builders.ts'
import { aSizing } from '../support/sizings.ts'

const DAY_MS = 24 * 3_600_000
const track: Track = { ...begin({ executors: 4 }, NOW), peakCpus: 2, peakMemMib: 4_000 }

test('an agent is counted by its executors', () => {
  expect(peaksOf(track)).toEqual({ cpus: 0.5, memMib: 1_000 })
})

test('an agent that lives goes on after a restart with what was seen of it', () => {
  const after = resume(openOf('a' as AgentId, track), NOW + 60_000)
  expect(after).toMatchObject({ executors: 4, begunAt: NOW, last: undefined, peakCpus: 2, peakMemMib: 4_000 })
  const nothing = openOf('b' as AgentId, begin({ executors: 1 }, NOW))
  expect(nothing).toEqual({ agentId: 'b', begunAt: NOW, executors: 1 })
  expect(resume(nothing, NOW)).toEqual(begin({ executors: 1 }, NOW))
})

test('one that lives for long counts once a day', () => {
  expect([DAY_MS - 1, DAY_MS].map((ms) => isDayOver(track, NOW + ms))).toEqual([false, true])
})

test('a record without executors, which no version wrote, divides by nothing', () => {
  expect(begin({ executors: 0 }, NOW).executors).toBe(1)
})

describe('what is kept of templates', () => {
  const at = (daysAgo: number): TemplateSizing => emptySizing(NOW - daysAgo * DAY_MS)

  test('that are configured stays, of others for two weeks', () => {
    const sizings = new Map([
      ['here', at(300)],
      ['just-gone', at(13)],
      ['gone', at(15)],
    ])
    expect(outdated(sizings, new Set(['here']), NOW)).toEqual(['gone'])
  })

  test('that are gone is of a hundred at most, the newest', () => {
    const sizings = new Map(Array.from({ length: 130 }, (_, index) => [`t${index}`, at(index / 100)]))
    const dropped = outdated(sizings, new Set(), NOW)
    expect(dropped).toHaveLength(30)
    expect(dropped).not.toContain('t0')
    expect(dropped).toContain('t129')
  })
})

test('CPU and memory are counted apart', () => {
  const { cpus, memMib } = aSizing({ cpus: [1, 2, 3] })
  expect([cpus.agents, cpus.samples, memMib.agents, memMib.samples].map(countOf)).toEqual([3, 3, 0, 0])
})
