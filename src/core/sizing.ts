import { counted, EMPTY_HISTOGRAM, type Histogram, merge, notAfter, weekOf } from './histogram.ts'
import type { AgentId, Instant } from './model.ts'
import { begin, peakCpusOf, type Track } from './sizing-track.ts'

/**
 * What the agents of one template used, kept over restarts. Amounts are of one executor, the agent's own share
 * included, so that agents with one executor and with many can stand in one scale: what the whole agent used, by its
 * executors.
 */
export interface TemplateSizing {
  readonly cpus: Measured
  readonly memMib: Measured
  /** Agents that live: what they are counted with once they end. */
  readonly open: readonly OpenAgent[]
  /** When something was last added. */
  readonly at: Instant
}

export interface Measured {
  /** Each reading while a build ran. */
  readonly samples: Histogram
  /** The highest of each agent: of CPU in its busiest minute of builds, of memory at any reading of them. */
  readonly agents: Histogram
}

/** Of one executor. */
export interface OpenAgent {
  readonly agentId: AgentId
  readonly begunAt: Instant
  readonly executors: number
  readonly cpus?: number | undefined
  readonly memMib?: number | undefined
}

/** Values to be counted, of one executor. */
export interface Values {
  readonly samples: readonly number[]
  readonly agents: readonly number[]
}

const NOTHING: Measured = Object.freeze({ samples: EMPTY_HISTOGRAM, agents: EMPTY_HISTOGRAM })
/** More that live than these are counted only from a restart on. */
export const MOST_OPEN = 500
/** An agent that lives longer counts once for each of these. */
const DAY_MS = 24 * 3_600_000
/** A template that is gone is remembered, in case it comes back. */
const GONE_MS = 14 * DAY_MS
/** Of those not more than these. */
const MOST_GONE = 100

export function emptySizing(now: Instant): TemplateSizing {
  return { cpus: NOTHING, memMib: NOTHING, open: [], at: now }
}

export function add(sizing: TemplateSizing, cpus: Values, memMib: Values, now: Instant): TemplateSizing {
  return { ...sizing, cpus: plus(sizing.cpus, cpus, now), memMib: plus(sizing.memMib, memMib, now), at: now }
}

/** Whether it is counted now although it lives on. */
export function isDayOver(track: Track, now: Instant): boolean {
  return now - track.begunAt >= DAY_MS
}

export function openOf(agentId: AgentId, track: Track): OpenAgent {
  const { begunAt, executors } = track
  return { agentId, begunAt, executors, ...peaksOf(track) }
}

/** The highest of an agent so far, of one executor. */
export function peaksOf(track: Track): Pick<OpenAgent, 'cpus' | 'memMib'> {
  const cpus = peakCpusOf(track)
  const { peakMemMib, executors } = track
  return {
    ...(cpus !== undefined && { cpus: cpus / executors }),
    ...(peakMemMib !== undefined && { memMib: peakMemMib / executors }),
  }
}

/** Goes on with what was stored: the first reading is measured from nothing. */
export function resume({ begunAt, executors, cpus, memMib }: OpenAgent, now: Instant): Track {
  return {
    ...begin({ executors }, now),
    begunAt,
    peakCpus: cpus === undefined ? undefined : cpus * executors,
    peakMemMib: memMib === undefined ? undefined : memMib * executors,
  }
}

/** Templates of which nothing is to be kept any more: not configured for long, or too many. */
export function outdated<T extends string>(
  sizings: ReadonlyMap<T, TemplateSizing>,
  configured: ReadonlySet<string>,
  now: Instant,
): readonly T[] {
  const gone = [...sizings].filter(([name]) => !configured.has(name)).sort(([, a], [, b]) => b.at - a.at)
  return gone.filter(([, { at }], index) => index >= MOST_GONE || now - at > GONE_MS).map(([name]) => name)
}

function plus({ samples, agents }: Measured, values: Values, now: Instant): Measured {
  const week = weekOf(now)
  return {
    samples: merge(notAfter(samples, week), counted(values.samples, week)),
    agents: merge(notAfter(agents, week), counted(values.agents, week)),
  }
}
