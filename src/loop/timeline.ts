import type { Cancel, Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import { addSample, type Sample } from '../core/timeline.ts'
import { guarded } from './guarded.ts'
import { countsOf, isWaiting } from './view-summary.ts'
import { sumOf } from './view-sums.ts'
import type { TimelineView, View } from './view-types.ts'

const EVERY_MS = 15_000
const SPAN_MS = 6 * 3_600_000
const SPAN = { everyMs: EVERY_MS, spanMs: SPAN_MS }

export interface TimelineOptions {
  readonly clock: Pick<Clock, 'timer'>
  readonly view: () => View
  readonly log: Pick<Log, 'error'>
}

/** The last hours in figures, in memory: a sample now and then, between `start` and `stop`. */
export class Timeline {
  readonly #clock: TimelineOptions['clock']
  readonly #look: () => View | undefined
  #samples: readonly Sample[] = []
  #shown: TimelineView | undefined
  #cancel: Cancel | undefined

  constructor({ clock, view, log }: TimelineOptions) {
    this.#clock = clock
    this.#look = guarded(log, view)
  }

  start(): void {
    this.#cancel ??= this.#clock.timer(EVERY_MS, this.#tick)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Made once for each sample. */
  readonly view = (): TimelineView => {
    this.#shown ??= columnsOf(this.#samples)
    return this.#shown
  }

  readonly #tick = (): void => {
    this.#cancel = this.#clock.timer(EVERY_MS, this.#tick)
    const view = this.#look()
    if (view === undefined) return
    this.#samples = addSample(this.#samples, sampleOf(view), SPAN)
    this.#shown = undefined
  }
}

/** What nobody can see is not zero: the queue while Jenkins does not answer, everything while another instance leads. */
function sampleOf({ now, round, jenkins, queue, agents }: View): Sample {
  const acts = round.lastAt !== undefined
  const sees = acts && jenkins.reachable
  const waiting = queue.filter(isWaiting).length
  const { givenCpus, givenMemMib, usedCpus, usedMemMib } = sumOf(agents)
  const used = (value: number | undefined): number | null => value ?? (acts && agents.length === 0 ? 0 : null)
  return {
    at: now,
    waiting: sees ? waiting : null,
    blocked: sees ? queue.length - waiting : null,
    builds: sees ? agents.reduce((sum, { builds }) => sum + builds.length, 0) : null,
    agents: acts ? countsOf(agents) : null,
    givenCpus: acts ? givenCpus : null,
    usedCpus: used(usedCpus),
    givenMemMib: acts ? givenMemMib : null,
    usedMemMib: used(usedMemMib),
  }
}

function columnsOf(samples: readonly Sample[]): TimelineView {
  const states = [...new Set(samples.flatMap(({ agents }) => Object.keys(agents ?? {})))]
  return {
    everyMs: EVERY_MS,
    at: samples.map(({ at }) => at),
    waiting: samples.map(({ waiting }) => waiting),
    blocked: samples.map(({ blocked }) => blocked),
    builds: samples.map(({ builds }) => builds),
    agents: Object.fromEntries(
      states.map((state) => [state, samples.map(({ agents }) => (agents === null ? null : (agents[state] ?? 0)))]),
    ),
    givenCpus: samples.map(({ givenCpus }) => givenCpus),
    usedCpus: samples.map(({ usedCpus }) => usedCpus),
    givenMemMib: samples.map(({ givenMemMib }) => givenMemMib),
    usedMemMib: samples.map(({ usedMemMib }) => usedMemMib),
  }
}
