import type { RunnableTask } from '../runner.ts'

/** What the environment of a task tells about its host. */
export interface HostFacts {
  readonly hostIp: string
  /** `host:port` of the host's own HTTP endpoint; its two variables are left out where it is not known. */
  readonly endpoint: string | undefined
}

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * All that a command task sees: nothing of our own environment but PATH, no HOME and no USER, as recorded from
 * Mesos. CommandInfo.environment may override all but MESOS_SANDBOX, by which the task's processes are known.
 */
export function taskEnvironment(
  task: RunnableTask,
  sandbox: string,
  { hostIp, endpoint }: HostFacts,
  path: string | undefined = process.env['PATH'],
): Readonly<Record<string, string>> {
  const taskId = task.info.task_id.value
  const variables = Object.fromEntries(
    (task.info.command?.environment?.variables ?? []).map(({ name, value }) => [name, value]),
  )
  const usual = { MESOS_ALLOCATION_ROLE: task.role, PATH: path ?? usualPath, PWD: sandbox }
  if (task.parent !== undefined) {
    // A nested container: what its executor is told of agent and framework does not come this far.
    return { ...usual, MESOS_CONTAINER_IP: hostIp, ...variables, MESOS_SANDBOX: sandbox }
  }
  return {
    ...usual,
    LIBPROCESS_IP: hostIp,
    LIBPROCESS_PORT: '0',
    ...(endpoint !== undefined && { MESOS_AGENT_ENDPOINT: endpoint, MESOS_SLAVE_PID: `slave(1)@${endpoint}` }),
    MESOS_CHECKPOINT: task.checkpoint ? '1' : '0',
    MESOS_DIRECTORY: sandbox,
    MESOS_EXECUTOR_ID: taskId,
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '5secs',
    MESOS_FRAMEWORK_ID: task.frameworkId,
    MESOS_HTTP_COMMAND_EXECUTOR: '0',
    MESOS_SLAVE_ID: task.info.agent_id.value,
    ...(task.checkpoint && { MESOS_RECOVERY_TIMEOUT: '15mins', MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs' }),
    ...variables,
    MESOS_SANDBOX: sandbox,
  }
}
