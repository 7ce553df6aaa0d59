import type { TaskState, Value, WireTaskStatus } from '../../mesos/protocol.ts'
import type { Cluster } from './cluster.ts'
import type { Framework, MasterTask } from './framework.ts'
import type { ReceivedCall } from './received.ts'
import { isTerminal } from './task-text.ts'

type Acknowledge = NonNullable<ReceivedCall['acknowledge']>
type Kill = NonNullable<ReceivedCall['kill']>
type TaskRef = { readonly task_id: Value; readonly agent_id?: Value }

/** An update that a host forwards; dropped while nobody is subscribed, the host sends it again. */
export function onUpdate(cluster: Cluster, frameworkId: string, status: WireTaskStatus, latest: TaskState): void {
  const framework = cluster.frameworks.get(frameworkId)
  if (framework === undefined) return
  const task = framework.tasks.get(status.task_id.value)
  if (task !== undefined) {
    if (isTerminal(latest) && !isTerminal(task.state))
      cluster.count(`tasks_${latest.slice('TASK_'.length).toLowerCase()}`)
    task.state = latest
    task.forwarded = status.state
    task.forwardedUuid = status.uuid
    if (!task.statuses.some(({ uuid }) => uuid === status.uuid)) task.statuses.push(status)
  }
  if (framework.connected) cluster.tell(framework, status)
}

/** ACKNOWLEDGE: passed on to the host, and for a terminal update the end of the task. */
export function acknowledge(cluster: Cluster, framework: Framework, { agent_id, task_id, uuid }: Acknowledge): void {
  const record = cluster.hosts.get(agent_id.value)
  // The host is away: the ACK is lost, the update will come again.
  if (record === undefined || !cluster.active(record)) return
  const task = framework.tasks.get(task_id.value)
  if (task !== undefined && isTerminal(task.forwarded) && task.forwardedUuid === uuid) {
    framework.complete(task)
    const executorId = task.executor?.id
    // Also where it ended well. Of command executors nobody hears.
    if (executorId !== undefined && !framework.hasExecutor(executorId)) {
      const failure = { agent_id, executor_id: { value: executorId }, status: 0 }
      framework.send({ type: 'FAILURE', failure })
    }
  }
  record.host.acknowledge(framework.id, task_id.value, uuid)
}

/** KILL; the policy in it does nothing for a command task. An unknown task is reconciled instead. */
export function kill(cluster: Cluster, framework: Framework, { task_id, agent_id }: Kill): void {
  const task = framework.tasks.get(task_id.value)
  if (task === undefined) {
    reconcile(cluster, framework, [{ task_id, ...(agent_id === undefined ? {} : { agent_id }) }])
    return
  }
  if (agent_id !== undefined && agent_id.value !== task.mesosAgentId) return
  const record = cluster.hosts.get(task.mesosAgentId)
  if (record !== undefined && cluster.active(record)) record.host.kill(framework.id, task.taskId)
}

/** RECONCILE: the tasks asked for, or (none) all that are known and not unreachable. */
export function reconcile(cluster: Cluster, framework: Framework, refs: readonly TaskRef[]): void {
  const statuses =
    refs.length === 0
      ? [...framework.tasks.values()].map((task) => latest(cluster, task))
      : refs.flatMap((ref) => answer(cluster, framework, ref) ?? [])
  for (const status of statuses) cluster.tell(framework, status)
}

function latest(cluster: Cluster, task: MasterTask): WireTaskStatus {
  const containerStatus = task.statuses.findLast(
    ({ container_status }) => container_status !== undefined,
  )?.container_status
  return cluster.masterStatus(
    task.taskId,
    task.forwarded,
    'Reconciliation: Latest task state',
    'REASON_RECONCILIATION',
    {
      mesosAgentId: task.mesosAgentId,
      ...(containerStatus === undefined ? {} : { container_status: containerStatus }),
    },
  )
}

/** `undefined`: no answer, the host may still come back and tell. */
function answer(cluster: Cluster, framework: Framework, { task_id, agent_id }: TaskRef): WireTaskStatus | undefined {
  const task = framework.tasks.get(task_id.value)
  if (task !== undefined) return latest(cluster, task)
  const say = (state: TaskState, message: string, unreachableAt?: number): WireTaskStatus =>
    cluster.masterStatus(
      task_id.value,
      framework.partitionAware ? state : 'TASK_LOST',
      `Reconciliation: ${message}`,
      'REASON_RECONCILIATION',
      {
        mesosAgentId: agent_id?.value ?? framework.unreachable.get(task_id.value)?.mesosAgentId,
        ...(unreachableAt === undefined ? {} : { unreachable_time: { nanoseconds: unreachableAt * 1e6 } }),
      },
    )
  const unreachable = framework.unreachable.get(task_id.value)
  if (unreachable !== undefined) return say('TASK_UNREACHABLE', 'Task is unreachable', unreachable.unreachableAt)
  if (agent_id === undefined) {
    return cluster.recovering.size > 0 ? undefined : say('TASK_UNKNOWN', 'Task is unknown')
  }
  if (cluster.recovering.has(agent_id.value)) return undefined
  if (cluster.gone.has(agent_id.value)) return say('TASK_GONE_BY_OPERATOR', 'Task is gone')
  const lostAt = cluster.lost.get(agent_id.value)
  if (lostAt !== undefined) return say('TASK_UNREACHABLE', 'Task is unreachable', lostAt)
  const record = cluster.hosts.get(agent_id.value)
  if (record === undefined) return say('TASK_UNKNOWN', 'Task is unknown')
  return record.unreachableAt === undefined
    ? say('TASK_GONE', 'Task is unknown to the agent')
    : say('TASK_UNREACHABLE', 'Task is unreachable', record.unreachableAt)
}
