import type { Clock } from '../../core/clock.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../http.ts'
import { Answers, target } from './answers.ts'
import type { Authentication } from './authentication.ts'
import { readBody } from './call-check.ts'
import { OPERATOR_CALL } from './call-schema.ts'
import type { Host } from './host.ts'
import { addressOf, totalOf } from './host-spec.ts'
import { add, fromWire, type Pool, scalar, toWire } from './resources.ts'
import { amounts, attributeValues, BUILD, HOST_CAPABILITIES, reserved, shownTask, unreserved } from './shown.ts'
import type { TaskRecord } from './task-record.ts'
import { executorName, isTerminal } from './task-text.ts'

const EXECUTOR_CPUS = 0.1
const EXECUTOR_MEM_MIB = 32
const MIB = 1024 * 1024
/** `/monitor/statistics` lets two requests a second through; the others wait. */
const STATISTICS_EVERY_MS = 500

/** What the executor of a command task takes; nobody is charged for it. */
const EXECUTOR_RESOURCES = fromWire([
  { name: 'cpus', type: 'SCALAR', scalar: { value: EXECUTOR_CPUS } },
  { name: 'mem', type: 'SCALAR', scalar: { value: EXECUTOR_MEM_MIB } },
])

/** Never asks for credentials. */
const OPEN: readonly string[] = ['/health', '/version']

/** The HTTP face of one host. */
export function hostHandler(
  host: Host,
  clock: Clock,
  frameworkOf: (id: string) => FrameworkShown,
  authentication: Authentication = {},
): HttpHandler {
  const answers = new Answers(clock)
  let nextStatistics = 0
  return async (request) => {
    const { path, query } = target(request)
    const page = path.replace(/^\/slave\(1\)(?=\/)/, '')
    const realm = page.startsWith('/api/v1') ? 'readwrite' : 'readonly'
    const guard = OPEN.includes(page) ? undefined : authentication[realm]
    if (guard !== undefined && guard.principalOf(request.headers['authorization']) === undefined) {
      return answers.unauthorized(guard.challenge(`mesos-agent-${realm}`))
    }
    switch (page) {
      case '/health':
        return answers.empty(200)
      case '/version':
        return answers.json(request, BUILD)
      case '/containers': {
        const wrong = queryError(query)
        if (wrong !== undefined) return answers.text(400, wrong)
        const shown = running(host).filter((task) => asked(task, query))
        return answers.json(request, await Promise.all(shown.map((task) => container(host, clock, task))))
      }
      case '/monitor/statistics': {
        const wait = Math.max(0, nextStatistics - clock.now())
        nextStatistics = clock.now() + wait + STATISTICS_EVERY_MS
        if (wait > 0) await clock.sleep(wait, request.signal)
        const all = await Promise.all(running(host).map((task) => container(host, clock, task)))
        return answers.json(
          request,
          all.map(({ executor_id, executor_name, framework_id, source, statistics }) => ({
            executor_id,
            executor_name,
            framework_id,
            source,
            statistics,
          })),
        )
      }
      case '/state':
        return answers.json(request, state(host, frameworkOf))
      case '/api/v1':
        return operator(host, clock, answers, request)
      default:
        return answers.notFound()
    }
  }
}

/** What a host knows of a framework. */
export interface FrameworkShown {
  readonly name: string
  readonly user: string
  readonly failoverTimeout: number
  readonly checkpoint: boolean
  readonly roles: readonly string[]
}

function running(host: Host): TaskRecord[] {
  return host.tasks.filter(({ state, pid, ended }) => pid !== undefined && !ended && !isTerminal(state))
}

function queryError(query: URLSearchParams): string | undefined {
  const [container, framework, executor] = ['container_id', 'framework_id', 'executor_id'].map((name) =>
    query.has(name),
  )
  const mixed = container === true && (framework === true || executor === true)
  return mixed || (executor === true && framework !== true)
    ? 'Supported query parameters are container_id only, framework_id only, or executor_id and framework_id only'
    : undefined
}

function asked({ containerId, frameworkId, taskId }: TaskRecord, query: URLSearchParams): boolean {
  return (
    (query.get('container_id') ?? containerId) === containerId &&
    (query.get('framework_id') ?? frameworkId) === frameworkId &&
    (query.get('executor_id') ?? taskId) === taskId
  )
}

async function container(host: Host, clock: Clock, task: TaskRecord) {
  const { containerId, frameworkId, taskId, info, pid } = task
  const usage = await host.runner.usage(frameworkId, taskId)
  const wanted = fromWire(info.resources ?? [])
  const memLimit = (scalar(wanted, 'mem') / 1000 + EXECUTOR_MEM_MIB) * MIB
  return {
    container_id: containerId,
    executor_id: taskId,
    executor_name: executorName(info),
    framework_id: frameworkId,
    source: taskId,
    statistics: {
      cpus_soft_limit: (scalar(wanted, 'cpus') + EXECUTOR_CPUS * 1000) / 1000,
      ...(usage === undefined
        ? {}
        : { cpus_system_time_secs: usage.cpuSystemSeconds, cpus_user_time_secs: usage.cpuUserSeconds }),
      mem_limit_bytes: memLimit,
      ...(usage === undefined ? {} : { mem_rss_bytes: usage.memRssBytes }),
      mem_soft_limit_bytes: memLimit,
      timestamp: (usage?.at ?? clock.now()) / 1000,
    },
    status: { container_id: { value: containerId }, executor_pid: pid },
  }
}

function state(host: Host, frameworkOf: (id: string) => FrameworkShown): unknown {
  const { spec } = host
  const total = totalOf(spec)
  const { ip, port } = addressOf(spec.authority)
  const byRole = reserved(total)
  const allocated = running(host).reduce<Pool>((sum, task) => add(sum, withExecutor(task)), [])
  const ids = [...new Set([...host.tasks, ...host.completed].map(({ frameworkId }) => frameworkId))]
  return {
    ...BUILD,
    start_time: host.startedAt / 1000,
    id: host.id,
    pid: `slave(1)@${ip}:${port}`,
    hostname: spec.hostname,
    capabilities: HOST_CAPABILITIES,
    resources: amounts(total),
    reserved_resources: Object.fromEntries([...byRole].map(([role, pool]) => [role, amounts(pool)])),
    unreserved_resources: amounts(unreserved(total)),
    reserved_resources_full: Object.fromEntries([...byRole].map(([role, pool]) => [role, toWire(pool, 'agent')])),
    unreserved_resources_full: toWire(unreserved(total), 'agent'),
    reserved_resources_allocated: {},
    unreserved_resources_allocated: amounts(allocated),
    resource_providers: [],
    attributes: attributeValues(spec),
    frameworks: ids.map((id) => {
      const { name, user, failoverTimeout, checkpoint, roles } = frameworkOf(id)
      const of = (task: TaskRecord): boolean => task.frameworkId === id
      return {
        id,
        name,
        user,
        failover_timeout: failoverTimeout,
        checkpoint,
        hostname: '',
        roles,
        executors: host.tasks.filter(of).map((task) => executor(host, task, false)),
        completed_executors: host.completed.filter(of).map((task) => executor(host, task, true)),
      }
    }),
    completed_frameworks: [],
  }
}

function withExecutor({ info }: TaskRecord): Pool {
  return add(fromWire(info.resources ?? []), EXECUTOR_RESOURCES)
}

function executor(host: Host, task: TaskRecord, over: boolean): unknown {
  const { taskId, containerId, info, role, frameworkId, statuses } = task
  const shown = shownTask({
    frameworkId,
    mesosAgentId: host.id,
    role,
    info,
    state: task.state,
    resources: fromWire(info.resources ?? []),
    statuses,
  })
  const queued = task.state === 'TASK_STAGING'
  return {
    id: taskId,
    name: executorName(info),
    source: taskId,
    container: containerId,
    directory: `/frameworks/${frameworkId}/executors/${taskId}/runs/${containerId}`,
    resources: amounts(over ? EXECUTOR_RESOURCES : withExecutor(task)),
    role,
    ...(info.labels === undefined ? {} : { labels: info.labels.labels }),
    tasks: over || queued ? [] : [shown],
    queued_tasks: !over && queued ? [shown] : [],
    completed_tasks: over ? [shown] : [],
  }
}

async function operator(host: Host, clock: Clock, answers: Answers, request: HttpRequest): Promise<HttpResponse> {
  if (request.method !== 'POST') return answers.methodNotAllowed(request.method, 'POST')
  const read = readBody(request, OPERATOR_CALL, 'Call')
  if ('status' in read) return answers.text(read.status, read.text)
  const { type } = read.value as { readonly type?: string }
  switch (type) {
    case undefined:
      return answers.text(400, "Failed to validate agent::Call: Expecting 'type' to be present")
    case 'GET_HEALTH':
      return answers.json(request, { type, get_health: { healthy: true } })
    case 'GET_EXECUTORS':
      return answers.json(request, { type, get_executors: executors(host) })
    case 'GET_STATE':
      return answers.json(request, { type, get_state: { get_executors: executors(host) } })
    case 'GET_CONTAINERS': {
      const all = await Promise.all(running(host).map((task) => container(host, clock, task)))
      return answers.json(request, { type, get_containers: { containers: all.map(operatorContainer) } })
    }
    default:
      return answers.text(
        501,
        `The embedded host does not answer ${type}: it knows GET_HEALTH, GET_EXECUTORS, GET_STATE and GET_CONTAINERS`,
      )
  }
}

function operatorContainer(shown: Awaited<ReturnType<typeof container>>): unknown {
  const { statistics } = shown
  return {
    framework_id: { value: shown.framework_id },
    executor_id: { value: shown.executor_id },
    executor_name: shown.executor_name,
    container_id: { value: shown.container_id },
    container_status: shown.status,
    resource_statistics: statistics,
  }
}

function executors(host: Host): unknown {
  return {
    executors: host.tasks
      .filter(({ state }) => !isTerminal(state))
      .map((task) => ({ executor_info: executorInfo(task) })),
    completed_executors: host.completed.map((task) => ({ executor_info: executorInfo(task) })),
  }
}

/** The command executor that a host invents for a task: it takes over environment and URIs for everybody to see. */
function executorInfo({ taskId, frameworkId, info, role }: TaskRecord): unknown {
  const { uris = [], environment } = info.command ?? {}
  return {
    executor_id: { value: taskId },
    framework_id: { value: frameworkId },
    command: {
      ...(uris.length === 0 ? {} : { uris: uris.map((uri) => ({ extract: true, ...uri })) }),
      ...(environment === undefined
        ? {}
        : {
            environment: {
              variables: environment.variables.map(({ name, ...rest }) => ({ name, type: 'VALUE', ...rest })),
            },
          }),
      shell: false,
      value: '/usr/libexec/mesos/mesos-executor',
      arguments: ['mesos-executor', '--launcher_dir=/usr/libexec/mesos'],
    },
    resources: toWire(
      EXECUTOR_RESOURCES.map((entry) => ({ ...entry, allocatedTo: role })),
      'refined',
    ),
    name: executorName(info),
    source: taskId,
    ...(info.labels === undefined ? {} : { labels: info.labels }),
    ...(info.discovery === undefined ? {} : { discovery: info.discovery }),
  }
}
