import { mkdirSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../../../core/clock.ts'
import { messageOf } from '../../../core/code-of.ts'
import type { ReceivedHealthCheck } from '../received.ts'
import type { RecoveredTask, RunnableTask, RunnerEvent, RunnerUsage, TaskRunner } from '../runner.ts'
import { lookAtHealth } from './health-look.ts'
import { graceMsOf } from './launch-plan.ts'
import { commandLineOf, isAlive, readProcessTable } from './process-table.ts'
import { findTasks } from './recovery.ts'
import { removeCheckpoint, removeSandbox } from './removal.ts'
import { foldersOf, type TaskFolders } from './sandbox.ts'
import { type TaskContext, TaskProcess } from './task-process.ts'
import type { ProcessLook } from './usage.ts'

export interface ProcessRunnerOptions {
  readonly clock: Clock
  /** Sandboxes and checkpoints; of this host alone. */
  readonly workDir: string
  /** What tasks see as LIBPROCESS_IP. */
  readonly hostIp: string
  /** `host:port` of the host's own endpoint, for tasks' environment. */
  readonly endpoint?: string
  /** The compiled supervisor. Default: the one beside this file, which is there once the program is built. */
  readonly supervisorPath?: string
  /** Told in words of checkpoints that cannot be used and processes that cannot be killed. Default: a warning. */
  readonly onProblem?: (words: string) => void
}

/** `close` does not wait longer for a task that ignores SIGTERM, whatever its own grace period. */
const mostClosingGraceMs = 5_000
/** Sandboxes of ended tasks that stay; each holds a copy of the agent program. */
const keptSandboxes = 10

/** Runs the tasks of an embedded host as real processes, each under a supervisor that outlives us. */
export class ProcessRunner implements TaskRunner {
  readonly #context: TaskContext
  readonly #workDir: string
  /** The last one of each id. */
  readonly #tasks = new Map<string, TaskProcess>()
  /** To be removed once they have ended: forgotten, or their id was used again. */
  readonly #leaving = new Map<TaskProcess, Promise<void>>()
  /** Of tasks that ended and were forgotten, the oldest first. */
  readonly #sandboxes: TaskFolders[] = []
  #closed = false

  constructor(options: ProcessRunnerOptions) {
    // Processes are known by the path of their sandbox: it must be the same in every life.
    mkdirSync(options.workDir, { recursive: true })
    this.#workDir = realpathSync(options.workDir)
    this.#context = {
      clock: options.clock,
      facts: { hostIp: options.hostIp, endpoint: options.endpoint },
      supervisorPath: options.supervisorPath ?? fileURLToPath(new URL('./supervisor.js', import.meta.url)),
      look: sharedLook(options.clock),
      onProblem:
        options.onProblem ??
        ((words) => {
          process.emitWarning(words)
        }),
    }
  }

  async recover(): Promise<readonly RecoveredTask[]> {
    const recovered = await Promise.all(
      (await findTasks(this.#workDir)).map(async ({ task, folders, problem }) => {
        const found = new TaskProcess(this.#context, task, folders)
        if (problem !== undefined) {
          this.#context.onProblem(`task '${task.info.task_id.value}' counts as lost: ${problem}`)
        }
        return await this.#takeUp(found, problem === undefined)
      }),
    )
    return recovered.filter((task) => task !== undefined)
  }

  launch(task: RunnableTask, onEvent: (event: RunnerEvent) => void): void {
    if (this.#closed) throw new Error('the task runner is closed: make a new one')
    const id = key(task.frameworkId, task.info.task_id.value)
    const before = this.#tasks.get(id)
    if (before !== undefined) void this.#leave(id, before)
    let process: TaskProcess
    try {
      process = new TaskProcess(this.#context, task, foldersOf(this.#workDir, task))
    } catch (error) {
      queueMicrotask(() => {
        onEvent({ kind: 'launchFailed', message: `Failed to launch container: ${messageOf(error)}` })
      })
      return
    }
    this.#tasks.set(id, process)
    process.launch(onEvent)
  }

  follow(task: RecoveredTask, onEvent: (event: RunnerEvent) => void): void {
    const { outcome } = task
    if (outcome.kind === 'running') {
      this.#tasks.get(key(task.frameworkId, task.info.task_id.value))?.follow(onEvent)
    } else {
      queueMicrotask(() => {
        onEvent(outcome)
      })
    }
  }

  kill(frameworkId: string, taskId: string, graceMs: number): void {
    this.#tasks.get(key(frameworkId, taskId))?.kill(graceMs)
  }

  async usage(frameworkId: string, taskId: string): Promise<RunnerUsage | undefined> {
    return await this.#tasks.get(key(frameworkId, taskId))?.usage()
  }

  async checkHealth(task: RunnableTask, check: ReceivedHealthCheck, timeoutMs: number): Promise<string | undefined> {
    const found = this.#tasks.get(key(task.frameworkId, task.info.task_id.value))
    if (found === undefined || found.ended) return 'the task does not run'
    return await lookAtHealth(check, found.folders, { clock: this.#context.clock, timeoutMs })
  }

  async forget(frameworkId: string, taskId: string): Promise<void> {
    const id = key(frameworkId, taskId)
    const process = this.#tasks.get(id)
    if (process === undefined) return
    const gone = this.#leave(id, process)
    if (process.ended) await gone
  }

  /** After this no event comes any more, also for what `killTasks` ends. */
  async close({ killTasks }: { readonly killTasks: boolean }): Promise<void> {
    this.#closed = true
    const all = new Set([...this.#tasks.values(), ...this.#leaving.keys()])
    this.#tasks.clear()
    await Promise.all(
      [...all].map(async (process) => {
        process.mute()
        if (process.ended) return
        if (!killTasks && process.task.checkpoint) {
          await process.release()
          return
        }
        process.kill(Math.min(graceMsOf(process.task), mostClosingGraceMs))
        await process.over
        await removeCheckpoint(process.folders)
        await removeSandbox(process.folders)
      }),
    )
    await Promise.all([...this.#leaving].filter(([process]) => process.ended).map(([, gone]) => gone))
  }

  async #takeUp(found: TaskProcess, usable: boolean): Promise<RecoveredTask | undefined> {
    const { task, folders } = found
    const supervisor = usable ? found.readSupervisor() : undefined
    // Its last argument is the checkpoint's folder: a checkpoint from elsewhere names somebody else's process.
    const alive =
      supervisor !== undefined &&
      isAlive(supervisor) &&
      (commandLineOf(supervisor.pid).at(-1) ?? folders.checkpoint) === folders.checkpoint
    if (alive && task.checkpoint) {
      found.adopt(supervisor)
      this.#tasks.set(key(task.frameworkId, task.info.task_id.value), found)
      return { ...task, outcome: { kind: 'running', pid: supervisor.pid } }
    }
    found.adoptEnded(usable)
    await found.killRemains()
    if (!task.checkpoint) {
      await removeCheckpoint(folders)
      return undefined
    }
    this.#tasks.set(key(task.frameworkId, task.info.task_id.value), found)
    return { ...task, outcome: usable ? found.readEnd() : { kind: 'lost' } }
  }

  /** Removes its checkpoint as soon as it has ended. */
  #leave(id: string, process: TaskProcess): Promise<void> {
    const before = this.#leaving.get(process)
    if (before !== undefined) return before
    const gone = process.over
      .then(async () => {
        if (this.#tasks.get(id) === process) this.#tasks.delete(id)
        await removeCheckpoint(process.folders)
        await this.#collect(process.folders)
      })
      .catch((error: unknown) => {
        this.#context.onProblem(`cannot remove '${process.folders.checkpoint}': ${messageOf(error)}`)
      })
      .finally(() => {
        this.#leaving.delete(process)
      })
    this.#leaving.set(process, gone)
    return gone
  }

  /** Keeps the sandboxes of the last tasks, for whoever wants to know why one ended as it did. */
  async #collect(folders: TaskFolders): Promise<void> {
    this.#sandboxes.push(folders)
    for (const old of this.#sandboxes.splice(0, this.#sandboxes.length - keptSandboxes)) await removeSandbox(old)
  }
}

/** Reads the process table for all who ask within a moment. */
function sharedLook(clock: Clock): () => ProcessLook {
  const goodForMs = 100
  let last: ProcessLook | undefined
  return () => {
    const at = clock.now()
    if (last === undefined || at - last.at > goodForMs || at < last.at) last = { at, table: readProcessTable() }
    return last
  }
}

function key(frameworkId: string, taskId: string): string {
  return `${frameworkId} ${taskId}`
}
