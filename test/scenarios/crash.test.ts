import { describe, expect, test } from '@jest/globals'
import { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import type { CrashPoint, Step } from '../support/sidecar-life.ts'

const BACK_MS = 1_000
const BUILDS_MS = 240_000
/** The connect timeout, the idle timeout, and two sweeps for orphans. */
const EMPTY_MS = 420_000

/**
 * Three builds on at most two agents, then everything goes. The sidecar dies at the steps `crashAt` and is started
 * again each time. @returns all steps of the day, and what was not as it should be
 */
async function day(
  crashAt: readonly number[] = [],
  point: CrashPoint = 'before',
  latencyMs = 0,
): Promise<{ readonly steps: readonly Step[]; readonly wrong: readonly string[] }> {
  const farm = await Farm.start({
    hosts: 2,
    latencyMs,
    templates: { linux: { ...LINUX, idleTimeoutSeconds: 10, connectTimeoutSeconds: 30, maxAgents: 2 } },
    crashAt: (_step, index) => (crashAt.includes(index) ? point : undefined),
  })
  const wrong: string[] = []
  let steps: readonly Step[] = []
  for (const name of ['a', 'b', 'c']) {
    farm.jenkins.createJob({ name, label: 'linux', durationMs: 6_000 })
    farm.jenkins.build(name)
  }
  const goesOn = async (done: () => boolean, limitMs: number, what: string): Promise<void> => {
    for (;;) {
      await farm.until(() => !farm.life.alive || done(), limitMs, what)
      if (farm.life.alive) return
      await farm.advance(BACK_MS)
      await farm.startSidecar()
    }
  }
  try {
    await goesOn(() => farm.results.every((result) => result !== 'running' && result !== 'queued'), BUILDS_MS, 'builds')
    if (farm.results.join(' ') !== 'SUCCESS SUCCESS SUCCESS') wrong.push(`builds: ${farm.results.join(' ')}`)
    await goesOn(() => farm.agentNodes.length === 0 && farm.tasks.length === 0, EMPTY_MS, 'an empty farm')
    await goesOn(() => farm.view.agents.length === 0, EMPTY_MS, 'an empty store')
    await farm.advance(6_000)
    if (!farm.life.alive) await farm.startSidecar()
    steps = [...farm.steps] // what comes when it ends is not of the day
    if (crashAt.some((index) => index >= steps.length)) wrong.push('the step never came')
    await farm.close()
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error))
  }
  return { steps, wrong }
}

describe('invariant 8: kill -9 at any step, then a start', () => {
  test.each([
    ['before', 0],
    ['after', 0],
    ['before', 70],
    ['after', 70],
  ] as const)(
    'crashing %s each request or commit, with answers after %i ms, loses no build, leaks nothing, passes no cap (invariants 2, 3, 4)',
    async (point, latencyMs) => {
      const { steps, wrong } = await day([], point, latencyMs)
      expect(wrong).toEqual([])
      const failures: string[] = []
      for (const [index, { name }] of steps.entries()) {
        const { wrong: found } = await day([index], point, latencyMs)
        if (found.length > 0) failures.push(`${point} step ${index}, ${name}: ${found.join('\n')}`)
      }
      expect(failures).toEqual([])
    },
    120_000,
  )

  test.each([1, 3, 5])(
    'crashing again at step %i of the recovery is no worse',
    async (later) => {
      const { steps } = await day()
      const failures: string[] = []
      for (let index = 0; index < steps.length - 8; index += 2) {
        const { wrong } = await day([index, index + later], 'after')
        if (wrong.length > 0) failures.push(`after steps ${index} and ${index + later}: ${wrong.join('\n')}`)
      }
      expect(failures).toEqual([])
    },
    120_000,
  )
})
