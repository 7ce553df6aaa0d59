import type { ReceivedTask } from './received.ts'

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
}
