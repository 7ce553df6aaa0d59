import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { endProcessesIn } from '../support/end-processes.ts'

const LOOK_MS = 50
type Shell = ChildProcessByStdio<Writable, null, null>

/** For what was told to end. */
const END_MS = 30_000

export interface Ended {
  /** `undefined`: it took too long, or ended the shell. */
  readonly status: number | undefined
  readonly output: string
}

export interface Staying {
  readonly output: () => string
  /** Its output was as wanted in time, and it runs. */
  readonly isThere: boolean
}

/**
 * One bash in which blocks of commands run as a person would type them: exports, functions and the folder hold from one
 * to the next, and the first command that fails ends a block. Commands read nothing from standard input.
 */
export class ShellSession {
  readonly #shell: Shell
  readonly #folder: string
  readonly #notes: string
  /** Process groups, one each, as a terminal would give them. */
  readonly #staying: number[] = []
  #count = 0

  private constructor(shell: Shell, folder: string, notes: string) {
    this.#shell = shell
    this.#folder = folder
    this.#notes = notes
  }

  static async start(options: {
    readonly folder: string
    readonly env: Readonly<Record<string, string>>
  }): Promise<ShellSession> {
    const notes = mkdtempSync(join(tmpdir(), 'shell-session-'))
    const shell = spawn('bash', ['--noprofile', '--norc'], {
      cwd: options.folder,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    await new Promise<void>((resolve, reject) => {
      shell.once('spawn', resolve)
      shell.once('error', reject)
    })
    shell.stdin.on('error', () => undefined) // it ended: who waits for its note sees that
    shell.stdin.write('set -m\n')
    return new ShellSession(shell, options.folder, notes)
  }

  /** @param mayFail in a shell of its own: what it sets is gone afterwards */
  async run(commands: string, withinMs: number, mayFail = false): Promise<Ended> {
    const { script, outputFile, statusFile } = this.#write(commands)
    const source = `. ${script} > ${outputFile} 2>&1 < /dev/null`
    this.#type(
      mayFail ? `( set -e; ${source} ); echo $? > ${statusFile}` : `set -e; ${source}; set +e; echo 0 > ${statusFile}`,
    )
    // A command that fails ends the whole shell, as `set -e` has it: its status is that of the command.
    const ended = (): number | undefined => noteIn(statusFile) ?? this.#shell.exitCode ?? undefined
    const isThere = await until(() => ended() !== undefined, withinMs)
    return { status: isThere ? ended() : undefined, output: textOf(outputFile) }
  }

  /** Runs commands in the background, and waits until their output is as wanted. */
  async stay(commands: string, isWanted: (output: string) => boolean, withinMs: number): Promise<Staying> {
    const { script, outputFile, pidFile } = this.#write(commands)
    this.#type(`( set -e; . ${script} ) > ${outputFile} 2>&1 < /dev/null & echo $! > ${pidFile}`)
    await until(() => noteIn(pidFile) !== undefined, withinMs)
    const output = (): string => textOf(outputFile)
    const pid = noteIn(pidFile)
    if (pid === undefined) return { output, isThere: false }
    this.#staying.push(pid)
    await until(() => isWanted(output()) || !runs(pid), withinMs)
    return { output, isThere: isWanted(output()) && runs(pid) }
  }

  /** As Ctrl-C in the terminal of each, the newest first; what does not end by that is killed. */
  async endStaying(): Promise<void> {
    for (const pid of this.#staying.splice(0).reverse()) {
      signal(-pid, 'SIGINT')
      if (!(await until(() => !runs(pid), END_MS))) signal(-pid, 'SIGKILL')
    }
  }

  /** Ends the shell and all that was started in it. */
  async close(): Promise<void> {
    await this.endStaying()
    this.#shell.stdin.end()
    const { pid } = this.#shell
    if (!(await until(() => this.#shell.exitCode !== null, 2_000)) && pid !== undefined) signal(-pid, 'SIGKILL')
    endProcessesIn(this.#folder)
    rmSync(this.#notes, { recursive: true, force: true })
  }

  #write(commands: string): Readonly<Record<'script' | 'outputFile' | 'statusFile' | 'pidFile', string>> {
    const file = (end: string): string => join(this.#notes, `${this.#count}.${end}`)
    this.#count++
    writeFileSync(file('sh'), `${commands}\n`)
    return { script: file('sh'), outputFile: file('out'), statusFile: file('status'), pidFile: file('pid') }
  }

  #type(line: string): void {
    this.#shell.stdin.write(`${line}\n`)
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // not begun yet
  }
}

function noteIn(file: string): number | undefined {
  const text = textOf(file)
  return text.endsWith('\n') ? Number(text) : undefined
}

function runs(pid: number): boolean {
  try {
    process.kill(-pid, 0)
    return true
  } catch {
    return false
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'ESRCH') throw error // else: it ended meanwhile
  }
}

async function until(isSo: () => boolean, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs
  while (!isSo()) {
    if (performance.now() > end) return false
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return true
}
