import { DEMAND_STATES } from '../core/explain-templates.ts'
import type { Instant } from '../core/model.ts'
import type { SummaryView, View } from './view-types.ts'

export interface SummarySources {
  readonly view: View
  readonly version: string
  readonly startedAt: Instant
  readonly storeError: string | undefined
  readonly lastEventId: number
}

const DEMAND: ReadonlySet<string> = new Set(DEMAND_STATES)
const MIB = 1024 * 1024

/** The head of the page: the view without its long lists, and what they add up to. */
export function summaryOf({ view, version, startedAt, storeError, lastEventId }: SummarySources): SummaryView {
  const { now, health, leadership, jenkins, mesos, round, brake, caps, paused, problems, dryRun } = view
  const { queue, templates, agents, hosts } = view
  const waits = queue.flatMap(({ state, since }) => (since !== undefined && DEMAND.has(state) ? [since] : []))
  const measured = agents.flatMap(({ usage }) => usage?.memRssBytes ?? [])
  const cpus = agents.flatMap(({ usedCpus }) => usedCpus ?? [])
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
    givenCpus: total(agents.map((agent) => agent.cpus)),
    givenMemMib: total(agents.map(({ memMib }) => memMib)),
    usedCpus: cpus.length === 0 ? undefined : total(cpus),
    usedMemMib: measured.length === 0 ? undefined : total(measured) / MIB,
    lastEventId,
  }
}

function countsOf(all: readonly { readonly state: string }[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { state } of all) counts[state] = (counts[state] ?? 0) + 1
  return counts
}
