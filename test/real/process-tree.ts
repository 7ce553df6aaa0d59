import { readdirSync, readFileSync } from 'node:fs'
import { codeOf } from '../../src/core/code-of.ts'

/** What the kernel accounts for a process and all below it, read without any code of the program. */
export interface Accounted {
  /** Own and of children that were waited for. */
  readonly cpuSeconds: number
  /** Resident, pages that several processes have divided among them. */
  readonly memoryBytes: number
}

interface Stat {
  readonly pid: number
  readonly parent: number
  readonly ticks: number
}

/** @param word of the command line of the eldest; `undefined`: no such process */
export function accountedFor(word: string): Accounted | undefined {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? [])
  const eldest = all.find(({ pid }) => readOf(pid, 'cmdline')?.includes(word) === true)
  if (eldest === undefined) return undefined
  const tree = [eldest]
  for (const one of tree) tree.push(...all.filter(({ parent }) => parent === one.pid))
  return {
    cpuSeconds: tree.reduce((sum, { ticks }) => sum + ticks, 0) / 100,
    memoryBytes: tree.reduce((sum, { pid }) => sum + pssOf(pid), 0),
  }
}

function pssOf(pid: number): number {
  const [, kib = '0'] = /^Pss:\s+(\d+) kB/m.exec(readOf(pid, 'smaps_rollup') ?? '') ?? []
  return Number(kib) * 1024
}

function statOf(pid: number): Stat | undefined {
  const text = readOf(pid, 'stat')
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15).map(Number)
  return { pid, parent: Number(fields[1]), ticks: utime + stime + cutime + cstime }
}

function readOf(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH' || codeOf(error) === 'EACCES') return undefined
    throw error
  }
}
