import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * Ends what still runs in a folder of a test, or was started from it: tasks outlive a program that is killed, and that is
 * what they are for. Linux only; elsewhere nothing is found.
 */
export function endProcessesIn(folder: string): void {
  for (const pid of processesIn(folder)) kill(pid)
}

/** What runs in a folder or was started from it, but for this process. */
export function processesIn(folder: string): readonly number[] {
  return pids().filter((pid) => pid !== process.pid && belongs(pid, folder))
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return [] // no Linux
  }
}

function belongs(pid: number, folder: string): boolean {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/`)) return true
    return `${readlinkSync(`/proc/${pid}/cwd`)}/`.startsWith(`${folder}/`)
  } catch {
    return false // it ended meanwhile, or is none of ours
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'ESRCH') throw error // else: it ended meanwhile
  }
}
