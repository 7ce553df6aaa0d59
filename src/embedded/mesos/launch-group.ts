import type { Cluster, OfferRecord } from './cluster.ts'
import type { Framework } from './framework.ts'
import { idError } from './framework-info.ts'
import { fieldsError } from './launch-validation.ts'
import type { ReceivedExecutor, ReceivedOperation, ReceivedTask } from './received.ts'
import {
  add,
  contains,
  fromWire,
  InvalidResource,
  inMesosOrder,
  type Pool,
  scalar,
  subtract,
  toText,
} from './resources.ts'

/** What an executor of a group needs at least, in thousandths. */
const LEAST_CPUS = 10
const LEAST_MEM = 32_000

/** LAUNCH_GROUP: all tasks in one DEFAULT executor, or what is wrong, which each of them is told then. */
export function launchGroup(
  cluster: Cluster,
  framework: Framework,
  offer: OfferRecord,
  { id, launch_group }: ReceivedOperation,
  available: Pool,
): { readonly left: Pool } | { readonly wrong: string } {
  if (id !== undefined) return { wrong: 'The `id` field cannot be set on LAUNCH_GROUP operations' }
  if (launch_group === undefined) return { left: available }
  const { executor, task_group } = launch_group
  const infos = task_group.tasks ?? []
  const { record, role } = offer
  let pools: readonly Pool[]
  let own: Pool
  try {
    pools = infos.map((info) => fromWire(info.resources ?? [], role))
    own = fromWire(executor.resources ?? [], role)
  } catch (error) {
    if (!(error instanceof InvalidResource)) throw error
    return { wrong: error.message }
  }
  const total = pools.reduce((sum, pool) => add(sum, pool), own)
  const wrong =
    executorError(framework, executor, own) ??
    tasksError(framework, record.id, infos, pools) ??
    (contains(available, total)
      ? undefined
      : `Total resources ${toText(total)} required by task group and its executor are more than available ${toText(inMesosOrder(available))}`)
  if (wrong !== undefined) return { wrong }
  for (const [index, info] of infos.entries()) {
    const task = cluster.makeTask(
      { frameworkId: framework.id, mesosAgentId: record.id, role, info, executor },
      pools[index],
    )
    framework.tasks.set(task.taskId, task)
  }
  framework.count('operations/launch_group')
  record.host.runGroup(
    infos.map((info) => framework.hostTask(info, role)),
    executor,
  )
  return { left: subtract(available, total) }
}

function executorError(framework: Framework, executor: ReceivedExecutor, resources: Pool): string | undefined {
  const { executor_id, type = 'UNKNOWN', command, container } = executor
  const id = executor_id.value
  const start = `Executor '${id}' is invalid:`
  const wrongId = idError(id)
  if (wrongId !== undefined) return `${start} ${wrongId}`
  if (type === 'UNKNOWN') return `${start} 'ExecutorInfo.type' must be 'DEFAULT' or 'CUSTOM' in a task group`
  if (type === 'CUSTOM') return 'The embedded Mesos runs no custom executors: give the group a DEFAULT one'
  if (command !== undefined) return "'ExecutorInfo.command' must not be set for 'DEFAULT' executor"
  if (container?.type === 'DOCKER') return 'Docker ContainerInfo is not supported on the executor'
  if (container?.mesos?.image !== undefined) {
    return "'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor"
  }
  if ((container?.network_infos?.length ?? 0) > 0) {
    return 'The embedded Mesos has no networks of containers: leave network_infos out, then the group uses that of its host'
  }
  if (scalar(resources, 'cpus') < LEAST_CPUS) return `${start} it needs at least 0.01 cpus`
  if (scalar(resources, 'mem') < LEAST_MEM) return `${start} it needs at least 32 MB of mem`
  if (scalar(resources, 'disk') <= 0) return `${start} it needs some disk`
  return framework.hasExecutor(id)
    ? `${start} the embedded Mesos gives each task group an executor of its own`
    : undefined
}

function tasksError(
  framework: Framework,
  mesosAgentId: string,
  infos: readonly ReceivedTask[],
  pools: readonly Pool[],
): string | undefined {
  if (infos.length === 0) return 'Task group cannot be empty'
  const ids = infos.map(({ task_id }) => task_id.value)
  for (const [index, info] of infos.entries()) {
    const id = info.task_id.value
    const wrong =
      (ids.indexOf(id) < index ? `Task has duplicate ID: ${id}` : undefined) ??
      fieldsError(info, framework, mesosAgentId, pools[index] ?? []) ??
      nestedError(info)
    if (wrong !== undefined) return `Task '${id}' is invalid: ${wrong}`
  }
  return undefined
}

function nestedError({ executor, command, container }: ReceivedTask): string | undefined {
  if (executor !== undefined) return "'TaskInfo.executor' must not be set"
  if (command === undefined) return 'CommandInfo must be set'
  if (container?.type === 'DOCKER') return 'Docker ContainerInfo is not supported on the task'
  return (container?.network_infos?.length ?? 0) > 0 ? 'NetworkInfos must not be set on the task' : undefined
}
