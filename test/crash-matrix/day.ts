import { createHash } from 'node:crypto'
import { outcomeOf } from '../checker/outcome.ts'
import { chanceOf } from '../support/chance-of.ts'
import { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import { showViolation } from '../support/farm-watch.ts'
import type { CrashPoint, Step } from '../support/sidecar-life.ts'

/** What happens to the step of this number, counted from the first of the first sidecar. */
export interface Blow {
  readonly step: number
  readonly point: CrashPoint
}

export interface DayOptions {
  readonly seed: number
  readonly blow?: Blow
  /** What the world looks like after a day without a blow. */
  readonly expected?: readonly string[]
  /** Told of each exchange and of what Mesos tells, for whoever looks for a cause. */
  readonly trace?: (line: string) => void
}

export interface DayResult {
  readonly steps: readonly Step[]
  readonly violations: readonly string[]
  readonly outcome: readonly string[]
  /** Of everything that sidecars asked and were answered. */
  readonly hash: string
  readonly virtualMs: number
}

/** The new process is there after so long. */
const BACK_MS = 1_000
const BUILDS_MS = 600_000
/** Connect timeout, reconnect timeout, two sweeps of orphans, a full reconciliation. */
const SETTLED_MS = 2_400_000
const STILL_MS = 6_000
const LATENCY_MS = 40

const TEMPLATES = {
  linux: { ...LINUX, idleTimeoutSeconds: 6, connectTimeoutSeconds: 30, maxAgents: 3, unreachableTimeoutSeconds: 40 },
  big: {
    ...LINUX,
    labels: ['big'],
    cpus: { agent: 1, perExecutor: 0.5 },
    executors: { min: 1, max: 2 },
    idleTimeoutSeconds: 4,
    connectTimeoutSeconds: 30,
    maxAgents: 2,
    unreachableTimeoutSeconds: 40,
  },
  once: {
    ...LINUX,
    labels: ['once'],
    oneShot: true,
    connectTimeoutSeconds: 30,
    maxAgents: 2,
    unreachableTimeoutSeconds: 40,
  },
  warm: {
    ...LINUX,
    labels: ['warm'],
    idleTimeoutSeconds: 5,
    connectTimeoutSeconds: 30,
    maxAgents: 2,
    minIdle: 1,
    unreachableTimeoutSeconds: 40,
  },
}

/** Label, when it is asked for, how long it takes: 20 builds. */
const BUILDS = [
  ...Array.from({ length: 5 }, () => ['linux', 0, 4_000] as const),
  ...Array.from({ length: 3 }, () => ['once', 500, 3_000] as const),
  ...Array.from({ length: 3 }, () => ['big', 3_000, 5_000] as const),
  ...Array.from({ length: 2 }, () => ['warm', 4_000, 4_000] as const),
  ...Array.from({ length: 3 }, () => ['linux', 17_000, 4_000] as const),
  ...Array.from({ length: 2 }, () => ['big', 18_000, 4_000] as const),
  ...Array.from({ length: 2 }, () => ['once', 19_000, 2_000] as const),
]
const LOST_HOST = 'host-1.test'
const LOST_AT_MS = 8_000
const BACK_AT_MS = 26_000

/**
 * A day of a sidecar: 20 builds of four templates, one of them one-shot and one with a warm pool, some of which wait
 * for caps; a host loses its power and comes back. One blow falls, or none.
 */
export async function day({ seed, blow, expected, trace }: DayOptions): Promise<DayResult> {
  const chance = chanceOf(seed)
  const hash = createHash('sha256')
  const farm = await Farm.start({
    hosts: 3,
    host: { resources: { cpus: 5, memMib: 8192, diskMib: 10_000 } },
    latencyMs: LATENCY_MS,
    templates: TEMPLATES,
    environment: { MAX_AGENTS: '7' },
    mesos: { agentPingTimeoutMs: 2_000, maxAgentPingTimeouts: 2 },
    crashAt: (step, index) => {
      trace?.(`${farm.virtual.now()} step ${index} ${step.name}${index === blow?.step ? ` <== ${blow.point}` : ''}`)
      return index === blow?.step ? blow.point : undefined
    },
    quiet: trace === undefined,
  })
  const startedAt = farm.virtual.now()
  farm.checker.onExchange = (who, words, status) => {
    hash.update(`${farm.virtual.now()} ${who} ${status} ${words}\n`)
  }
  if (trace !== undefined) {
    farm.checker.onTold = (told) => {
      if (told.type !== 'HEARTBEAT') trace(`${farm.virtual.now()} told ${JSON.stringify(told).slice(0, 300)}`)
    }
  }
  planDay(farm, chance)
  const missed: string[] = []
  const goOn = async (done: () => boolean, limitMs: number, what: string): Promise<void> => {
    const until = farm.virtual.now() + limitMs
    while (!done() && farm.virtual.now() < until) {
      await farm.until(() => !farm.life.alive || done() || farm.virtual.now() >= until, limitMs + 1, what)
      if (farm.life.alive) continue
      await farm.advance(BACK_MS)
      await farm.startSidecar()
    }
    if (!done()) missed.push(`invariant 8: ${what} did not come: ${outcome().join(', ')}`)
  }
  const outcome = (): readonly string[] =>
    outcomeOf(
      farm.checker.scene(),
      farm.jenkins.nodes.map(({ name }) => name),
    )
  const ended = (): number => [...farm.checker.builds.ended.values()].reduce((sum, count) => sum + count, 0)
  const isSettled = (): boolean => (expected === undefined ? isStill(farm) : outcome().join() === expected.join())
  try {
    await goOn(() => ended() >= BUILDS.length, BUILDS_MS, `the end of ${BUILDS.length} builds`)
    await goOn(isSettled, SETTLED_MS, 'what a day without faults ends with')
    await farm.advance(STILL_MS)
    if (!farm.life.alive) await farm.startSidecar()
    if (missed.length === 0) await goOn(isSettled, SETTLED_MS, 'the same, once it was there,')
    if (blow !== undefined && blow.step >= farm.steps.length) missed.push('the step never came')
    const result = { steps: [...farm.steps], outcome: outcome(), virtualMs: farm.virtual.now() - startedAt }
    const violations = [...farm.checker.violations.map(showViolation), ...missed]
    await closeQuietly(farm, violations)
    return { ...result, violations, hash: hash.digest('hex') }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const violations = [...farm.checker.violations.map(showViolation), ...missed, words]
    return { steps: farm.steps, violations, outcome: [], hash: hash.digest('hex'), virtualMs: 0 }
  }
}

function planDay(farm: Farm, chance: () => number): void {
  const { virtual, jenkins, checker, mesos } = farm
  BUILDS.forEach(([label, atMs, durationMs], index) => {
    const name = `${label}-${index}`
    jenkins.createJob({ name, label, durationMs: durationMs + Math.floor(chance() * 500) })
    virtual.timer(atMs + Math.floor(chance() * 300), () => {
      jenkins.build(name)
    })
  })
  virtual.timer(LOST_AT_MS, () => {
    const hit = new Set(farm.tasks.filter(({ hostname }) => hostname === LOST_HOST).map(({ taskId }) => taskId))
    checker.builds.excuse((node) => hit.has(node))
    void mesos.removeHost(LOST_HOST, { tasks: 'lost' })
  })
  virtual.timer(BACK_AT_MS, () => {
    void mesos.returnHost(LOST_HOST)
  })
}

/** Nothing but the warm pool is left. */
function isStill(farm: Farm): boolean {
  const { records, tasks, nodes } = farm.checker.scene()
  return (
    records.length === 1 && tasks.length === 1 && nodes.size === 1 && records.every(({ state }) => state === 'online')
  )
}

/** What is left open after the end is a violation as well; those of the checker are known already. */
async function closeQuietly(farm: Farm, violations: string[]): Promise<void> {
  try {
    await farm.close()
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    if (!words.startsWith('what must never be')) violations.push(words)
  }
}
