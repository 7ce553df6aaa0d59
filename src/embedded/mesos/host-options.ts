import type { Clock } from '../../core/clock.ts'
import type { TaskState, WireTaskStatus } from '../../mesos/protocol.ts'
import type { HostCheckpoint } from './checkpoint.ts'
import type { HostSpec } from './host-spec.ts'
import type { TaskRunner } from './runner.ts'

export interface HostOptions {
  readonly clock: Clock
  readonly spec: HostSpec
  readonly runnerFor: (spec: HostSpec) => TaskRunner
  readonly randomUuid?: () => string
  readonly retryMs: number
  readonly mostRetryMs: number
  /** An update leaves for the master, with the task's latest state. */
  readonly onUpdate: (frameworkId: string, status: WireTaskStatus, latest: TaskState) => void
  /** Told in words what went wrong beside the protocol. */
  readonly onProblem: (words: string) => void
  /** Called before anything that must not be forgotten leaves the host. */
  readonly save: (checkpoint: HostCheckpoint) => void
}
