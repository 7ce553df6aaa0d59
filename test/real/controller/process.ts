import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf } from '../../../src/core/code-of.ts'

export interface Exit {
  /** `null` where a signal ended the process. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Takes what the process says on both its outputs; appended to. */
  readonly logFile: string
  /** Names the process to a later run, which ends it if this run died before it could. */
  readonly pidFile: string
}

/** A child process with a log and a pid file, that can be ended for certain. */
export class Child {
  readonly exited: Promise<Exit>
  readonly #process: ChildProcess
  readonly #options: ChildOptions

  private constructor(process: ChildProcess, options: ChildOptions) {
    this.#process = process
    this.#options = options
    this.exited = new Promise((resolve) => {
      process.once('exit', (code, signal) => {
        resolve({ code, signal })
      })
    })
  }

  /** @throws the error of `spawn` where the command cannot be run */
  static async start(options: ChildOptions): Promise<Child> {
    const log = openSync(options.logFile, 'a')
    try {
      const process = spawn(options.command, options.args, {
        cwd: options.cwd,
        env: options.env,
        stdio: ['ignore', log, log],
      })
      const child = new Child(process, options)
      await once(process, 'spawn')
      writeFileSync(options.pidFile, `${child.pid} ${startTimeOf(child.pid) ?? 'ended'}\n`)
      return child
    } finally {
      closeSync(log)
    }
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error(`${this.#options.command} did not start`)
    return this.#process.pid
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** The log so far, with what earlier processes of the same file wrote. */
  log(): string {
    return readFileSync(this.#options.logFile, 'utf8')
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** SIGTERM, after `graceMs` SIGKILL; resolves when the process is gone. Calling it again is harmless. */
  async stop(graceMs: number): Promise<Exit> {
    const kill = new AbortController()
    this.#process.kill('SIGTERM')
    const force = delay(graceMs, undefined, { signal: kill.signal }).then(
      () => this.#process.kill('SIGKILL'),
      (thrown: unknown) => {
        if (codeOf(thrown) !== 'ABORT_ERR') throw thrown
      },
    )
    const exit = await this.exited
    kill.abort()
    await force
    const named = readIfThere(this.#options.pidFile)?.split(' ')[0]
    if (named === String(this.pid)) rmSync(this.#options.pidFile)
    return exit
  }
}

/**
 * Ends the process that a crashed run left behind, if its pid file names one that is still the same process:
 * pid and start time must agree, so that a pid used again is left alone.
 *
 * @returns the pid that was ended
 */
export async function endLeftover(pidFile: string, withinMs: number): Promise<number | undefined> {
  const [pidText = '', startTime] = readIfThere(pidFile)?.trim().split(' ') ?? []
  const pid = Number(pidText)
  const alive = (): boolean => startTime !== undefined && startTimeOf(pid) === startTime
  if (!Number.isInteger(pid) || pid <= 1 || !alive()) {
    rmSync(pidFile, { force: true })
    return undefined
  }
  process.kill(pid, 'SIGKILL')
  await until(`process ${pid} of ${pidFile} to end`, withinMs, async () => (alive() ? undefined : true))
  rmSync(pidFile, { force: true })
  return pid
}

/**
 * Asks again every 50 ms until there is an answer. The processes of this lane are other programs, whose time is
 * the real one.
 *
 * @throws Error with `what` when `withinMs` is over
 */
export async function until<T>(what: string, withinMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain for ${what}`)
    await delay(50)
  }
}

/** Field 22 of /proc/PID/stat, in clock ticks since the boot; `undefined` where no such process lives. */
function startTimeOf(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The second field is the command in brackets and may hold blanks and brackets itself.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state === 'Z' ? undefined : rest[18]
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ESRCH') return undefined
    throw thrown
  }
}
