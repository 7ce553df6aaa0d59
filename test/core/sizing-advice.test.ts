import { describe, expect, test } from '@jest/globals'
import { viewSizing } from '../../src/core/sizing-advice.ts'
import { aTemplate, NOW } from '../support/builders.ts'
import { aSizing, times } from '../support/sizings.ts'

const WEEK_MS = 7 * 24 * 3_600_000
/** Asks for 2 CPUs and 4096 MiB. */
const big = aTemplate({
  name: 'big',
  cpus: { agent: 100, perExecutor: 1_900 },
  memMib: { agent: 512, perExecutor: 3_584, factor: 1 },
})

describe('the advice', () => {
  test('says what would do where much is left over', () => {
    const sizing = aSizing({ cpus: [...times(40, 0.5), 1.9], memMib: [...times(40, 700), 900] })
    expect(viewSizing(sizing, big, NOW).advice).toBe(
      'An executor of big asks for 2 CPUs, and 95 % of 41 agents used at most 0.5 in their busiest minute: ' +
        'cpus.perExecutor 0.4 would do (now 1.9); it asks for 4096 MiB, and 95 % of 41 agents used at most 724, none ' +
        'more than 939: memMib.perExecutor 640 would do (now 3584).',
    )
  })

  test('says that it fits where it does', () => {
    const sizing = aSizing({ cpus: times(41, 1.8), memMib: times(41, 3_000) })
    expect(viewSizing(sizing, big, NOW).advice).toBe(
      'An executor of big asks for 2 CPUs, and 95 % of 41 agents used at most 1.83 in their busiest minute: that fits; ' +
        'it asks for 4096 MiB, and 95 % of 41 agents used at most 3158, none more than 3158: that fits.',
    )
  })

  test('warns where agents use more CPU than they ask for, and come close to their memory', () => {
    const sizing = aSizing({ cpus: times(41, 4), memMib: [...times(40, 1_000), 4_000] })
    const { advice } = viewSizing(sizing, big, NOW)
    expect(advice).toContain('on a full host builds wait for CPU, cpus.perExecutor 3.9 would give it')
    expect(advice).toContain('that is close to being killed for it, memMib.perExecutor 4416 would leave room')
  })

  test.each([
    ['nothing was measured', aSizing({})],
    ['fewer than 20 agents were', aSizing({ cpus: times(19, 0.1), memMib: times(19, 100) })],
  ])('is not given where %s', (_, sizing) => {
    expect(viewSizing(sizing, big, NOW).advice).toBeUndefined()
  })

  test('is of memory alone where hosts tell no CPU', () => {
    const { advice, cpus } = viewSizing(aSizing({ memMib: times(30, 3_500) }), big, NOW)
    expect(advice).toMatch(/^An executor of big asks for 4096 MiB/)
    expect(cpus).toEqual({ asked: 2, measured: 0, agents: undefined, samples: undefined })
  })

  test('never goes below one step', () => {
    const { advice } = viewSizing(aSizing({ cpus: times(30, 0.001), memMib: times(30, 1) }), big, NOW)
    expect(advice).toContain('cpus.perExecutor 0.1 would do')
    expect(advice).toContain('memMib.perExecutor 64 would do')
  })

  test('is not given any more when all that was measured is too old', () => {
    const sizing = aSizing({ cpus: times(30, 1), memMib: times(30, 1_000) })
    expect(viewSizing(sizing, big, NOW + 4 * WEEK_MS).advice).toBeDefined()
    expect(viewSizing(sizing, big, NOW + 5 * WEEK_MS).advice).toBeUndefined()
  })
})

test('what is asked is the least that an executor gets: its share of the largest agent, factor included', () => {
  const four = aTemplate({
    executors: { min: 1, max: 4 },
    cpus: { agent: 400, perExecutor: 500 },
    memMib: { agent: 400, perExecutor: 900, factor: 1.1 },
  })
  const { cpus, memMib } = viewSizing(aSizing({}), four, NOW)
  expect([cpus.asked, memMib.asked]).toEqual([0.6, 1_100])
})

test('quantiles tell agents from readings', () => {
  const sizing = aSizing({ cpus: [...times(50, 0.25), ...times(45, 1), ...times(5, 2)] })
  const { cpus } = viewSizing(sizing, big, NOW)
  expect(cpus.agents).toEqual({ p50: 0.25, p95: 1, max: 2 })
  expect(cpus.samples).toEqual({ p50: 0.25, p95: 1, max: 2 })
})
