import { Acknowledgement } from './acknowledgement.ts'
import { Acting } from './acting.ts'
import { BuildLedger } from './builds.ts'
import { CapRule } from './caps.ts'
import { EndedTasks } from './ended.ts'
import { Identity } from './identity.ts'
import { LaunchPace } from './launch-pace.ts'
import { Leaks } from './leaks.ts'
import { Offers } from './offers.ts'
import { Pauses } from './pauses.ts'
import { Placed } from './placed.ts'
import { Removal } from './removal.ts'
import { Restarts } from './restarts.ts'
import { Retirement } from './retirement.ts'
import type { Report, Rule } from './rule.ts'
import { Scene, type Systems } from './scene.ts'
import { WarmPools } from './warm-pools.ts'
import type { Listener, Told, WireRequest } from './wire.ts'

export interface Violation {
  /** Number of the invariant; 0: a build was lost; `PROMISE`: something else that people were promised. */
  readonly invariant: number
  readonly at: number
  readonly words: string
}

const PROMISE = -1

/** More than these say nothing new. */
const MOST = 50

/**
 * Looks at both systems, at the store and at the wire between them, and writes down what must never be. Shares no
 * code with the planner and the loop: what they get wrong it must not get wrong the same way.
 */
export class Checker implements Listener {
  readonly violations: Violation[] = []
  readonly builds: BuildLedger
  readonly caps: CapRule
  readonly offers: Offers
  readonly removal: Removal
  readonly pauses: Pauses
  readonly retirement: Retirement
  readonly restarts: Restarts
  readonly warm: WarmPools
  /** Told of everything that sidecars ask for. */
  onExchange: (who: string, words: string, status: number) => void = () => undefined
  onTold: (told: Told) => void = () => undefined
  readonly #systems: Systems
  readonly #rules: readonly Rule[]

  constructor(systems: Systems) {
    this.#systems = systems
    const report: Report = (invariant, words) => {
      if (this.violations.length < MOST) this.violations.push({ invariant, at: systems.now(), words })
    }
    this.builds = new BuildLedger(systems.jenkins, (words) => {
      report(0, words)
    })
    const ended = new EndedTasks()
    this.caps = new CapRule(systems.caps, ended, report)
    this.offers = new Offers(systems.caps, systems.jenkins, systems.calm, systems.now, report)
    this.removal = new Removal(this.builds, ended, report)
    const { promises, calm, jenkins } = systems
    const broken: Report = (_, words) => {
      report(PROMISE, words)
    }
    this.pauses = new Pauses(systems.now, broken)
    this.retirement = new Retirement(promises, this.builds, calm, broken)
    this.restarts = new Restarts(this.builds, broken)
    this.warm = new WarmPools(promises, { builds: this.builds, queue: jenkins, pauses: this.pauses }, calm, broken)
    this.#rules = [
      ended,
      this.removal,
      new Leaks(this.builds, ended, systems.calm, report),
      this.caps,
      new Identity(report),
      this.offers,
      new Acknowledgement(report),
      new Acting(systems.now, report),
      this.pauses,
      this.retirement,
      this.restarts,
      this.warm,
      new Placed(promises, broken),
      new LaunchPace(promises, systems.now, broken),
    ]
  }

  scene(): Scene {
    return new Scene(this.#systems)
  }

  /** After each thing that happened. */
  look(): void {
    this.builds.look()
    const scene = this.scene()
    for (const rule of this.#rules) rule.look?.(scene)
  }

  /** A sidecar wrote to its store. */
  committed(who: string): void {
    const stored = this.#systems.stored()
    for (const rule of this.#rules) rule.committed?.(stored, who)
  }

  readonly request = (request: WireRequest): void => {
    let scene: Scene | undefined
    for (const rule of this.#rules) rule.request?.(request, () => (scene ??= this.scene()))
  }

  readonly told = (told: Told): void => {
    for (const rule of this.#rules) rule.told?.(told)
    this.onTold(told)
  }

  readonly streamEnded = (who: string): void => {
    for (const rule of this.#rules) rule.streamEnded?.(who)
  }

  readonly exchange = (who: string, words: string, status: number): void => {
    this.onExchange(who, words, status)
  }
}
