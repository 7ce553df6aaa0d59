import { randomUUID } from 'node:crypto'
import { messageOf } from '../../core/code-of.ts'
import { never } from '../../core/never.ts'
import type { TaskState, WireTaskStatus } from '../../mesos/protocol.ts'
import type { HostCheckpoint, TaskCheckpoint } from './checkpoint.ts'
import { HealthChecks } from './health-checks.ts'
import type { HostOptions } from './host-options.ts'
import { addressOf, type HostSpec } from './host-spec.ts'
import type { HostTask } from './host-task.ts'
import type { ReceivedExecutor } from './received.ts'
import type { RecoveredTask, RunnerEvent, TaskEnd, TaskRunner } from './runner.ts'
import { EXECUTOR_TERMINATED, KILLED_EARLY, LAUNCHED_IN_RESTART, type Said } from './said.ts'
import {
  checkpointOf,
  graceMs,
  makeRecord,
  makeStatus,
  type Refused,
  refusal,
  runnableOf,
  type TaskRecord,
} from './task-record.ts'
import { TaskTable, taskKey } from './task-table.ts'
import { endText, isTerminal } from './task-text.ts'
import { UpdateQueue } from './update-queue.ts'

const SHUTDOWN_GRACE_MS = 5_000

/** A Mesos agent as its master and its endpoints see it. What really runs is the task runner's business. */
export class Host {
  readonly spec: HostSpec
  readonly startedAt: number
  readonly #options: HostOptions
  readonly #uuid: () => string
  readonly #tasks = new TaskTable()
  readonly #health: HealthChecks
  #runner: TaskRunner
  #connected = false
  #powered = true
  #id = ''

  constructor(options: HostOptions) {
    this.#options = options
    this.spec = options.spec
    this.#uuid = options.randomUuid ?? randomUUID
    this.#runner = options.runnerFor(options.spec)
    this.#health = new HealthChecks(options.clock)
    this.startedAt = options.clock.now()
  }

  /** Its Mesos agent id, `''` until it is registered. */
  get id(): string {
    return this.#id
  }

  get powered(): boolean {
    return this.#powered
  }

  get connected(): boolean {
    return this.#connected
  }

  get runner(): TaskRunner {
    return this.#runner
  }

  get tasks(): readonly TaskRecord[] {
    return this.#tasks.all
  }

  /** The last tasks that are over, newest last. */
  get completed(): readonly TaskRecord[] {
    return this.#tasks.completed
  }

  /** Takes up the tasks of an earlier life; call once, before it registers. */
  async recover(checkpoint: HostCheckpoint | undefined): Promise<void> {
    if (checkpoint !== undefined) this.#id = checkpoint.mesosAgentId
    const found = await this.#found()
    for (const saved of checkpoint?.tasks ?? []) {
      const record = this.#restore(saved)
      const task = found.get(taskKey(record.frameworkId, record.taskId))
      found.delete(taskKey(record.frameworkId, record.taskId))
      if (record.checkpoint) this.#takeUp(record, task)
      else this.#abandon(record, task)
    }
    for (const task of found.values()) {
      const record = this.#record({ ...task, partitionAware: true, killingState: true }, task.containerId)
      // A launch is written down before it is begun: what is not known was over or given up already.
      if (checkpoint === undefined) this.#takeUp(record, task)
      else this.#abandon(record, task)
    }
    this.#save()
  }

  /** The master knows it (again): updates flow. */
  register(id: string): void {
    this.#id = id
    this.#connected = true
    this.#save()
    for (const { queue } of this.#tasks.all) queue.resume()
  }

  /** The master is gone or cannot be heard: updates wait. Nothing else happens here. */
  detach(): void {
    this.#connected = false
    for (const { queue } of this.#tasks.all) queue.pause()
  }

  /** The master and it cannot hear each other; tasks of frameworks without checkpointing die with its process. */
  disconnect(): void {
    this.#connected = false
    for (const record of this.#tasks.all) {
      record.queue.pause()
      if (!record.checkpoint) this.#drop(record)
    }
    this.#save()
  }

  /** Power off: every task is gone. Comes back with `powerOn`. */
  async powerOff(): Promise<void> {
    this.disconnect()
    this.#powered = false
    this.#health.stopAll()
    await this.#runner.close({ killTasks: true })
  }

  async powerOn(): Promise<void> {
    this.#runner = this.#options.runnerFor(this.spec)
    this.#powered = true
    const found = await this.#found()
    for (const record of this.#tasks.all) {
      if (!record.ended) this.#takeUp(record, found.get(taskKey(record.frameworkId, record.taskId)))
    }
  }

  run(task: HostTask): void {
    const record = this.#record(task, this.#uuid())
    this.#save()
    const refused = refusal(record, this.spec.containers ?? false)
    if (refused === undefined) this.#runner.launch(runnableOf(record), this.#listener(record))
    else this.#refuse(record, refused)
  }

  /** LAUNCH_GROUP: all of them or none. Who fails or is killed takes the others along. */
  runGroup(tasks: readonly HostTask[], executor: ReceivedExecutor): void {
    const group = { executor, containerId: this.#uuid() }
    const records = tasks.map((task) => this.#record({ ...task, group }, this.#uuid()))
    this.#save()
    const refused = records.map((record) => refusal(record, this.spec.containers ?? false)).find(Boolean)
    for (const record of records) {
      if (refused === undefined) this.#push(record, 'TASK_STARTING')
      else this.#refuse(record, refused)
    }
    if (refused !== undefined) return
    for (const record of records) this.#runner.launch(runnableOf(record), this.#listener(record))
  }

  kill(frameworkId: string, taskId: string): void {
    const record = this.#tasks.get(frameworkId, taskId)
    if (record === undefined || record.killing || isTerminal(record.state)) return
    record.killing = true
    this.#health.stop(record)
    if (record.state === 'TASK_STAGING') {
      this.#push(record, 'TASK_KILLED', KILLED_EARLY)
      this.#runner.kill(frameworkId, taskId, 0)
      return
    }
    if (record.killingState) this.#push(record, 'TASK_KILLING')
    this.#runner.kill(frameworkId, taskId, graceMs(record.info))
  }

  /** Every task is killed with its own grace; with `markGone` frameworks that know partitions hear that it is gone. */
  drain(markGone: boolean): void {
    for (const record of this.#tasks.all) {
      record.draining = markGone ? 'gone' : 'drained'
      this.kill(record.frameworkId, record.taskId)
    }
  }

  /** The master wants no more of it: every task is killed, nobody hears of it. */
  shutDown(): void {
    this.powerOff().catch((error: unknown) => {
      this.#options.onProblem(`host ${this.spec.hostname} could not end its tasks: ${messageOf(error)}`)
    })
  }

  acknowledge(frameworkId: string, taskId: string, uuid: string): void {
    const record = this.#tasks.get(frameworkId, taskId)
    const status = record?.queue.acknowledge(uuid)
    if (record === undefined || status === undefined) return
    // A task that is gone says so twice: when it is about to be killed, and when it is.
    if (isTerminal(status.state) && isTerminal(record.state) && record.queue.pending.length === 0) {
      this.#complete(record)
    }
    this.#save()
  }

  /** The framework is there (again): the heads of its queues leave at once. */
  resend(frameworkId: string): void {
    if (!this.#connected) return
    for (const record of this.#tasks.all) {
      if (record.frameworkId === frameworkId) record.queue.resend()
    }
  }

  /** The framework was removed: its tasks are killed, nobody hears of it. */
  shutdownFramework(frameworkId: string): void {
    for (const record of this.#tasks.all) {
      if (record.frameworkId === frameworkId) this.#drop(record)
    }
    this.#save()
  }

  async close(options: { readonly killTasks: boolean }): Promise<void> {
    this.#connected = false
    this.#health.stopAll()
    for (const { queue } of this.#tasks.all) queue.pause()
    await this.#runner.close(options)
  }

  #record(task: HostTask, containerId: string, saved?: TaskCheckpoint): TaskRecord {
    const queue = new UpdateQueue(
      { clock: this.#options.clock, retryMs: this.#options.retryMs, mostMs: this.#options.mostRetryMs },
      (status) => {
        record.forwarded = status.state
        this.#options.onUpdate(record.frameworkId, status, record.state)
      },
      { pending: saved?.pending ?? [], paused: !this.#connected },
    )
    const record = makeRecord(task, containerId, queue, saved)
    this.#tasks.add(record)
    return record
  }

  async #found(): Promise<Map<string, RecoveredTask>> {
    const tasks = await this.#runner.recover()
    return new Map(tasks.map((task) => [taskKey(task.frameworkId, task.info.task_id.value), task]))
  }

  #restore(saved: TaskCheckpoint): TaskRecord {
    return this.#record(saved, saved.containerId, saved)
  }

  /** Joins what was known of a task with what the runner found of it. */
  #takeUp(record: TaskRecord, task: RecoveredTask | undefined): void {
    if (record.ended) return
    if (task === undefined) {
      record.ended = true
      if (isTerminal(record.state)) return
      if (record.state === 'TASK_STAGING') {
        this.#push(record, record.partitionAware ? 'TASK_DROPPED' : 'TASK_LOST', LAUNCHED_IN_RESTART)
      } else this.#onEnd(record, { kind: 'lost' })
      return
    }
    const { outcome } = task
    if (outcome.kind === 'running') {
      this.#runner.follow(task, this.#listener(record))
      if (isTerminal(record.state)) this.#runner.kill(record.frameworkId, record.taskId, 0)
      else {
        this.#onStarted(record, outcome.pid)
        if (record.killing) this.#runner.kill(record.frameworkId, record.taskId, graceMs(record.info))
      }
    } else this.#onEnd(record, outcome)
  }

  #abandon(record: TaskRecord, task: RecoveredTask | undefined): void {
    if (task?.outcome.kind === 'running') {
      this.#runner.follow(task, this.#listener(record))
    } else record.ended = true
    this.#drop(record)
  }

  #drop(record: TaskRecord): void {
    const alive = !record.ended && !isTerminal(record.state)
    record.queue.close()
    record.state = 'TASK_KILLED'
    if (alive) this.#runner.kill(record.frameworkId, record.taskId, record.checkpoint ? SHUTDOWN_GRACE_MS : 0)
    this.#complete(record)
  }

  #complete(record: TaskRecord): void {
    this.#tasks.complete(record)
    if (record.ended) this.#forget(record)
  }

  #forget({ frameworkId, taskId }: TaskRecord): void {
    // The id may live again: then its checkpoint is the new task's.
    if (this.#tasks.get(frameworkId, taskId) !== undefined) return
    this.#runner.forget(frameworkId, taskId).catch((error: unknown) => {
      this.#options.onProblem(`the checkpoint of task '${taskId}' could not be removed: ${messageOf(error)}`)
    })
  }

  /** Once the power is off, whatever the old runner says is not heard. */
  #listener(record: TaskRecord): (event: RunnerEvent) => void {
    const runner = this.#runner
    return (event) => {
      if (this.#runner === runner && this.#powered) this.#onEvent(record, event)
    }
  }

  #onEvent(record: TaskRecord, event: RunnerEvent): void {
    switch (event.kind) {
      case 'started':
        if (isTerminal(record.state)) this.#runner.kill(record.frameworkId, record.taskId, 0)
        else this.#onStarted(record, event.pid)
        return
      case 'launchFailed':
        this.#over(record)
        if (isTerminal(record.state)) return
        // A container of a group counts as started from the first: it may be killed on its way.
        this.#push(record, record.killing ? 'TASK_KILLED' : 'TASK_FAILED', {
          message: event.message,
          source: 'SOURCE_AGENT',
          reason: 'REASON_CONTAINER_LAUNCH_FAILED',
        })
        return
      case 'exited':
      case 'signaled':
      case 'lost':
        this.#onEnd(record, event)
        return
      default:
        never(event)
    }
  }

  #onStarted(record: TaskRecord, pid: number): void {
    record.pid = pid
    if (record.state === 'TASK_STAGING') this.#push(record, 'TASK_STARTING')
    if (record.state === 'TASK_STARTING') this.#push(record, 'TASK_RUNNING')
    if (record.killing) return
    this.#health.start(record, this.#runner, (healthy, kill) => {
      record.healthy = healthy
      this.#push(record, 'TASK_RUNNING', { reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED', healthy })
      if (kill) this.kill(record.frameworkId, record.taskId)
    })
  }

  #onEnd(record: TaskRecord, end: TaskEnd): void {
    this.#over(record)
    if (isTerminal(record.state)) return
    if (end.kind === 'lost') {
      this.#push(record, 'TASK_FAILED', EXECUTOR_TERMINATED)
      return
    }
    // It ended so fast, or so long ago, that nobody heard of its start.
    if (record.state === 'TASK_STAGING') this.#push(record, 'TASK_STARTING')
    if (record.state === 'TASK_STARTING') this.#push(record, 'TASK_RUNNING')
    const clean = end.kind === 'exited' && end.status === 0
    this.#push(record, record.killing ? 'TASK_KILLED' : clean ? 'TASK_FINISHED' : 'TASK_FAILED', {
      message: endText(end),
      ...(record.healthy === false ? { healthy: false } : {}),
    })
  }

  #over(record: TaskRecord): void {
    record.ended = true
    this.#health.stop(record)
    if (this.#tasks.get(record.frameworkId, record.taskId) !== record) this.#forget(record)
    else this.#save()
  }

  #refuse(record: TaskRecord, { started, state, said }: Refused): void {
    record.ended = true
    if (started) this.#push(record, 'TASK_STARTING')
    this.#push(record, state, said)
  }

  #push(record: TaskRecord, state: TaskState, said: Said = {}): void {
    const status = makeStatus(record, state, said, {
      mesosAgentId: this.#id,
      ip: addressOf(this.spec.authority).ip,
      now: this.#options.clock.now(),
      uuid: this.#uuid(),
    })
    record.state = state
    record.statuses.push(status)
    // The update is on disk before it leaves: `push` may forward it.
    this.#save([record, status])
    record.queue.push(status)
    if (state === 'TASK_FAILED' || state === 'TASK_KILLED') this.#endGroupOf(record)
  }

  #endGroupOf({ group }: TaskRecord): void {
    if (group === undefined) return
    for (const other of this.#tasks.all) {
      if (other.group?.containerId === group.containerId) this.kill(other.frameworkId, other.taskId)
    }
  }

  #save(coming?: readonly [TaskRecord, WireTaskStatus]): void {
    const tasks = this.tasks.map((record) => checkpointOf(record, coming?.[0] === record ? [coming[1]] : []))
    this.#options.save({ hostname: this.spec.hostname, mesosAgentId: this.#id, tasks })
  }
}
