import type { TaskState, WireTaskStatus } from '../../mesos/protocol.ts'
import type { TaskCheckpoint } from './checkpoint.ts'
import { dockerRunError } from './docker-run.ts'
import type { HostTask } from './host-task.ts'
import type { ReceivedTask } from './received.ts'
import type { RunnableTask } from './runner.ts'
import { EXECUTOR_TERMINATED, type Said } from './said.ts'
import type { UpdateQueue } from './update-queue.ts'

/** What a host knows of a task until its terminal update is acknowledged. */
export interface TaskRecord extends HostTask {
  readonly taskId: string
  readonly containerId: string
  readonly queue: UpdateQueue
  readonly statuses: WireTaskStatus[]
  /** The latest, whether or not it could be forwarded. */
  state: TaskState
  /** The one last forwarded: what the master may know. */
  forwarded: TaskState
  pid: number | undefined
  killing: boolean
  /** What its last health check said; `undefined` before the first, and again after a restart of its host. */
  healthy: boolean | undefined
  /** Its host is drained: what it says from now on says so, `gone` as TASK_GONE_BY_OPERATOR. */
  draining: 'drained' | 'gone' | undefined
  /** The runner has nothing more to say of it. */
  ended: boolean
}

const DEFAULT_GRACE_MS = 3_000

export function makeRecord(
  task: HostTask,
  containerId: string,
  queue: UpdateQueue,
  saved: TaskCheckpoint | undefined,
): TaskRecord {
  return {
    frameworkId: task.frameworkId,
    user: task.user,
    checkpoint: task.checkpoint,
    partitionAware: task.partitionAware,
    killingState: task.killingState,
    role: task.role,
    info: task.info,
    ...(task.group === undefined ? {} : { group: task.group }),
    taskId: task.info.task_id.value,
    containerId,
    queue,
    statuses: [...(saved?.statuses ?? [])],
    state: saved?.state ?? 'TASK_STAGING',
    forwarded: saved?.forwarded ?? 'TASK_STAGING',
    pid: saved?.pid,
    killing: saved?.killing ?? false,
    healthy: undefined,
    draining: saved?.draining,
    ended: saved?.ended ?? false,
  }
}

/** With updates that are about to join the queue. */
export function checkpointOf(record: TaskRecord, coming: readonly WireTaskStatus[]): TaskCheckpoint {
  const { queue, taskId: _taskId, healthy: _healthy, ...rest } = record
  return { ...rest, pending: [...queue.pending, ...coming] }
}

/** As the runner of its host wants it. */
export function runnableOf({
  frameworkId,
  user,
  checkpoint,
  role,
  containerId,
  info,
  group,
}: TaskRecord): RunnableTask {
  const nested = group && { executorId: group.executor.executor_id.value, containerId: group.containerId }
  return {
    frameworkId,
    user,
    checkpoint,
    role,
    containerId,
    info: { ...info, resources: info.resources ?? [] },
    ...(nested === undefined ? {} : { parent: nested }),
  }
}

/** What a drained task says on its way out. */
const DRAINED: readonly TaskState[] = ['TASK_KILLING', 'TASK_KILLED']

export function makeStatus(
  record: TaskRecord,
  told: TaskState,
  { message, source, reason, healthy, noExecutor }: Said,
  here: { readonly mesosAgentId: string; readonly ip: string; readonly now: number; readonly uuid: string },
): WireTaskStatus {
  const { taskId, draining, partitionAware, group } = record
  const drained = draining !== undefined && source === undefined && DRAINED.includes(told)
  const gone = drained && draining === 'gone' && partitionAware
  const state = gone ? 'TASK_GONE_BY_OPERATOR' : told
  return {
    task_id: { value: taskId },
    state,
    ...(message === undefined ? {} : { message }),
    source: source ?? 'SOURCE_EXECUTOR',
    ...(reason === undefined ? {} : { reason }),
    ...(drained ? { reason: 'REASON_AGENT_DRAINING' } : {}),
    agent_id: { value: here.mesosAgentId },
    ...(noExecutor ? {} : { executor_id: group?.executor.executor_id ?? { value: taskId } }),
    timestamp: here.now / 1000,
    uuid: Buffer.from(here.uuid.replaceAll('-', ''), 'hex').toString('base64'),
    ...(source === undefined && !(gone && told !== 'TASK_KILLING')
      ? { container_status: containerStatus(record, told, here.ip) }
      : {}),
    ...(healthy === undefined ? {} : { healthy }),
  }
}

function containerStatus({ containerId, pid, group }: TaskRecord, told: TaskState, ip: string): ContainerStatus {
  const parent = group && { value: group.containerId }
  // The agent asks a nested container only while it runs.
  if (parent !== undefined && told !== 'TASK_RUNNING') return { container_id: { value: containerId, parent } }
  return {
    container_id: { value: containerId, ...(parent === undefined ? {} : { parent }) },
    network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: ip }] }],
    ...(pid === undefined ? {} : { executor_pid: pid }),
  }
}

type ContainerStatus = NonNullable<WireTaskStatus['container_status']>

export interface Refused {
  readonly state: TaskState
  readonly said: Said
  /** The executor came up, said so, and only then fell over. */
  readonly started?: true
}

/** What a host without containerizers and cgroups refuses, in the odd ways of a real one. */
export function refusal({ info, partitionAware }: TaskRecord, containers: boolean): Refused | undefined {
  const { command, container, limits = {} } = info
  const failed = (message: string, reason: string) =>
    ({ state: 'TASK_FAILED', said: { message, source: 'SOURCE_AGENT', reason } }) as const
  if (Object.keys(limits).length > 0) {
    return {
      state: partitionAware ? 'TASK_DROPPED' : 'TASK_LOST',
      said: {
        message:
          "CPU limits can only be set on tasks launched in Mesos containers when the agent has loaded the 'cgroups/cpu' isolator",
        source: 'SOURCE_AGENT',
        reason: 'REASON_GC_ERROR',
        noExecutor: true,
      },
    }
  }
  if (!containers && container?.type === 'DOCKER') {
    return failed('Abnormal executor termination: unknown container', 'REASON_EXECUTOR_TERMINATED')
  }
  if (!containers && container?.mesos?.image !== undefined) {
    return failed('Failed to launch container: Unsupported container image type: 2', 'REASON_CONTAINER_LAUNCH_FAILED')
  }
  const unfit = container?.type === 'DOCKER' ? dockerRunError(info) : undefined
  if (unfit !== undefined) {
    return { state: 'TASK_FAILED', said: { message: `Failed to create docker run options: ${unfit}` } }
  }
  if (container === undefined && command?.value === undefined) {
    return { state: 'TASK_FAILED', said: EXECUTOR_TERMINATED, started: true }
  }
  return undefined
}

/** Of the task's own kill policy; 3 s without. */
export function graceMs({ kill_policy }: ReceivedTask): number {
  const nanoseconds = kill_policy?.grace_period?.nanoseconds
  return nanoseconds === undefined ? DEFAULT_GRACE_MS : nanoseconds / 1e6
}
