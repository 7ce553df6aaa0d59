import type { AgentRecord, Instant } from './model.ts'

/** What a host says of one agent at one time: counters since its start. */
export interface UsageReading {
  /** By the host's clock. */
  readonly at: Instant
  readonly cpuSeconds: number | undefined
  readonly memRssBytes: number | undefined
}

/** What was seen of one agent so far. All amounts are of the whole agent. */
export interface Track {
  readonly executors: number
  /** When it began to be looked at, by our clock. */
  readonly begunAt: Instant
  /** When it was last looked at, by our clock. */
  readonly seenAt: Instant
  /** The last one that told of CPU. */
  readonly last: { readonly at: Instant; readonly cpuSeconds: number } | undefined
  /** Not yet a minute of builds. */
  readonly window: { readonly seconds: number; readonly cpuSeconds: number }
  /** CPUs in its busiest minute of builds. */
  readonly peakCpus: number | undefined
  readonly peakMemMib: number | undefined
}

/** What one reading adds; `undefined` where it says nothing of builds. */
export interface Seen {
  readonly track: Track
  /** CPUs on average since the last reading. */
  readonly cpus: number | undefined
  readonly memMib: number | undefined
}

const MIB = 1024 * 1024
const WINDOW_SECONDS = 60
/** Over a longer gap an average would say nothing. */
const MOST_SECONDS = 180
/** Over a shorter time the counters are too coarse. */
const LEAST_SECONDS = 1
/** No host has so many: a clock that was set shows as such a rate. */
const MOST_CPUS = 1024

export function begin({ executors }: Pick<AgentRecord, 'executors'>, now: Instant): Track {
  return {
    executors: Math.max(1, executors),
    begunAt: now,
    seenAt: now,
    last: undefined,
    window: { seconds: 0, cpuSeconds: 0 },
    peakCpus: undefined,
    peakMemMib: undefined,
  }
}

/**
 * Takes a reading in. Only time in which a build ran counts, as an agent that waits says nothing of what builds need;
 * the start of its JVM does where a build begins within the same reading. A counter that went down, a host's clock
 * that was set back, a reading that is missing for long: there is no rate, and the next one begins anew.
 */
export function follow(
  track: Track,
  reading: UsageReading,
  record: Pick<AgentRecord, 'onlineAt' | 'idleSince'>,
  now: Instant,
): Seen {
  const worked = hadBuild(record, track.seenAt, now)
  const bytes = reading.memRssBytes
  const memMib = worked && bytes !== undefined && bytes >= 0 ? bytes / MIB : undefined
  const next: Track = { ...track, seenAt: now, peakMemMib: highest(track.peakMemMib, memMib) }
  const { cpuSeconds } = reading
  if (cpuSeconds === undefined) return { track: next, cpus: undefined, memMib }
  const last = { at: reading.at, cpuSeconds }
  const before = track.last
  if (before === undefined) return { track: { ...next, last }, cpus: undefined, memMib }
  const seconds = (reading.at - before.at) / 1000
  // The same once more, or nearly: the next one is measured from the one before.
  if (seconds >= 0 && seconds < LEAST_SECONDS) return { track: next, cpus: undefined, memMib }
  const used = cpuSeconds - before.cpuSeconds
  const known = seconds > 0 && seconds <= MOST_SECONDS && used >= 0 && used <= seconds * MOST_CPUS
  if (!known || !worked) return { track: { ...next, last }, cpus: undefined, memMib }
  return { track: { ...withWindow(next, seconds, used), last }, cpus: used / seconds, memMib }
}

/** CPUs in its busiest minute of builds; of an agent with less than a minute of them, in all that there was. */
export function peakCpusOf({ peakCpus, window }: Track): number | undefined {
  return peakCpus ?? (window.seconds > 0 ? window.cpuSeconds / window.seconds : undefined)
}

/** A build ran at some time since then, as far as rounds have seen. */
function hadBuild(
  { onlineAt, idleSince }: Pick<AgentRecord, 'onlineAt' | 'idleSince'>,
  since: Instant,
  now: Instant,
): boolean {
  if (onlineAt === undefined) return false
  // An end of idleness in the future is of a clock that was set back since.
  return idleSince === undefined || (idleSince > since && idleSince <= now && idleSince > onlineAt)
}

function withWindow(track: Track, seconds: number, used: number): Track {
  const window = { seconds: track.window.seconds + seconds, cpuSeconds: track.window.cpuSeconds + used }
  if (window.seconds < WINDOW_SECONDS) return { ...track, window }
  const peakCpus = highest(track.peakCpus, window.cpuSeconds / window.seconds)
  return { ...track, peakCpus, window: { seconds: 0, cpuSeconds: 0 } }
}

function highest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Math.max(a, b)
}
