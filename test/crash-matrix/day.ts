import { createHash } from 'node:crypto'
import { outcomeOf } from '../checker/outcome.ts'
import { chanceOf } from '../support/chance-of.ts'
import { Farm } from '../support/farm.ts'
import { usersOf } from '../support/farm-jenkins.ts'
import { showViolation } from '../support/farm-watch.ts'
import type { CrashPoint, Step } from '../support/sidecar-life.ts'
import { DAYS, type DayName, type DayPlan } from './days.ts'

/** What happens to the step of this number, counted from the first of the first sidecar. */
export interface Blow {
  readonly step: number
  readonly point: CrashPoint
}

export interface DayOptions {
  readonly name: DayName
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
  /** Lost builds that were started again. */
  readonly rebuilt: number
}

/** The new process is there after so long. */
const BACK_MS = 1_000
const BUILDS_MS = 600_000
/** Connect timeout, reconnect timeout, two sweeps of orphans, a full reconciliation. */
const SETTLED_MS = 2_400_000
const STILL_MS = 6_000
const LATENCY_MS = 40

const LOST_HOST = 'host-1.test'

/** A day of a sidecar, in which a host loses its power and comes back. One blow falls, or none. */
export async function day({ name, seed, blow, expected, trace }: DayOptions): Promise<DayResult> {
  const plan: DayPlan = DAYS[name]
  const chance = chanceOf(seed)
  const hash = createHash('sha256')
  const farm = await Farm.start({
    hosts: 3,
    host: { containers: true, resources: { cpus: 5, memMib: 8192, diskMib: 10_000 } },
    latencyMs: LATENCY_MS,
    templates: plan.templates,
    environment: plan.environment,
    jenkins: { users: usersOf(['Job/Build']) },
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
  planDay(farm, plan, chance)
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
      farm.jenkins.nodes.map((node) => node.name).filter((node) => plan.fades?.test(node) !== true),
    )
  const rebuilt = (): number => [...farm.checker.restarts.started.values()].reduce((sum, count) => sum + count, 0)
  const ended = (): number => [...farm.checker.builds.ended.values()].reduce((sum, count) => sum + count, 0)
  const isSettled = (): boolean =>
    farm.virtual.now() - startedAt > plan.backAtMs &&
    (expected === undefined ? isStill(farm, plan) : outcome().join() === expected.join())
  try {
    await goOn(() => ended() >= plan.builds.length, BUILDS_MS, `the end of ${plan.builds.length} builds`)
    await goOn(isSettled, SETTLED_MS, 'what a day without faults ends with')
    await farm.advance(STILL_MS)
    if (!farm.life.alive) await farm.startSidecar()
    if (missed.length === 0) await goOn(isSettled, SETTLED_MS, 'the same, once it was there,')
    if (blow !== undefined && blow.step >= farm.steps.length) missed.push('the step never came')
    const result = {
      steps: [...farm.steps],
      outcome: outcome(),
      virtualMs: farm.virtual.now() - startedAt,
      rebuilt: rebuilt(),
    }
    const violations = [...farm.checker.violations.map(showViolation), ...missed]
    await closeQuietly(farm, violations)
    return { ...result, violations, hash: hash.digest('hex') }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const violations = [...farm.checker.violations.map(showViolation), ...missed, words]
    return { steps: farm.steps, violations, outcome: [], hash: hash.digest('hex'), virtualMs: 0, rebuilt: rebuilt() }
  }
}

function planDay(farm: Farm, { builds, lostAtMs, backAtMs, also }: DayPlan, chance: () => number): void {
  const { virtual, jenkins, checker, mesos } = farm
  builds.forEach(([label, atMs, durationMs], index) => {
    const name = `${label.replace(/\W+/g, '-')}-${index}`
    jenkins.createJob({ name, label, durationMs: durationMs + Math.floor(chance() * 500) })
    virtual.timer(atMs + Math.floor(chance() * 300), () => {
      jenkins.build(name)
    })
  })
  virtual.timer(lostAtMs, () => {
    const hit = new Set(farm.tasks.filter(({ hostname }) => hostname === LOST_HOST).map(({ taskId }) => taskId))
    checker.builds.excuse((node) => hit.has(node))
    void mesos.removeHost(LOST_HOST, { tasks: 'lost' })
  })
  virtual.timer(backAtMs, () => {
    void mesos.returnHost(LOST_HOST)
  })
  also?.(farm)
}

/** Nothing but the warm pool is left. */
function isStill(farm: Farm, { warm }: DayPlan): boolean {
  const { records, tasks, nodes } = farm.checker.scene()
  return (
    records.length === warm &&
    tasks.length === warm &&
    nodes.size === warm &&
    records.every(({ state }) => state === 'online')
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
