import type { Instant } from '../../../core/model.ts'
import type { RunnerUsage } from '../runner.ts'
import { type ProcessEntry, type ProcessIdentity, residentBytesOf } from './process-table.ts'
import { membersOf } from './process-tree.ts'

/** The process table, and when it was read. */
export interface ProcessLook {
  readonly at: Instant
  readonly table: readonly ProcessEntry[]
}

/** What /proc counts CPU time in: USER_HZ, 100 on every Linux that Node runs on, whatever the kernel's own HZ. */
const ticksPerSecond = 100

/**
 * What a task's whole tree uses, its supervisor included, as Mesos' posix isolators count the executor too. CPU time
 * includes that of children waited for. A process that ends after its parent takes its time with it, so a sum may be
 * smaller than the one before: then the one before stands.
 *
 * @returns `undefined` without /proc (not on Linux), or when nothing of it runs
 */
export function usageOf(
  of: { readonly supervisor: ProcessIdentity; readonly task: ProcessIdentity | undefined },
  { at, table }: ProcessLook,
  before: RunnerUsage | undefined,
): RunnerUsage | undefined {
  if (process.platform !== 'linux') return undefined
  const members = membersOf({ task: of.task, sessionIsOurs: true, others: [of.supervisor], variable: undefined }, table)
  if (members.length === 0) return undefined
  const sum = (amount: (member: ProcessEntry) => number): number =>
    members.reduce((total, member) => total + amount(member), 0)
  return {
    at,
    cpuUserSeconds: Math.max(sum((member) => member.userTicks) / ticksPerSecond, before?.cpuUserSeconds ?? 0),
    cpuSystemSeconds: Math.max(sum((member) => member.systemTicks) / ticksPerSecond, before?.cpuSystemSeconds ?? 0),
    memRssBytes: sum((member) => residentBytesOf(member.pid)),
    processes: members.length,
  }
}
