import type { Cancel, Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import { guarded } from './guarded.ts'
import type { SummaryView } from './view-types.ts'

/** What changed is told after this at the latest, and not more often. */
const EVERY_MS = 1_000
/** That rounds go by is no news: they are told this often. */
const ROUNDS_MS = 5_000
/** It is told again, so that everybody knows that the line is alive. */
const HEARTBEAT_MS = 15_000

export interface PulseOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'timer'>
  readonly summary: () => SummaryView
  readonly log: Pick<Log, 'error'>
}

type Listener = (summary: SummaryView) => void

/** Tells the head of the page whenever it changed: one timer for all who listen, and none while nobody does. */
export class Pulse {
  readonly #clock: PulseOptions['clock']
  readonly #summary: () => SummaryView
  readonly #look: () => SummaryView | undefined
  readonly #listeners = new Set<Listener>()
  #cancel: Cancel | undefined
  #told: { readonly at: number; readonly facts: string; readonly round: number } | undefined

  constructor({ clock, summary, log }: PulseOptions) {
    this.#clock = clock
    this.#summary = summary
    this.#look = guarded(log, summary)
  }

  /** Called at once, then with each change, until the returned function is called. */
  readonly follow = (listener: Listener): (() => void) => {
    const own: Listener = (summary) => {
      listener(summary)
    }
    const summary = this.#summary() // who is told nothing at once must not be told later
    this.#listeners.add(own)
    own(summary)
    this.#told ??= { at: this.#clock.monotonic(), ...fingerprint(summary) }
    this.#cancel ??= this.#clock.timer(EVERY_MS, this.#tick)
    return () => {
      this.#listeners.delete(own)
      if (this.#listeners.size === 0) this.stop()
    }
  }

  /** Nobody is told anything any more. */
  stop(): void {
    this.#listeners.clear()
    this.#cancel?.()
    this.#cancel = undefined
    this.#told = undefined
  }

  readonly #tick = (): void => {
    this.#cancel = this.#clock.timer(EVERY_MS, this.#tick)
    const summary = this.#look()
    if (summary === undefined) return
    const at = this.#clock.monotonic()
    const next = { at, ...fingerprint(summary) }
    const last = this.#told
    if (last !== undefined) {
      const age = at - last.at
      const news = next.facts !== last.facts || (next.round !== last.round && age >= ROUNDS_MS)
      if (!news && age < HEARTBEAT_MS) return
    }
    this.#told = next
    for (const listener of [...this.#listeners]) tell(listener, summary)
  }
}

/** What there is to tell, apart from that time goes by. */
function fingerprint(summary: SummaryView): { readonly facts: string; readonly round: number } {
  const { now: _, round, health, ...rest } = summary
  const { lastRoundAgeMs: __, ...state } = health
  return { facts: JSON.stringify({ ...rest, state, held: round.held }), round: round.number }
}

/** Whoever listens harms nobody else: a line that broke is noticed by whoever holds it. */
function tell(listener: Listener, summary: SummaryView): void {
  try {
    listener(summary)
  } catch {
    // told again with the next change
  }
}
