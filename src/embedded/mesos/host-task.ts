import type { ReceivedExecutor, ReceivedTask } from './received.ts'

/** A task as the master hands it to a host. */
export interface HostTask {
  readonly frameworkId: string
  /** FrameworkInfo.user. */
  readonly user: string
  /** FrameworkInfo.checkpoint. */
  readonly checkpoint: boolean
  /** The framework hears of TASK_DROPPED instead of TASK_LOST. */
  readonly partitionAware: boolean
  /** The framework hears of TASK_KILLING. */
  readonly killingState: boolean
  readonly role: string
  readonly info: ReceivedTask
  /** It came by LAUNCH_GROUP. */
  readonly group?: TaskGroup
}

/** The executor that the tasks of one LAUNCH_GROUP share, as its host knows it. */
export interface TaskGroup {
  readonly executor: ReceivedExecutor
  /** Its sandbox holds those of the tasks. */
  readonly containerId: string
}
