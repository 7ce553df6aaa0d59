import { type ChildProcess, spawn } from 'node:child_process'
import { type FSWatcher, watch } from 'node:fs'
import { access, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../../core/clock.ts'
import { codeOf, messageOf } from '../../../core/code-of.ts'
import type { RunnableTask, RunnerEvent, RunnerUsage, TaskEnd } from '../runner.ts'
import {
  checkpointFiles,
  type Reading,
  type RunInstructions,
  readExitFile,
  readStartedFile,
  readSupervisorFile,
  writeCheckpoint,
} from './checkpoint.ts'
import type { HostFacts } from './environment.ts'
import { fetchAll } from './fetcher.ts'
import { planLaunch } from './launch-plan.ts'
import { identityOf, isAlive, type ProcessIdentity } from './process-table.ts'
import { killRemains, signalOne, type TreeMark } from './process-tree.ts'
import { makeSandbox, type Owner, type TaskFolders } from './sandbox.ts'
import { sandboxVariable } from './sandbox-variable.ts'
import { type ProcessLook, UsageMeter } from './usage.ts'
import { linkVolumes } from './volumes.ts'
import { Waits } from './waits.ts'

/** What all tasks of a runner share. */
export interface TaskContext {
  readonly clock: Clock
  readonly facts: HostFacts
  readonly supervisorPath: string
  /** The process table, at most a moment old: many tasks are asked for their usage at once. */
  readonly look: () => ProcessLook
  /** Told in words what went wrong and was lived with. */
  readonly onProblem: (words: string) => void
}

type Phase = 'preparing' | 'starting' | 'running' | 'ended'

const pollMs = 200
/** A supervisor that did not do its work so long after the grace period is done away with. */
const overdueMs = 5_000

/** One task with its supervisor, launched by us or found after a restart. */
export class TaskProcess {
  readonly task: RunnableTask
  readonly folders: TaskFolders
  /** Settled once nothing of the task runs any more. */
  readonly over: Promise<void>
  readonly #context: TaskContext
  readonly #abort = new AbortController()
  readonly #waits: Waits
  #resolveOver!: () => void
  #phase: Phase = 'preparing'
  #preparing: Promise<void> = Promise.resolve()
  #watcher: FSWatcher | undefined
  #onEvent: ((event: RunnerEvent) => void) | undefined
  /** An end that came before anybody listened. */
  #unheard: RunnerEvent | undefined
  #supervisor: ProcessIdentity | undefined
  #command: ProcessIdentity | undefined
  #askedGraceMs: number | undefined
  readonly #meter = new UsageMeter()
  #letGo = false
  #trusted = true

  constructor(context: TaskContext, task: RunnableTask, folders: TaskFolders) {
    this.#context = context
    this.#waits = new Waits(context.clock)
    this.task = task
    this.folders = folders
    this.over = new Promise((resolve) => {
      this.#resolveOver = resolve
    })
  }

  get ended(): boolean {
    return this.#phase === 'ended'
  }

  launch(onEvent: (event: RunnerEvent) => void): void {
    this.#onEvent = onEvent
    this.#preparing = this.#prepare().then((failure) => {
      if (failure !== undefined) this.#end(failure)
    })
  }

  /** Takes over a supervisor that a process before us started; tells nothing until `follow`. */
  adopt(supervisor: ProcessIdentity): void {
    this.#phase = 'running'
    this.#supervisor = supervisor
    this.#waits.poll(pollMs, () => {
      if (isAlive(supervisor)) return false
      void this.#supervisorIsGone(false)
      return true
    })
  }

  /**
   * For a task that had ended before we looked.
   *
   * @param trusted false where its checkpoint is not what it should be: the processes that it names may be anybody's
   */
  adoptEnded(trusted: boolean): void {
    this.#phase = 'ended'
    this.#trusted = trusted
    this.#resolveOver()
  }

  follow(onEvent: (event: RunnerEvent) => void): void {
    this.#onEvent = onEvent
    const event = this.#unheard
    this.#unheard = undefined
    if (event !== undefined) queueMicrotask(() => this.#onEvent?.(event))
  }

  kill(graceMs: number): void {
    switch (this.#phase) {
      case 'preparing':
        this.#askedGraceMs = Math.min(graceMs, this.#askedGraceMs ?? graceMs)
        this.#abort.abort(new Error('the task was killed'))
        return
      case 'starting':
        this.#askedGraceMs = Math.min(graceMs, this.#askedGraceMs ?? graceMs)
        return
      case 'running':
        this.#askSupervisor(graceMs)
        return
      case 'ended':
    }
  }

  async usage(): Promise<RunnerUsage | undefined> {
    if (this.#phase !== 'running' || this.#supervisor === undefined) return undefined
    return this.#meter.read({ supervisor: this.#supervisor, task: this.#commandIdentity() }, this.#context.look())
  }

  /** Ends our interest, not the task. */
  async release(): Promise<void> {
    this.#letGo = true
    this.#onEvent = undefined
    this.#abort.abort(new Error('the host was closed'))
    await this.#preparing
    this.#stopWaiting()
  }

  mute(): void {
    this.#onEvent = undefined
  }

  /** Kills whatever is left of the task, its supervisor too, without ceremony. */
  async killRemains(): Promise<void> {
    const left = await killRemains(this.#mark(), (ms) => this.#context.clock.sleep(ms))
    if (left.length === 0) return
    const pids = left.map(({ pid }) => pid).join(', ')
    this.#context.onProblem(`task '${this.task.info.task_id.value}' has processes that cannot be killed: ${pids}`)
  }

  /** @returns how the launch failed; else its events tell the rest */
  async #prepare(): Promise<RunnerEvent | undefined> {
    try {
      const { sandbox, checkpoint } = this.folders
      const plan = await planLaunch(this.task, sandbox, this.#context.facts, identityOf(process.pid))
      if (plan.kind === 'lost') return { kind: 'lost' }
      if (plan.kind === 'refused') return { kind: 'launchFailed', message: plan.message }
      await mkdir(checkpoint, { recursive: true, mode: 0o700 })
      writeCheckpoint(checkpoint, checkpointFiles.task, { task: this.task, run: plan.run })
      const fetched = await this.#fillSandbox(plan.run, plan.owner)
      this.#abort.signal.throwIfAborted()
      if (!fetched) {
        const words = `Failed to fetch all URIs for container '${this.task.containerId}': exited with status 1`
        return launchFailed(words)
      }
      await access(this.#context.supervisorPath)
      await this.#startSupervisor(plan.run)
      return undefined
    } catch (error) {
      return launchFailed(this.#abort.signal.aborted ? 'Container destroyed during fetching' : messageOf(error))
    }
  }

  async #fillSandbox(run: RunInstructions, owner: Owner | undefined): Promise<boolean> {
    const log = await makeSandbox(this.folders.sandbox, owner)
    try {
      await linkVolumes(this.task.info.container?.volumes ?? [], this.folders, owner)
      return await fetchAll(this.task.info.command?.uris ?? [], {
        sandbox: this.folders.sandbox,
        log,
        owner,
        environment: markedEnvironment(run),
        clock: this.#context.clock,
        signal: this.#abort.signal,
      })
    } finally {
      await log.close()
    }
  }

  /** In a session of its own, with files for its output and nothing of our environment but PATH. */
  async #startSupervisor(run: RunInstructions): Promise<void> {
    const { checkpoint } = this.folders
    const log = await open(join(checkpoint, checkpointFiles.log), 'a', 0o600)
    let child: ChildProcess
    try {
      this.#abort.signal.throwIfAborted()
      child = spawn(process.execPath, [this.#context.supervisorPath, checkpoint], {
        cwd: checkpoint,
        detached: true,
        env: markedEnvironment(run),
        stdio: ['ignore', log.fd, log.fd],
      })
    } finally {
      await log.close()
    }
    this.#phase = 'starting'
    child.unref()
    child.once('error', (error) => {
      if (child.pid === undefined) this.#end(launchFailed(messageOf(error)))
    })
    child.once('exit', (status, signal) => {
      if (this.#letGo) return
      this.#lookForStart()
      if (this.#phase === 'starting') {
        void this.#endStillborn(String(status ?? signal))
      } else void this.#supervisorIsGone(status === 0)
    })
    this.#watcher = this.#watch(checkpoint)
    this.#waits.poll(pollMs, () => {
      this.#lookForStart()
      return this.#phase !== 'starting'
    })
  }

  #lookForStart(): void {
    if (this.#phase !== 'starting') return
    const reading = readStartedFile(this.folders.checkpoint)
    if (reading.kind !== 'read') return
    this.#phase = 'running'
    this.#watcher?.close()
    this.#supervisor = reading.value.supervisor
    this.#command = reading.value.task
    this.#tell({ kind: 'started', pid: this.#supervisor.pid })
    if (this.#askedGraceMs !== undefined) this.#askSupervisor(this.#askedGraceMs)
  }

  async #endStillborn(end: string): Promise<void> {
    await this.killRemains()
    const log = join(this.folders.checkpoint, checkpointFiles.log)
    this.#end(launchFailed(`its supervisor ended (${end}) before the task was started, see '${log}'`))
  }

  /** @param clean it went on its own, after it had seen to everything */
  async #supervisorIsGone(clean: boolean): Promise<void> {
    if (this.#phase === 'ended') return
    this.#stopWaiting()
    if (!clean) await this.killRemains()
    this.#end(this.readEnd())
  }

  /** What the supervisor wrote down last. */
  readEnd(): TaskEnd {
    const reading = readExitFile(this.folders.checkpoint)
    this.#reportUnusable(reading)
    if (reading.kind !== 'read') return { kind: 'lost' }
    const { value } = reading
    return value.kind === 'exited'
      ? { kind: 'exited', status: value.status }
      : { kind: 'signaled', signal: value.signal }
  }

  /** Who supervises it, as far as that was written down. */
  readSupervisor(): ProcessIdentity | undefined {
    const reading = readSupervisorFile(this.folders.checkpoint)
    this.#reportUnusable(reading)
    return reading.kind === 'read' ? reading.value.supervisor : undefined
  }

  /** It does the work itself, so that it goes on should we die meanwhile. */
  #askSupervisor(askedMs: number): void {
    const graceMs = Math.min(askedMs, this.#askedGraceMs ?? askedMs)
    this.#askedGraceMs = graceMs
    if (this.#supervisor === undefined || !isAlive(this.#supervisor)) return // its end is being told
    try {
      writeCheckpoint(this.folders.checkpoint, checkpointFiles.kill, { graceMs })
    } catch (error) {
      const grace = `the task's own grace period holds: ${messageOf(error)}`
      this.#context.onProblem(`cannot write '${join(this.folders.checkpoint, checkpointFiles.kill)}', ${grace}`)
    }
    signalOne(this.#supervisor.pid, 'SIGTERM')
    this.#waits.wait(graceMs + overdueMs, () => {
      if (this.#phase === 'running') void this.killRemains()
    })
  }

  #end(event: RunnerEvent): void {
    if (this.#phase === 'ended') return
    this.#phase = 'ended'
    this.#stopWaiting()
    this.#resolveOver()
    this.#tell(event)
  }

  #tell(event: RunnerEvent): void {
    if (this.#onEvent !== undefined) this.#onEvent(event)
    else if (event.kind !== 'started') this.#unheard = event
  }

  #commandIdentity(): ProcessIdentity | undefined {
    if (this.#command === undefined) {
      const reading = readStartedFile(this.folders.checkpoint)
      if (reading.kind === 'read') this.#command = reading.value.task
    }
    return this.#command
  }

  #mark(): TreeMark {
    return {
      task: this.#trusted ? this.#commandIdentity() : undefined,
      sessionIsOurs: false,
      variable: sandboxVariable(this.folders.sandbox),
      ...(this.#supervisor !== undefined && { others: [this.#supervisor] }),
    }
  }

  #reportUnusable(reading: Reading<unknown>): void {
    if (reading.kind !== 'unusable') return
    this.#context.onProblem(`task '${this.task.info.task_id.value}' counts as lost: ${reading.why}`)
  }

  /** Looks at once when something is written; where the system cannot watch, the poll alone does. */
  #watch(folder: string): FSWatcher | undefined {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        this.#lookForStart()
      })
      watcher.on('error', () => {
        watcher.close()
      })
      return watcher
    } catch (error) {
      if (codeOf(error) === undefined) throw error
      return undefined
    }
  }

  #stopWaiting(): void {
    this.#watcher?.close()
    this.#waits.stop()
  }
}

function launchFailed(words: string): RunnerEvent {
  return { kind: 'launchFailed', message: `Failed to launch container: ${words}` }
}

/** For helpers and supervisor: they are known by the mark, and get no variable of the command. */
function markedEnvironment({ environment, sandbox }: RunInstructions): Readonly<Record<string, string>> {
  return { PATH: process.env['PATH'] ?? environment['PATH'] ?? '', MESOS_SANDBOX: sandbox }
}
