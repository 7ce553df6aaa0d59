import type { Instant } from './model.ts'

/** What is known of one moment; `null`: not known then. */
export interface Sample {
  readonly at: Instant
  readonly waiting: number | null
  readonly blocked: number | null
  readonly builds: number | null
  /** By state, only states that there are. */
  readonly agents: Readonly<Record<string, number>> | null
  readonly givenCpus: number | null
  readonly usedCpus: number | null
  readonly givenMemMib: number | null
  readonly usedMemMib: number | null
}

/** How much is remembered. */
export interface Span {
  readonly everyMs: number
  readonly spanMs: number
}

/** Of a time of which nothing is known, as the process stood still. */
export function unknownAt(at: Instant): Sample {
  return {
    at,
    waiting: null,
    blocked: null,
    builds: null,
    agents: null,
    givenCpus: null,
    usedCpus: null,
    givenMemMib: null,
    usedMemMib: null,
  }
}

/**
 * Adds a sample, oldest first. Times always grow: what lies after it was taken before the clock was set back, and goes.
 * After a gap stands a sample that knows nothing, so that nobody draws a line across.
 */
export function addSample(samples: readonly Sample[], sample: Sample, { everyMs, spanMs }: Span): readonly Sample[] {
  const before = samples.filter(({ at }) => at < sample.at && at > sample.at - spanMs)
  const last = before.at(-1)
  const gap = last !== undefined && sample.at - last.at > 2 * everyMs ? [unknownAt(last.at + everyMs)] : []
  return [...before, ...gap, sample].slice(-Math.ceil(spanMs / everyMs))
}
