import type { Report, Rule } from './rule.ts'
import { type JenkinsSideQueue, type Scene, type SeenCaps, templateOf } from './scene.ts'
import type { Told, WireRequest } from './wire.ts'

/** Longest time that an offer may be out: what the program promises. */
const HOLD_MS = 5_000
/** With nothing to place for so long, every role is suppressed and no offer is out. */
const QUIET_MS = 30_000

/** Invariant 5: every offer is answered once, in time; while nothing may be placed, nothing is held or wanted. */
export class Offers implements Rule {
  /** On a subscription that says nothing any more, offers are seen by nobody. */
  silent = false
  readonly #caps: SeenCaps
  readonly #queue: JenkinsSideQueue
  readonly #calm: () => boolean
  readonly #report: Report
  readonly #now: () => number
  /** How long each offer has been out in calm time, and up to when that was counted. */
  readonly #out = new Map<string, { readonly heldMs: number; readonly at: number }>()
  readonly #answered = new Set<string>()
  #last: number | undefined
  #quietMs = 0
  #toldOfQuiet = false

  constructor(caps: SeenCaps, queue: JenkinsSideQueue, calm: () => boolean, now: () => number, report: Report) {
    this.#caps = caps
    this.#queue = queue
    this.#calm = calm
    this.#now = now
    this.#report = report
  }

  readonly told = ({ offers }: Told): void => {
    for (const { id } of offers?.offers ?? []) this.#out.set(id.value, { heldMs: 0, at: this.#now() })
  }

  readonly streamEnded = (): void => {
    this.silent = false
    this.#out.clear()
  }

  readonly request = ({ call, again }: WireRequest): void => {
    if (again) return
    for (const { value } of [...(call?.accept?.offer_ids ?? []), ...(call?.decline?.offer_ids ?? [])]) {
      if (this.#answered.has(value)) this.#report(5, `offer ${value} is answered twice`)
      this.#answered.add(value)
      this.#out.delete(value)
    }
  }

  readonly look = (scene: Scene): void => {
    const passed = scene.now - (this.#last ?? scene.now)
    this.#last = scene.now
    const calm = this.#calm() && !this.silent
    if (this.#out.size > 0) this.#hold(scene, calm)
    this.#quiet(scene, calm, passed)
  }

  #hold({ mesos, now }: Scene, calm: boolean): void {
    const there = new Set(mesos.offers.map(({ id }) => id))
    for (const [id, { heldMs, at }] of this.#out) {
      if (!there.has(id)) {
        this.#out.delete(id)
        continue
      }
      const held = heldMs + (calm ? now - at : 0)
      this.#out.set(id, { heldMs: held, at: now })
      if (held > HOLD_MS && heldMs <= HOLD_MS) this.#report(5, `offer ${id} is held for ${held} ms`)
    }
  }

  #quiet(scene: Scene, calm: boolean, passed: number): void {
    if (!calm || !this.#nothingToPlace(scene)) {
      this.#quietMs = 0
      this.#toldOfQuiet = false
      return
    }
    this.#quietMs += passed
    if (this.#quietMs <= QUIET_MS || this.#toldOfQuiet) return
    for (const { roles, suppressedRoles, outstandingOffers, connected } of scene.mesos.frameworks) {
      if (!connected || (suppressedRoles.length >= roles.length && outstandingOffers === 0)) continue
      this.#toldOfQuiet = true
      this.#report(
        5,
        `nothing may be placed for ${this.#quietMs} ms, yet ${outstandingOffers} offers are out and of roles ` +
          `${roles.join(',')} only ${suppressedRoles.join(',')} are suppressed`,
      )
    }
  }

  /** Nobody waits and no pool is to be kept, or every template is at its cap. */
  #nothingToPlace({ records }: Scene): boolean {
    if (records.some(({ state }) => state === 'planned')) return false
    if (this.#caps.warm === 0 && this.#queue.queue.every(({ stage }) => stage === 'left')) return true
    const counts = new Map<string, number>()
    for (const { agentId } of records) {
      const template = templateOf(agentId)
      counts.set(template, (counts.get(template) ?? 0) + 1)
    }
    return [...this.#caps.agents].every(([template, most]) => (counts.get(template) ?? 0) >= most)
  }
}
