import { createHash } from 'node:crypto'
import { outcomeOf } from '../checker/outcome.ts'
import { chanceOf } from '../support/chance-of.ts'
import type { Farm } from '../support/farm.ts'
import { describeFarm } from '../support/farm-describe.ts'
import { showViolation } from '../support/farm-watch.ts'
import { resumeAll } from './policy-troubles.ts'
import { anyOf, type Chance, upTo } from './trouble.ts'
import { deleteOldBuilds, openWorld, WORLDS, type World, type WorldName } from './world.ts'

export interface StormOptions {
  readonly hours: number
  readonly seed: number
  readonly world: WorldName
  /** Told of all that happens. */
  readonly trace?: (line: string) => void
  /** Told after each burst. */
  readonly onBurst?: (hours: number) => void
}

export interface StormResult {
  readonly hours: number
  readonly faults: number
  readonly faultsByName: Readonly<Record<string, number>>
  readonly builds: number
  /** Ended badly by a fault that ends builds. */
  readonly buildsEndedByFaults: number
  readonly agents: number
  /** Agents that went, by reason. */
  readonly reaps: Readonly<Record<string, number>>
  /** Lost with their host, and started again by the sidecar. */
  readonly rebuilt: number
  readonly calls: number
  readonly violations: readonly string[]
  /** Of everything that sidecars asked and were answered. */
  readonly hash: string
}

const HOUR_MS = 3_600_000
const QUIET_MS = 5 * HOUR_MS
const BURST_MS = 2_400_000
const GAP_MS = 240_000
/** Back-offs, time-outs and sweeps, one after the other. */
const SETTLED_MS = 4 * HOUR_MS
/** They come all the time, and say nothing. */
const LOOK = /^GET \/(?:computer\/|queue\/)?(?:api\/json|containers)/

/** Weeks of a sidecar: quiet hours, then bursts of troubles while builds come in, then all must be well again. */
export async function storm({ hours, seed, onBurst, world: name, ...told }: StormOptions): Promise<StormResult> {
  /** What came after the first violation says nothing of its cause. */
  const trace =
    told.trace &&
    ((line: string): void => {
      if (farm.checker.violations.length === 0) told.trace?.(line)
    })
  const chance = chanceOf(seed)
  const world: World = WORLDS[name]
  const farm = await openWorld(world)
  const hash = createHash('sha256')
  const launched = new Set<string>()
  let calls = 0
  farm.checker.onExchange = (who, words, status) => {
    calls += 1
    const line = `${farm.virtual.now()} ${who} ${status} ${words}`
    hash.update(`${line}\n`)
    if (!LOOK.test(words)) trace?.(line.slice(0, 400))
  }
  farm.checker.onTold = (told) => {
    if (told.update !== undefined) launched.add(told.update.status.task_id.value)
    if (told.type !== 'HEARTBEAT') trace?.(`${farm.virtual.now()} told ${JSON.stringify(told).slice(0, 400)}`)
  }
  const counts = new Map<string, number>(world.troubles.map(({ name }) => [name, 0]))
  const startedAt = farm.virtual.now()
  const virtualHours = (): number => (farm.virtual.now() - startedAt) / HOUR_MS
  const burst = new Burst(farm, world, chance, counts, (words) => trace?.(`${farm.virtual.now()} *** ${words}`))
  const failures: string[] = []
  try {
    await settled(farm, world)
    const still = outcome(farm)
    while (virtualHours() < hours && failures.length + farm.checker.violations.length === 0) {
      await farm.advance(upTo(QUIET_MS, chance))
      await burst.run()
      failures.push(...(await untilWell(farm, still)))
      deleteOldBuilds(farm)
      onBurst?.(virtualHours())
    }
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error))
  }
  const violations = [...farm.checker.violations.map(showViolation), ...failures]
  await farm.close().catch((error: unknown) => {
    const words = error instanceof Error ? error.message : String(error)
    if (!words.startsWith('what must never be')) violations.push(words)
  })
  const { builds, retirement, restarts } = farm.checker
  const { ended, excusedLosses } = builds
  return {
    hours: Math.round(virtualHours()),
    faults: [...counts.values()].reduce((sum, count) => sum + count, 0),
    faultsByName: Object.fromEntries(counts),
    builds: [...ended.values()].reduce((sum, count) => sum + count, 0),
    buildsEndedByFaults: excusedLosses,
    agents: launched.size,
    reaps: Object.fromEntries([...retirement.reasons].sort()),
    rebuilt: [...restarts.started.values()].reduce((sum, count) => sum + count, 0),
    calls,
    violations,
    hash: hash.digest('hex'),
  }
}

/** Troubles, several at once, and builds that come in meanwhile. In the end everything is undone. */
class Burst {
  readonly #farm: Farm
  readonly #world: World
  readonly #chance: Chance
  readonly #counts: Map<string, number>
  readonly #say: (words: string) => void
  readonly #active = new Map<string, { readonly end: () => void | Promise<void>; readonly until: number }>()

  constructor(farm: Farm, world: World, chance: Chance, counts: Map<string, number>, say: (words: string) => void) {
    this.#farm = farm
    this.#world = world
    this.#chance = chance
    this.#counts = counts
    this.#say = say
  }

  async run(): Promise<void> {
    const farm = this.#farm
    const end = farm.virtual.now() + upTo(BURST_MS, this.#chance)
    farm.troubled = true
    while (farm.virtual.now() < end) {
      this.#builds()
      await this.#begin()
      await farm.advance(upTo(GAP_MS, this.#chance))
      await this.#endThoseDue(farm.virtual.now())
    }
    await this.#endThoseDue(Number.POSITIVE_INFINITY)
    if (!farm.life.alive) await farm.startSidecar()
    if (this.#counts.get('an operator pauses templates') !== undefined) await resumeAll(farm)
    farm.troubled = false
  }

  #builds(): void {
    const { jenkins } = this.#farm
    if (jenkins.phase !== 'ready') return
    for (let count = Math.floor(this.#chance() * this.#world.mostBuildsAtOnce); count > 0; count--) {
      jenkins.build(anyOf(this.#world.jobs, this.#chance)?.name ?? '')
    }
  }

  async #begin(): Promise<void> {
    const trouble = anyOf(this.#world.troubles, this.#chance)
    if (trouble === undefined || this.#active.has(trouble.name)) return
    const { name, longestMs = 0, begin } = trouble
    this.#say(name)
    const begun = await begin(this.#farm, this.#chance)
    if (begun === undefined) return
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
    if (begun === 'over') return
    this.#active.set(name, { end: begun, until: this.#farm.virtual.now() + upTo(longestMs, this.#chance) })
  }

  async #endThoseDue(now: number): Promise<void> {
    for (const [name, { end, until }] of this.#active) {
      if (until > now) continue
      this.#active.delete(name)
      this.#say(`end of ${name}`)
      await end()
    }
  }
}

function outcome(farm: Farm): string {
  return outcomeOf(
    farm.checker.scene(),
    farm.jenkins.nodes.map(({ name }) => name),
  ).join(', ')
}

/** The anchors and the warm pools are there. */
async function settled(farm: Farm, { farm: { templates }, warm }: World): Promise<void> {
  const nodes = Object.keys(templates).length + warm
  const isThere = (): boolean => farm.jenkins.nodes.length === nodes && farm.onlineAgents === warm && farm.isCalm
  await farm.until(isThere, 600_000, 'the anchors')
  await farm.advance(120_000)
}

/** @returns what is not as it was before the burst although it had hours for it */
async function untilWell(farm: Farm, still: string): Promise<readonly string[]> {
  const until = farm.virtual.now() + SETTLED_MS
  const isWell = (): boolean => farm.queued + farm.running === 0 && outcome(farm) === still
  while (!isWell() && farm.virtual.now() < until) await farm.advance(60_000)
  if (isWell()) return []
  return [`invariant 8: after 4 hours of peace all is not as it was (${still}):\n${describeFarm(farm)}`]
}
