import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { JenkinsNode } from '../../src/core/jenkins-reading.ts'
import type { AgentRecord, TemplateName } from '../../src/core/model.ts'
import { plan } from '../../src/core/plan.ts'
import type { BusyPeak } from '../../src/core/remembered.ts'
import type { Template } from '../../src/core/template.ts'
import { peakOf, warmTarget, watchBusy } from '../../src/core/warm-pool.ts'
import { anItem, anOffer, aRecord, aTemplate, NOW, nodeOf } from '../support/builders.ts'
import { aQueueOf } from '../support/queue-worlds.ts'

const LINUX = 'linux' as TemplateName
const busyNode = (record: AgentRecord, builds = 1): JenkinsNode =>
  nodeOf(record, {
    idle: false,
    running: Array.from({ length: builds }, (_, n) => ({ url: `job/${record.agentId}/${n}/`, name: 'b' })),
  })

function agents(count: number, template: Template, over: Partial<Omit<AgentRecord, 'agentId'>> = {}) {
  return Array.from({ length: count }, (_, n) => aRecord({ agentId: `mesos-${template.name}-${n}`, ...over }, template))
}

/** Executors that a round starts beyond these agents, of which so many are busy. */
function started(template: Template, idle: number, busy: number, queue = 0): number {
  const records = agents(idle + busy, template)
  const nodes = records.map((record, n) => (n < busy ? busyNode(record, template.executors.min) : nodeOf(record)))
  const items = Array.from({ length: queue }, (_, n) => anItem({ id: `${n}`, why: '‘anchor-linux’ is offline' }))
  const offers = [anOffer({ free: { cpus: 100_000, mem: 100_000_000 } })]
  const { actions } = plan(aQueueOf(items, { templates: [template], records, nodes, offers }), NOW)
  return actions.reduce((sum, action) => sum + (action.kind === 'provision' ? action.executors : 0), 0)
}

describe('the executors that a template is to have idle', () => {
  test.each<[number, number | undefined, number | undefined, number, number]>([
    // minIdle, factor, limit, busy, target
    [3, undefined, undefined, 50, 3],
    [0, 0.5, undefined, 0, 0],
    [0, 0.5, undefined, 1, 1],
    [0, 0.5, undefined, 4, 2],
    [0, 0.1, undefined, 30, 3],
    [2, 0.5, undefined, 1, 2],
    [0, 2, 10, 4, 8],
    [0, 2, 10, 40, 10],
    [12, 2, 10, 40, 12],
    [0, 1, 0, 40, 0],
  ])('minIdle %i, factor %p, limit %p, %i busy: %i', (minIdle, factor, limit, busy, target) => {
    const headroom = factor === undefined ? undefined : { factor, limit }
    expect(warmTarget({ minIdle, headroom }, busy)).toBe(target)
  })
})

describe('a warm pool', () => {
  test('counts executors, not agents', () => {
    const template = aTemplate({ minIdle: 5, executors: { min: 2, max: 2 } })
    expect(started(template, 0, 0)).toBe(6)
    expect(started(template, 2, 0)).toBe(2)
    expect(started(template, 3, 0)).toBe(0)
  })

  test('does not count what an item of the queue is to take', () => {
    const template = aTemplate({ minIdle: 2 })
    expect(started(template, 2, 0, 1)).toBe(1)
    expect(started(template, 0, 0, 3)).toBe(5)
  })

  test('grows with the executors that are busy', () => {
    const template = aTemplate({ maxAgents: 50, headroom: { factor: 0.5, limit: 4 } })
    expect(started(template, 0, 0)).toBe(0)
    expect(started(template, 0, 4)).toBe(2)
    expect(started(template, 1, 6)).toBe(2)
    expect(started(template, 0, 20)).toBe(4)
  })

  test('of the template with the highest priority is filled first where there is not enough for all', () => {
    const templates = [aTemplate({ name: 'low', minIdle: 3 }), aTemplate({ name: 'high', minIdle: 3, priority: 5 })]
    const caps = { maxAgents: 4, maxCpus: undefined, maxMem: undefined }
    const { actions } = plan(aQueueOf([], { templates, caps, offers: [anOffer()] }), NOW)
    const names = actions.flatMap((action) => (action.kind === 'provision' ? [action.template.name] : []))
    expect(names.toSorted()).toEqual(['high', 'high', 'high', 'low'])
  })

  test('names its schedule to people', () => {
    const template = aTemplate({ minIdle: 1, scheduled: '0 8 * * 1-5 Europe/Berlin' })
    const { actions } = plan(aQueueOf([], { templates: [template], offers: [anOffer()] }), NOW)
    expect(actions).toMatchObject([{ reason: 'warm pool of 1 (schedule 0 8 * * 1-5 Europe/Berlin)' }])
  })
})

describe('headroom does not flap', () => {
  const template = aTemplate({ headroom: { factor: 0.5, limit: undefined }, idleTimeoutMs: 180_000, maxAgents: 50 })
  const idleOf = (executors: number): readonly AgentRecord[] =>
    agents(executors, template, { idleSince: NOW - 400_000 })
  const peaks = (peak: Partial<BusyPeak>) => ({ [LINUX]: { since: NOW - 1_000, executors: 0, before: 0, ...peak } })

  function reaped(peak: Partial<BusyPeak>): number {
    const records = idleOf(6)
    const snapshot = aQueueOf([], { templates: [template], records, nodes: records.map((record) => nodeOf(record)) })
    const { actions } = plan({ ...snapshot, memory: { ...snapshot.memory, peaks: peaks(peak) } }, NOW)
    return actions.filter(({ kind }) => kind === 'reap').length
  }

  test('in a lull what was needed a moment ago is kept', () => {
    // two busy at the peak: they and one idle executor
    expect(reaped({ executors: 2 })).toBe(3)
    expect(reaped({ before: 2 })).toBe(3)
    expect(reaped({ executors: 4 })).toBe(0)
  })

  test('after a calm idle timeout it goes', () => {
    expect(reaped({ since: NOW - 180_000, before: 4 })).toBe(6)
    expect(reaped({ since: NOW - 400_000, executors: 4 })).toBe(6)
  })

  test('property: a peak is kept for one idle timeout at least and for two at most, however the clock is set', () => {
    const windowMs = template.idleTimeoutMs
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 0, max: 20 })), { minLength: 1 }),
        fc.integer({ min: 0, max: 20 }),
        (steps, last) => {
          let watched: Readonly<Record<TemplateName, BusyPeak>> = {}
          let now = NOW
          const seen: { at: number; busy: number }[] = []
          for (const [pause, busy] of [...steps, [1, last] as const]) {
            now += pause
            seen.push({ at: now, busy })
            watched = watchBusy(watched, [template], new Map([[LINUX, busy]]), now)
            const peak = peakOf(watched[LINUX])
            const within = (ms: number): number =>
              Math.max(...seen.filter(({ at }) => now - at <= ms).map((one) => one.busy))
            // Rounds are up to a minute apart here, so a window may end a minute late.
            expect(peak).toBeGreaterThanOrEqual(within(windowMs - 60_000))
            expect(peak).toBeLessThanOrEqual(within(2 * windowMs + 60_000))
          }
          const earlier = now - 10_000_000
          watched = watchBusy(watched, [template], new Map([[LINUX, 0]]), earlier)
          watched = watchBusy(watched, [template], new Map([[LINUX, 0]]), earlier + windowMs)
          expect(peakOf(watched[LINUX])).toBe(0)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('nothing is remembered of templates without headroom, or that are gone', () => {
    const before = { ['old' as TemplateName]: { since: NOW, executors: 3, before: 0 } }
    expect(watchBusy(before, [aTemplate()], new Map([['linux', 3]]), NOW)).toEqual({})
  })
})
