import { DEMAND_STATES } from '../core/explain-templates.ts'
import type { Instant } from '../core/model.ts'
import { sumOf } from './view-sums.ts'
import type { SummaryView, View } from './view-types.ts'

export interface SummarySources {
  readonly view: View
  readonly version: string
  readonly startedAt: Instant
  readonly storeError: string | undefined
  readonly lastEventId: number
}

const DEMAND: ReadonlySet<string> = new Set(DEMAND_STATES)

/** It waits for an agent. */
export function isWaiting({ state }: { readonly state: string }): boolean {
  return DEMAND.has(state)
}

/** The head of the page: the view without its long lists, and what they add up to. */
export function summaryOf({ view, version, startedAt, storeError, lastEventId }: SummarySources): SummaryView {
  const { now, health, leadership, jenkins, mesos, round, brake, caps, paused, problems, dryRun } = view
  const { queue, templates, agents, hosts } = view
  const waits = queue.filter(isWaiting).flatMap(({ since }) => since ?? [])
  const { givenCpus, givenMemMib, usedCpus, usedMemMib } = sumOf(agents)
  const total = (of: readonly number[]): number => of.reduce((sum, one) => sum + one, 0)
  return {
    now,
    health,
    leadership,
    jenkins,
    mesos,
    round,
    brake,
    caps,
    paused,
    problems,
    dryRun,
    version,
    startedAt,
    storeError,
    queue: countsOf(queue),
    waitingSince: waits.length === 0 ? undefined : waits.reduce((a, b) => Math.min(a, b)),
    agents: countsOf(agents),
    executors: {
      idle: total(templates.map(({ idleExecutors }) => idleExecutors)),
      busy: total(templates.map(({ busyExecutors }) => busyExecutors)),
      starting: total(templates.map(({ startingExecutors }) => startingExecutors)),
    },
    hosts: hosts.length,
    givenCpus,
    givenMemMib,
    usedCpus,
    usedMemMib,
    lastEventId,
  }
}

/** How many there are in each state. */
export function countsOf(all: readonly { readonly state: string }[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { state } of all) counts[state] = (counts[state] ?? 0) + 1
  return counts
}
