import type { Instant } from '../../../core/model.ts'
import type { RunnerUsage } from '../runner.ts'
import { fileShareOf, type ProcessEntry, type ProcessIdentity, type Resident, residentOf } from './process-table.ts'
import { treeOf } from './process-tree.ts'

/** The process table, and when it was read. */
export interface ProcessLook {
  readonly at: Instant
  readonly table: readonly ProcessEntry[]
}

export interface UsageOf {
  readonly supervisor: ProcessIdentity
  readonly task: ProcessIdentity | undefined
}

interface Ticks {
  readonly user: number
  readonly system: number
}

/** What /proc counts CPU time in: USER_HZ, 100 on every Linux that Node runs on, whatever the kernel's own HZ. */
const ticksPerSecond = 100
const NONE: Ticks = { user: 0, system: 0 }
/** What a process shares with others changes little. */
const shareGoodForMs = 60_000

/** How memory is read, by pid. */
export interface MemoryReader {
  readonly residentOf: (pid: number) => Resident
  readonly fileShareOf: (pid: number) => number | undefined
}

/**
 * What a task's whole tree uses, its supervisor included, as Mesos' posix isolators count the executor too. Pages that
 * processes share are divided among them: three Node processes share most of their program.
 *
 * The kernel hands the CPU time of a process that ends to the parent that waits for it. Where no parent of the tree is
 * left to wait, it is kept here. What such a process used after the last look is lost.
 */
export class UsageMeter {
  readonly #memory: MemoryReader
  readonly #shares = new Map<number, { readonly started: string; readonly at: Instant; readonly bytes: number }>()
  #last: ReadonlyMap<number, ProcessEntry> = new Map()
  /** Of processes that ended and whose parents were gone. */
  #kept: Ticks = NONE
  #counted: Ticks = NONE

  constructor(memory: MemoryReader = { residentOf, fileShareOf }) {
    this.#memory = memory
  }

  /** @returns `undefined` without /proc (not on Linux), or when nothing of it runs */
  read({ supervisor, task }: UsageOf, { at, table }: ProcessLook): RunnerUsage | undefined {
    if (process.platform !== 'linux') return undefined
    // One that has ended, and that nobody has waited for yet, still has its CPU time.
    const tree = treeOf({ task, sessionIsOurs: true, others: [supervisor], variable: undefined }, table)
    const living = tree.filter(({ dead }) => !dead)
    if (living.length === 0) return undefined
    const now = new Map(tree.map((entry) => [entry.pid, entry]))
    this.#keepOrphans(now)
    this.#last = now
    for (const pid of this.#shares.keys()) if (!now.has(pid)) this.#shares.delete(pid)
    this.#counted = most(this.#counted, tree.reduce(plus, this.#kept))
    return {
      at,
      cpuUserSeconds: this.#counted.user / ticksPerSecond,
      cpuSystemSeconds: this.#counted.system / ticksPerSecond,
      memRssBytes: living.reduce((total, entry) => total + this.#memoryOf(entry, at), 0),
      processes: living.length,
    }
  }

  #memoryOf({ pid, started }: ProcessEntry, at: Instant): number {
    const { ownBytes, fileBytes } = this.#memory.residentOf(pid)
    const known = this.#shares.get(pid)
    if (known?.started === started && Math.abs(at - known.at) < shareGoodForMs) return ownBytes + known.bytes
    const bytes = this.#memory.fileShareOf(pid) ?? fileBytes
    this.#shares.set(pid, { started, at, bytes })
    return ownBytes + bytes
  }

  #keepOrphans(now: ReadonlyMap<number, ProcessEntry>): void {
    for (const entry of this.#last.values()) {
      if (isThere(entry, now) || this.#isWaitedFor(entry, now)) continue
      this.#kept = plus(this.#kept, entry)
    }
  }

  /** Whether one of those above it is still there, to which its time goes. */
  #isWaitedFor({ ppid }: ProcessEntry, now: ReadonlyMap<number, ProcessEntry>): boolean {
    const parent = this.#last.get(ppid)
    if (parent === undefined) return false
    return isThere(parent, now) || this.#isWaitedFor(parent, now)
  }
}

function isThere({ pid, started }: ProcessEntry, now: ReadonlyMap<number, ProcessEntry>): boolean {
  return now.get(pid)?.started === started
}

function plus({ user, system }: Ticks, { userTicks, systemTicks }: ProcessEntry): Ticks {
  return { user: user + userTicks, system: system + systemTicks }
}

function most(a: Ticks, b: Ticks): Ticks {
  return { user: Math.max(a.user, b.user), system: Math.max(a.system, b.system) }
}
