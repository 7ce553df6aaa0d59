import type { Instant } from './model.ts'

/** A counter of a host at one time, by the host's clock. */
export interface CpuReading {
  readonly at: Instant
  readonly cpuSeconds: number
}

/** Readings of the last minute or so, oldest first. */
export type CpuTrack = readonly CpuReading[]

const WINDOW_MS = 60_000
/** Over a longer gap an average would say nothing of now. */
const LONGEST_GAP_MS = 180_000
/** Over a shorter time the counters are too coarse. */
const SHORTEST_MS = 1_000
/** No host has so many: a clock that was set shows as such a rate. */
const MOST_CPUS = 1024

/** Takes a reading in. A counter that went down, or a clock that was set, begins anew. */
export function followCpu(track: CpuTrack, { at, cpuSeconds }: CpuReading): CpuTrack {
  const next = { at, cpuSeconds }
  const last = track.at(-1)
  if (last === undefined) return [next]
  const passed = at - last.at
  if (passed >= 0 && passed < SHORTEST_MS) return track
  const used = cpuSeconds - last.cpuSeconds
  if (passed < 0 || passed > LONGEST_GAP_MS || used < 0 || used * 1000 > passed * MOST_CPUS) return [next]
  // The oldest one stays that makes the window a whole one.
  const first = track.findLastIndex((reading) => at - reading.at >= WINDOW_MS)
  return [...track.slice(Math.max(0, first)), next]
}

/** CPUs in use on average over the last minute; `undefined` until there are two readings. */
export function cpusOf(track: CpuTrack): number | undefined {
  const first = track[0]
  const last = track.at(-1)
  if (first === undefined || last === undefined || last === first) return undefined
  return (last.cpuSeconds - first.cpuSeconds) / ((last.at - first.at) / 1000)
}
