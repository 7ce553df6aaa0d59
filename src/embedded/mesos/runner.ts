import type { Instant } from '../../core/model.ts'
import type { WireTaskInfo } from '../../mesos/protocol.ts'
import type { ReceivedHealthCheck } from './received.ts'

/**
 * Runs the tasks of one embedded host. The real one (`processes/`) starts a supervisor process a task; scenario
 * tests on a virtual clock hand in one that runs functions.
 */
export interface TaskRunner {
  /** Tasks of an earlier life of this host, from its checkpoints; called once, before any `launch`. */
  readonly recover: () => Promise<readonly RecoveredTask[]>
  /** Returns at once; what becomes of it comes by `onEvent`, `started` or `launchFailed` first, `ended` last. */
  readonly launch: (task: RunnableTask, onEvent: (event: RunnerEvent) => void) => void
  /** Follows a task that `recover` found alive. */
  readonly follow: (task: RecoveredTask, onEvent: (event: RunnerEvent) => void) => void
  /** SIGTERM to the task's whole process tree, SIGKILL to what is left after the grace period. */
  readonly kill: (frameworkId: string, taskId: string, graceMs: number) => void
  /** `undefined` where the task does not run (any more). */
  readonly usage: (frameworkId: string, taskId: string) => Promise<RunnerUsage | undefined>
  /**
   * Looks once whether a running task is well: `undefined` if so, else why not. Without it no health checks are done.
   */
  readonly checkHealth?: (
    task: RunnableTask,
    check: ReceivedHealthCheck,
    timeoutMs: number,
  ) => Promise<string | undefined>
  /** The terminal update was acknowledged: the checkpoint may go (the sandbox stays until garbage collection). */
  readonly forget: (frameworkId: string, taskId: string) => Promise<void>
  /** Lets go of everything. With `killTasks` every task is killed first, else they go on without us. */
  readonly close: (options: { readonly killTasks: boolean }) => Promise<void>
}

export interface RunnableTask {
  readonly frameworkId: string
  /** FrameworkInfo.user. */
  readonly user: string
  /** FrameworkInfo.checkpoint: without it the task dies with its host's agent. */
  readonly checkpoint: boolean
  readonly role: string
  readonly containerId: string
  readonly info: WireTaskInfo
  /** The container of a task group in which this one is nested. */
  readonly parent?: { readonly executorId: string; readonly containerId: string }
}

export interface RecoveredTask extends RunnableTask {
  /** Still running, or how it ended while nobody looked. */
  readonly outcome: { readonly kind: 'running'; readonly pid: number } | TaskEnd
}

export type RunnerEvent =
  /** Fetched, sandbox ready, supervisor there: `TASK_STARTING`, then `TASK_RUNNING`. */
  | { readonly kind: 'started'; readonly pid: number }
  /** `TASK_FAILED`, `REASON_CONTAINER_LAUNCH_FAILED`: the message as Mesos has it, such as a failed fetch. */
  | { readonly kind: 'launchFailed'; readonly message: string }
  | TaskEnd

export type TaskEnd =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'signaled'; readonly signal: string }
  /** The supervisor vanished: `TASK_FAILED`, `REASON_EXECUTOR_TERMINATED`, `Executor terminated`. */
  | { readonly kind: 'lost' }

export interface RunnerUsage {
  /** When it was read. */
  readonly at: Instant
  readonly cpuUserSeconds: number
  readonly cpuSystemSeconds: number
  readonly memRssBytes: number
  readonly processes: number
}
