import type { Deployment } from './deployment.ts'
import type { Entry } from './entry.ts'
import type { Instance } from './instance.ts'
import { iso } from './pod-status.ts'

/** An app as `/v2/apps/ID` has it: with counts, tasks and the last failure, whether asked to embed them or not. */
export function shownApp(entry: Entry, deployments: readonly Deployment[]): object {
  const { spec, versions, instances } = entry
  const tasks = instances.flatMap((instance) => instance.tasks.map((task) => ({ instance, task })))
  const count = (is: (each: (typeof tasks)[number]) => boolean): number => tasks.filter(is).length
  const failed = entry.ended.findLast(({ instance }) => !instance.isUnwanted)
  return {
    ...spec.definition,
    version: spec.version,
    versionInfo: { lastScalingAt: versions.at(-1)?.version, lastConfigChangeAt: spec.configVersion },
    tasksStaged: count(({ task }) => task.state === 'TASK_STAGING' || task.state === 'TASK_STARTING'),
    tasksRunning: count(({ task }) => task.state === 'TASK_RUNNING'),
    tasksHealthy: count(({ task }) => task.isChecked && task.healthy === true),
    tasksUnhealthy: count(({ task }) => task.isChecked && task.healthy === false),
    deployments: deployments.map(({ id }) => ({ id })),
    tasks: instances.map(shownTask),
    ...(failed === undefined ? {} : { lastTaskFailure: failure(failed.instance, failed.at) }),
  }
}

export function shownTask({
  id,
  spec,
  host,
  hostname,
  mesosAgentId,
  ports,
  launchedAt,
  tasks: [task],
}: Instance): object {
  return {
    id: task?.taskId,
    instanceId: id,
    appId: spec.id,
    state: task?.state,
    host,
    hostname,
    slaveId: mesosAgentId,
    ports,
    stagedAt: iso(launchedAt),
    startedAt: task?.state === 'TASK_RUNNING' ? iso(task.since) : null,
    version: spec.version,
    healthCheckResults:
      task?.isChecked === true && task.healthy !== undefined
        ? [{ alive: task.healthy, instanceId: id, taskId: task.taskId, consecutiveFailures: task.healthy ? 0 : 1 }]
        : [],
  }
}

function failure({ spec, host, mesosAgentId, tasks: [task] }: Instance, at: number): object {
  return {
    appId: spec.id,
    taskId: task?.taskId,
    state: task?.state,
    message: task?.status?.message ?? '',
    host,
    slaveId: mesosAgentId,
    timestamp: iso(at),
    version: spec.version,
  }
}
