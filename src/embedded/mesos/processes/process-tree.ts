import { codeOf } from '../../../core/code-of.ts'
import { type ProcessEntry, type ProcessIdentity, readProcessTable, wasStartedWith } from './process-table.ts'

/** How the processes of one task are told from all others. */
export interface TreeMark {
  /** The command, in a session of its own; `undefined` while it is not known. */
  readonly task: ProcessIdentity | undefined
  /**
   * Nobody but the task can have used the command's pid as a session since: true for its supervisor, false for one
   * who comes later, when the number may have been given to another.
   */
  readonly sessionIsOurs: boolean
  /** Processes that belong to it beside the command, such as its supervisor. */
  readonly others?: readonly ProcessIdentity[]
  /**
   * `NAME=value` that every process of the task was started with, unless it was taken out on purpose. `undefined`
   * spares reading every process' environment, and misses daemons.
   */
  readonly variable: string | undefined
}

/**
 * All living processes of a task: the command, what shares its session or group, what was started with its mark
 * (so daemons that left the session and whose parent is gone are found too), and all children of these, whatever
 * group or session they made for themselves. Never the caller. Parents stand before their children.
 */
export function membersOf(
  mark: TreeMark,
  table: readonly ProcessEntry[] = readProcessTable(),
): readonly ProcessEntry[] {
  return treeOf(mark, table).filter((entry) => !entry.dead)
}

/** The same, with those that have ended and that nobody has waited for yet. */
export function treeOf(mark: TreeMark, table: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const byPid = new Map(table.map((entry) => [entry.pid, entry]))
  const childrenOf = new Map<number, ProcessEntry[]>()
  for (const entry of table) {
    const siblings = childrenOf.get(entry.ppid)
    if (siblings === undefined) childrenOf.set(entry.ppid, [entry])
    else siblings.push(entry)
  }
  const members = new Set<ProcessEntry>()
  const add = (entry: ProcessEntry): void => {
    if (members.has(entry) || entry.pid === process.pid || entry.pid <= 1) return
    members.add(entry)
    for (const child of childrenOf.get(entry.pid) ?? []) add(child)
  }

  const { task } = mark
  if (task !== undefined) {
    const leader = byPid.get(task.pid)
    if (leader?.started === task.started) add(leader)
    // Somebody else with that pid: then its session is somebody else's as well.
    const ours = leader === undefined ? mark.sessionIsOurs : leader.started === task.started
    if (ours) for (const entry of table) if (entry.sid === task.pid || entry.pgid === task.pid) add(entry)
  }
  for (const other of mark.others ?? []) {
    const entry = byPid.get(other.pid)
    if (entry?.started === other.started) add(entry)
  }
  if (mark.variable !== undefined) {
    for (const entry of table) if (!members.has(entry) && wasStartedWith(entry.pid, mark.variable)) add(entry)
  }
  return [...members]
}

/** Parents first, so that a shell does not go on to its next command when a child dies. */
export function signalAll(members: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  for (const { pid } of members) signalOne(pid, signal)
}

/** @returns false where the process is gone already */
export function signalOne(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    // EPERM: a member of the tree became another user (sudo); nothing that we could do about it.
    if (codeOf(error) === 'ESRCH' || codeOf(error) === 'EPERM') return false
    throw error
  }
}

/**
 * Kills until nothing is left: what is forked between a look and its signal is found by the next look.
 *
 * @returns what is left after `patienceMs` all the same: processes stuck in the kernel, or of another user
 */
export async function killRemains(
  mark: TreeMark,
  sleep: (ms: number) => Promise<unknown>,
  patienceMs = 5_000,
): Promise<readonly ProcessEntry[]> {
  const pauseMs = 20
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const members = membersOf(mark)
    if (members.length === 0 || waitedMs >= patienceMs) return members
    signalAll(members, 'SIGKILL')
    await sleep(pauseMs)
  }
}
