/**
 * Our mesosExecutor: `node supervisor.js FOLDER` runs one task and outlives whoever started it. What to run, it
 * reads from the checkpoint folder, never from its command line; what came of it, it writes there. It imports
 * nothing but Node's own modules and the files beside it, and needs no channel to anybody:
 *
 * - SIGTERM means: end the task's whole process tree, with the grace period of `kill.json`.
 * - When the command has ended, background processes that it left are ended as well. Mesos lets them live without
 *   the Linux launcher; on a developer's machine nothing may be left behind.
 *
 * Being a program of its own, it takes the time from Node and not from the embedded Mesos' clock.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../../../core/code-of.ts'
import {
  checkpointFiles,
  type ExitFile,
  type RunInstructions,
  readKillFile,
  readRunInstructions,
  writeCheckpoint,
} from './checkpoint.ts'
import { identityOf, isAlive, type ProcessIdentity } from './process-table.ts'
import { killRemains, membersOf, signalAll, type TreeMark } from './process-tree.ts'
import { sandboxVariable } from './sandbox-variable.ts'

/** What a command leaves behind on its own gets this long after SIGTERM. */
const leftoverGraceMs = 1_000
const parentPauseMs = 500

async function supervise(folder: string): Promise<void> {
  process.umask(0o022)
  const reading = readRunInstructions(folder)
  if (reading.kind !== 'read') {
    throw new Error(reading.kind === 'absent' ? `there is no ${checkpointFiles.task} in '${folder}'` : reading.why)
  }
  const { run } = reading.value
  const self = identityOf(process.pid)
  if (self === undefined) throw new Error('the process table does not show this very process')

  const ending = new Ending(folder, run)
  process.on('SIGTERM', () => {
    ending.begin()
  })
  // A session of its own has no terminal: these come by mistake, such as from a `kill -INT` at large.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

  writeCheckpoint(folder, checkpointFiles.supervisor, { supervisor: self })
  const stopWatching = watchParent(run.diesWith, ending)
  const { child, ended } = startCommand(run)
  try {
    const task = child?.pid === undefined ? undefined : identityOf(child.pid)
    ending.commandIs(task)
    writeCheckpoint(folder, checkpointFiles.started, { supervisor: self, task })
    writeCheckpoint(folder, checkpointFiles.exit, await ended)
  } finally {
    // Also when it could not be recorded (a full disk): what nobody would find again must not run.
    await ending.sweep()
    stopWatching()
  }
}

/** Tells how the command ended; a program that cannot be started ends with 1, as under Mesos. */
function startCommand(run: RunInstructions): { child: ChildProcess | undefined; ended: Promise<ExitFile> } {
  const out = openLog(run.sandbox, 'stdout')
  const err = openLog(run.sandbox, 'stderr')
  const cannot = (thrown: unknown): ExitFile => {
    writeSync(err, `Failed to execute '${run.file}': ${messageOf(thrown)}\n`)
    return { kind: 'exited', status: 1 }
  }
  try {
    const child = spawn(run.file, run.argv.slice(1), {
      argv0: run.argv[0] ?? run.file,
      cwd: run.sandbox,
      env: run.environment,
      detached: true,
      stdio: ['ignore', out, err],
      ...(run.uid !== undefined && { uid: run.uid }),
      ...(run.gid !== undefined && { gid: run.gid }),
    })
    const ended = new Promise<ExitFile>((resolve) => {
      child.once('error', (error) => {
        resolve(cannot(error))
      })
      child.once('exit', (status, signal) => {
        resolve(signal === null ? { kind: 'exited', status: status ?? 1 } : { kind: 'signaled', signal })
      })
    })
    closeSync(out)
    return { child, ended }
  } catch (error) {
    // Node refuses a NUL character in arguments and environment at once.
    return { child: undefined, ended: Promise.resolve(cannot(error)) }
  }
}

/** The end of the tree: asked for by SIGTERM, or due because the command has ended. */
class Ending {
  readonly #folder: string
  readonly #run: RunInstructions
  #deadline = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #commandKnown = false
  #signalled = false
  #task: ProcessIdentity | undefined

  constructor(folder: string, run: RunInstructions) {
    this.#folder = folder
    this.#run = run
  }

  /** A later call can only shorten the time that is left. */
  begin(): void {
    const asked = readKillFile(this.#folder)
    this.#endWithin(asked.kind === 'read' ? asked.value.graceMs : this.#run.graceMs)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        void this.#killAll()
      },
      Math.max(0, this.#deadline - performance.now()),
    )
    if (this.#commandKnown) this.#terminate()
  }

  /** From now on there is something to signal; SIGTERM may have come before. */
  commandIs(task: ProcessIdentity | undefined): void {
    this.#commandKnown = true
    this.#task = task
    if (this.#deadline !== Number.POSITIVE_INFINITY) this.#terminate()
  }

  /**
   * Ends what the command left. Under a kill the rest has as long as the command had, else a moment. Resolves when
   * nothing is left.
   */
  async sweep(): Promise<void> {
    if (this.#deadline === Number.POSITIVE_INFINITY) this.#endWithin(leftoverGraceMs)
    this.#terminate()
    let pauseMs = 10
    while (membersOf(this.#mark()).length > 0) {
      const leftMs = this.#deadline - performance.now()
      if (leftMs <= 0) break
      await delay(Math.min(pauseMs, leftMs))
      pauseMs = Math.min(pauseMs * 2, 200)
    }
    clearTimeout(this.#timer)
    await this.#killAll()
  }

  #endWithin(ms: number): void {
    this.#deadline = Math.min(this.#deadline, performance.now() + ms)
  }

  #terminate(): void {
    if (this.#signalled) return
    this.#signalled = true
    signalAll(membersOf(this.#mark()), 'SIGTERM')
  }

  async #killAll(): Promise<void> {
    const left = await killRemains(this.#mark(), delay)
    if (left.length > 0) process.stderr.write(`cannot be killed: ${left.map(({ pid }) => pid).join(', ')}\n`)
  }

  #mark(): TreeMark {
    return { task: this.#task, sessionIsOurs: true, variable: sandboxVariable(this.#run.sandbox) }
  }
}

function watchParent(parent: ProcessIdentity | undefined, ending: Ending): () => void {
  if (parent === undefined) return () => undefined
  const timer = setInterval(() => {
    if (isAlive(parent)) return
    clearInterval(timer)
    ending.begin()
  }, parentPauseMs)
  return () => {
    clearInterval(timer)
  }
}

/** Not through a link: an unpacked archive may have put one there, and this process may be more than its user. */
function openLog(sandbox: string, name: string): number {
  return openSync(
    join(sandbox, name),
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
    0o644,
  )
}

await supervise(process.argv[2] ?? '')
