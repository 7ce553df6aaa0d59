import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { codeOf } from '../../../core/code-of.ts'

/**
 * What the system says about a process. Read synchronously: /proc never waits for a disk, and a picture taken
 * at once is a better one.
 */
export interface ProcessEntry {
  readonly pid: number
  readonly ppid: number
  /** Process group. */
  readonly pgid: number
  /** Session; on systems without /proc the process group stands in for it. */
  readonly sid: number
  /** Ended, but its parent has not asked for the status yet. */
  readonly dead: boolean
  /** When it was started, in the system's own words: tells two processes with one pid apart. */
  readonly started: string
  /** CPU time of its own and of children that it waited for, in ticks; 0 on systems without /proc. */
  readonly userTicks: number
  readonly systemTicks: number
}

/** A process for good: pids are used again, a pid with its start time and the system's boot is not. */
export interface ProcessIdentity {
  readonly pid: number
  readonly started: string
  readonly bootId: string
}

const hasProc = process.platform === 'linux'

/** Identifies the boot of the system; another one means that all processes of before are gone. */
function readBootId(): string {
  if (hasProc) return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8' }).trim()
}

export function readProcessTable(): readonly ProcessEntry[] {
  if (!hasProc) return parsePs(runPs(['-A']))
  const entries: ProcessEntry[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const entry = readProcess(pid)
    if (entry !== undefined) entries.push(entry)
  }
  return entries
}

/** `undefined` where there is no such process. */
export function readProcess(pid: number): ProcessEntry | undefined {
  if (!hasProc) {
    try {
      return parsePs(runPs(['-p', String(pid)]))[0]
    } catch {
      return undefined // ps exits with 1 when it found none
    }
  }
  const text = readOf(pid, 'stat')
  return text === undefined ? undefined : parseStat(text)
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const entry = readProcess(pid)
  return entry === undefined ? undefined : { pid, started: entry.started, bootId: readBootId() }
}

/** The very process, and not ended. One that waits for its parent to ask counts as ended. */
export function isAlive(identity: ProcessIdentity): boolean {
  const entry = readProcess(identity.pid)
  return entry !== undefined && !entry.dead && entry.started === identity.started && readBootId() === identity.bootId
}

/**
 * Whether the process was started with this variable (`NAME=value`). False also where we may not look: another
 * user's process, unless we are root.
 */
export function wasStartedWith(pid: number, variable: string): boolean {
  if (!hasProc) return false
  const environment = readOf(pid, 'environ')
  return environment?.split('\0').includes(variable) ?? false
}

/** Command line of a process, its arguments apart; empty where it cannot be read. */
export function commandLineOf(pid: number): readonly string[] {
  if (!hasProc) return []
  return readOf(pid, 'cmdline')?.split('\0').slice(0, -1) ?? []
}

/** Resident memory, in bytes. The kernel tells KiB here, so no page size is assumed. */
export interface Resident {
  /** Its own. */
  readonly ownBytes: number
  /** Of files, such as programs, which others may have resident too: the same pages. */
  readonly fileBytes: number
}

/** Nothing for a process that is gone. */
export function residentOf(pid: number): Resident {
  const status = readOf(pid, 'status') ?? ''
  const of = (field: string): number => kibOf(status, field) * 1024
  return { ownBytes: of('RssAnon') + of('RssShmem'), fileBytes: of('RssFile') }
}

/**
 * The part of its resident files that the kernel counts for this process, as each page is divided among all that have
 * it; `undefined` where we may not look. Costs the kernel some milliseconds: it goes over all pages.
 */
export function fileShareOf(pid: number): number | undefined {
  const rollup = readOf(pid, 'smaps_rollup')
  if (rollup === undefined || rollup === '') return undefined
  return Math.max(0, kibOf(rollup, 'Pss') - kibOf(rollup, 'Anonymous')) * 1024
}

function kibOf(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0)
}

/** @see proc_pid_stat(5). The command's name may hold blanks and parentheses: fields count from the last one. */
export function parseStat(text: string): ProcessEntry | undefined {
  const end = text.lastIndexOf(')')
  const pid = Number.parseInt(text, 10)
  const [state, ppid, pgid, sid, ...rest] = text.slice(end + 2).split(' ')
  // From here on field 7 of the manual is rest[0]: utime 14, stime 15, cutime 16, cstime 17, starttime 22.
  const started = rest[15]
  if (end < 0 || started === undefined) return undefined
  const ticks = (field: number): number => Number(rest[field - 7])
  return {
    pid,
    ppid: Number(ppid),
    pgid: Number(pgid),
    sid: Number(sid),
    dead: state === 'Z' || state === 'X',
    started,
    userTicks: ticks(14) + ticks(16),
    systemTicks: ticks(15) + ticks(17),
  }
}

/** Lines of `ps -o pid=,ppid=,pgid=,stat=,lstart=`, which BSD, macOS and Linux agree on. */
export function parsePs(text: string): readonly ProcessEntry[] {
  const entries: ProcessEntry[] = []
  for (const line of text.split('\n')) {
    const [pid, ppid, pgid, stat, ...started] = line.trim().split(/\s+/)
    if (stat === undefined) continue
    entries.push({
      pid: Number(pid),
      ppid: Number(ppid),
      pgid: Number(pgid),
      sid: Number(pgid),
      dead: stat.startsWith('Z'),
      started: started.join(' '),
      userTicks: 0,
      systemTicks: 0,
    })
  }
  return entries
}

function runPs(which: readonly string[]): string {
  return execFileSync('ps', [...which, '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

/** A process may end while we read: then there is nothing to tell. Nor is there where we may not look. */
function readOf(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined
    throw error
  }
}
