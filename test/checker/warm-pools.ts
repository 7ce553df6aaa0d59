import type { BuildLedger } from './builds.ts'
import type { Pauses } from './pauses.ts'
import type { Report, Rule } from './rule.ts'
import { type JenkinsSideQueue, type Scene, type SeenPromises, templateOf } from './scene.ts'

/** Back-offs and time-outs of what went wrong before are over. */
const FREE_MS = 1_500_000
/** A poll, an offer, a launch. */
const FILLED_MS = 240_000

/** Warm pools are full, once nothing stood in the way for long: no trouble, no build, no pause. */
export class WarmPools implements Rule {
  /** Held only to worlds that have room for them. */
  expected = false
  readonly #promises: SeenPromises
  readonly #builds: BuildLedger
  readonly #queue: JenkinsSideQueue
  readonly #pauses: Pauses
  readonly #calm: () => boolean
  readonly #report: Report
  readonly #shortMs = new Map<string, number>()
  #freeMs = 0
  #last: number | undefined

  constructor(
    promises: SeenPromises,
    world: { readonly builds: BuildLedger; readonly queue: JenkinsSideQueue; readonly pauses: Pauses },
    calm: () => boolean,
    report: Report,
  ) {
    this.#promises = promises
    this.#builds = world.builds
    this.#queue = world.queue
    this.#pauses = world.pauses
    this.#calm = calm
    this.#report = report
  }

  readonly look = (scene: Scene): void => {
    const passed = scene.now - (this.#last ?? scene.now)
    this.#last = scene.now
    if (!this.expected) return
    const isFree =
      this.#calm() &&
      this.#queue.queue.every(({ stage }) => stage === 'left') &&
      this.#builds.running().size === 0 &&
      ![...this.#promises.templates.keys()].some((name) => this.#pauses.has(name))
    this.#freeMs = isFree ? this.#freeMs + passed : 0
    if (this.#freeMs < FREE_MS) {
      this.#shortMs.clear()
      return
    }
    for (const [name, { minIdleAt }] of this.#promises.templates) this.#judge(name, minIdleAt, scene, passed)
  }

  #judge(name: string, minIdleAt: (wall: number) => number | undefined, scene: Scene, passed: number): void {
    const target = minIdleAt(this.#promises.wall()) ?? 0
    const idle = scene.records.filter(({ agentId, state }) => state === 'online' && templateOf(agentId) === name)
    const before = this.#shortMs.get(name) ?? 0
    const short = idle.length < target ? before + passed : 0
    this.#shortMs.set(name, short)
    if (short > FILLED_MS && before <= FILLED_MS)
      this.#report(
        0,
        `the warm pool of ${name} has ${idle.length} of ${target} for ${short / 1000} s, and nothing is in its way`,
      )
  }
}
