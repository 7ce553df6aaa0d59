import type { Framework } from './framework.ts'
import { idError } from './framework-info.ts'
import type { EnvironmentVariable, ReceivedTask } from './received.ts'
import { contains, inMesosOrder, type Pool, scalar, toText } from './resources.ts'

/** What a task of a LAUNCH is told by TASK_ERROR, in Mesos' order and words; `undefined` for a good one. */
export function taskError(
  task: ReceivedTask,
  framework: Framework,
  mesosAgentId: string,
  wanted: Pool,
  available: Pool,
): string | undefined {
  return (
    fieldsError(task, framework, mesosAgentId, wanted) ??
    ((task.command === undefined) === (task.executor === undefined)
      ? 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present'
      : undefined) ??
    executorError(task) ??
    (contains(available, wanted)
      ? undefined
      : `Total resources ${toText(wanted)} required by task and its executor is more than available ${toText(inMesosOrder(available))}`)
  )
}

/** What is looked at in any task, alone or in a group. */
export function fieldsError(
  task: ReceivedTask,
  framework: Framework,
  mesosAgentId: string,
  wanted: Pool,
): string | undefined {
  const id = task.task_id.value
  return (
    idError(id) ??
    (framework.tasks.has(id) ? `Task has duplicate ID: ${id}` : undefined) ??
    (framework.unreachable.has(id) ? `Task reuses the ID of an unreachable task: ${id}` : undefined) ??
    (task.agent_id.value === mesosAgentId
      ? undefined
      : `Task uses invalid agent ${task.agent_id.value} while agent ${mesosAgentId} is expected`) ??
    durationError(task) ??
    healthCheckError(task) ??
    ((task.resources ?? []).length === 0 ? 'Task uses no resources' : undefined) ??
    (scalar(wanted, 'gpus') % 1000 === 0 ? undefined : "The 'gpus' resource must be an unsigned integer") ??
    commandError(task) ??
    containerError(task) ??
    limitsError(task)
  )
}

function durationError({ kill_policy, max_completion_time }: ReceivedTask): string | undefined {
  if ((kill_policy?.grace_period?.nanoseconds ?? 0) < 0) {
    return "Task's 'kill_policy.grace_period' must be non-negative"
  }
  return (max_completion_time?.nanoseconds ?? 0) < 0 ? "Task's 'max_completion_time' must be non-negative" : undefined
}

function healthCheckError({ health_check: check }: ReceivedTask): string | undefined {
  if (check === undefined) return undefined
  const start = 'Task uses invalid health check:'
  const { type = 'UNKNOWN', http } = check
  if (type === 'UNKNOWN') return `${start} HealthCheck must specify 'type'`
  const field = type.toLowerCase() as 'command' | 'http' | 'tcp'
  if (check[field] === undefined) {
    return `${start} Expecting '${field}' to be set for ${type === 'COMMAND' ? field : type} health check`
  }
  const path = http?.path
  return path === undefined || path.startsWith('/')
    ? undefined
    : `${start} The path '${path}' of HTTP health check must start with '/'`
}

function commandError({ command }: ReceivedTask): string | undefined {
  const variables: readonly EnvironmentVariable[] = command?.environment?.variables ?? []
  for (const { name, type = 'VALUE', value, secret } of variables) {
    const what = `Task's \`CommandInfo\` is invalid: Environment variable '${name}' of type '${type}' must have a`
    if (type === 'SECRET' && secret === undefined) return `${what} secret set`
    if (type === 'VALUE' && value === undefined) return `${what} value set`
  }
  return undefined
}

function containerError({ container }: ReceivedTask): string | undefined {
  if (container === undefined) return undefined
  const start = "Task's `ContainerInfo` is invalid:"
  for (const volume of container.volumes ?? []) {
    const wrong = volumeError(volume)
    if (wrong !== undefined) return `${start} Invalid volume: ${wrong}`
  }
  if (container.type === 'DOCKER' && container.docker === undefined) {
    return `${start} DockerInfo 'docker' is not set for DOCKER typed ContainerInfo`
  }
  return container.docker?.parameters?.some(({ key }) => key === 'name')
    ? `${start} Parameter in DockerInfo must not be 'name'`
    : undefined
}

type Volume = NonNullable<NonNullable<ReceivedTask['container']>['volumes']>[number]

/** Where each kind of source is looked for. */
const SOURCES: Readonly<Record<string, readonly [field: string, kind: string]>> = {
  DOCKER_VOLUME: ['docker_volume', 'DOCKER_VOLUME'],
  HOST_PATH: ['host_path', 'HOST_PATH'],
  SANDBOX_PATH: ['sandbox_path', 'SANDBOX_PATH'],
  SECRET: ['secret', 'SECRET'],
  CSI_VOLUME: ['csi_volume', 'CSI'],
}

function volumeError({ host_path: hostPath, image, source }: Volume): string | undefined {
  if ([hostPath, image, source].filter((each) => each !== undefined).length !== 1) {
    return "Only one of them should be set: 'host_path', 'image' and 'source'"
  }
  if (source === undefined) return undefined
  const [field, kind] = SOURCES[source.type] ?? []
  if (field === undefined || kind === undefined) return "'source.type' is unknown"
  return Object.hasOwn(source, field) ? undefined : `'source.${field}' is not set for ${kind} volume`
}

function executorError({ executor }: ReceivedTask): string | undefined {
  if (executor === undefined) return undefined
  return executor.type === 'CUSTOM'
    ? 'The embedded Mesos runs no custom executors: give the task a CommandInfo'
    : "'ExecutorInfo.type' must be 'CUSTOM'"
}

function limitsError({ limits = {} }: ReceivedTask): string | undefined {
  return Object.keys(limits).some((name) => name !== 'cpus' && name !== 'mem')
    ? "Only cpus and mem may be included in a task's resource limits"
    : undefined
}
