/** What an update says beside its state; the executor is its source unless said otherwise. */
export interface Said {
  readonly message?: string
  readonly source?: 'SOURCE_AGENT'
  readonly reason?: string
  readonly healthy?: boolean
  /** The task came to no executor. */
  readonly noExecutor?: true
}

export const EXECUTOR_TERMINATED: Said = {
  message: 'Executor terminated',
  source: 'SOURCE_AGENT',
  reason: 'REASON_EXECUTOR_TERMINATED',
}

export const KILLED_EARLY: Said = {
  message: 'Killed before delivery to the executor',
  source: 'SOURCE_AGENT',
  reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
}

export const LAUNCHED_IN_RESTART: Said = {
  message: 'Task launched during agent restart',
  source: 'SOURCE_AGENT',
  reason: 'REASON_AGENT_RESTARTED',
}
