import type { HttpRequest, HttpResponse } from '../http.ts'
import { type Answers, target } from './answers.ts'
import { type Cluster, type HostRecord, unallocated } from './cluster.ts'
import type { Framework, MasterTask } from './framework.ts'
import { metrics } from './master-metrics.ts'
import { add, type Pool, toWire } from './resources.ts'
import { amounts, attributeValues, BUILD, HOST_CAPABILITIES, reserved, shownTask, unreserved } from './shown.ts'
import { isTerminal } from './task-text.ts'

const DEFAULT_TASKS = 100

/** The master's pages for people and monitoring. `undefined` for a path that is none of them. */
export function masterPage(
  cluster: Cluster,
  answers: Answers,
  request: HttpRequest,
  elected: boolean,
): HttpResponse | undefined {
  const { path, query } = target(request)
  switch (path.replace(/^\/master(?=\/)/, '')) {
    case '/health':
      return answers.empty(200)
    case '/metrics/snapshot':
      return answers.json(request, metrics(cluster, elected))
    case '/state':
    case '/state.json':
      return answers.json(request, masterState(cluster))
    case '/slaves':
      return answers.json(request, {
        slaves: [...cluster.hosts.values()].map((record) => shownHost(cluster, record, true)),
        recovered_slaves: recovered(cluster),
      })
    case '/frameworks':
      return answers.json(request, frameworkLists(cluster))
    case '/tasks':
      return answers.json(request, { tasks: tasksPage(cluster, query) })
    case '/version':
      return answers.json(request, BUILD)
    default:
      return undefined
  }
}

function masterState(cluster: Cluster): unknown {
  const { masterId, address } = cluster
  const pid = `master@${address.ip}:${address.port}`
  const records = [...cluster.hosts.values()]
  return {
    ...BUILD,
    start_time: cluster.startedAt / 1000,
    elected_time: cluster.startedAt / 1000,
    id: masterId,
    pid,
    hostname: address.hostname,
    capabilities: ['AGENT_UPDATE', 'AGENT_DRAINING', 'QUOTA_V2'],
    activated_slaves: records.filter((record) => cluster.active(record)).length,
    deactivated_slaves: records.filter(({ connected, unreachableAt }) => !connected && unreachableAt === undefined)
      .length,
    unreachable_slaves: records.filter(({ unreachableAt }) => unreachableAt !== undefined).length,
    leader: pid,
    leader_info: { id: masterId, pid, port: address.port, hostname: address.hostname },
    slaves: records
      .filter(({ unreachableAt }) => unreachableAt === undefined)
      .map((record) => shownHost(cluster, record, false)),
    recovered_slaves: recovered(cluster),
    ...frameworkLists(cluster),
    orphan_tasks: [],
  }
}

function recovered(cluster: Cluster): unknown[] {
  return [...cluster.recovering].map(([id, hostname]) => ({ id, hostname }))
}

function frameworkLists(cluster: Cluster): Readonly<Record<string, unknown>> {
  return {
    frameworks: [...cluster.frameworks.values()].map((framework) => shownFramework(cluster, framework)),
    completed_frameworks: [...cluster.removed.values()].map((framework) => shownFramework(cluster, framework)),
    unregistered_frameworks: [],
  }
}

function shownHost(cluster: Cluster, record: HostRecord, full: boolean): unknown {
  const { spec, total } = record
  const used = cluster.used(record)
  const offered = cluster.offered(record)
  const byRole = reserved(total)
  const { ip, port } = authority(spec.authority)
  return {
    id: record.id,
    hostname: spec.hostname,
    port,
    attributes: attributeValues(spec),
    pid: `slave(1)@${ip}:${port}`,
    registered_time: record.registeredAt / 1000,
    resources: amounts(total),
    used_resources: amounts(unallocated(used)),
    offered_resources: amounts(unallocated(offered)),
    reserved_resources: Object.fromEntries([...byRole].map(([role, pool]) => [role, amounts(pool)])),
    unreserved_resources: amounts(unreserved(total)),
    active: cluster.active(record) && !record.deactivated,
    deactivated: record.deactivated,
    ...(record.drain === undefined
      ? {}
      : { drain_info: { state: record.drain.state, config: { mark_gone: record.drain.markGone } } }),
    version: BUILD.version,
    capabilities: HOST_CAPABILITIES,
    ...(full
      ? {
          reserved_resources_full: Object.fromEntries([...byRole].map(([role, pool]) => [role, toWire(pool, 'agent')])),
          unreserved_resources_full: toWire(unreserved(total), 'agent'),
          used_resources_full: toWire(used, 'agent'),
          offered_resources_full: toWire(offered, 'agent'),
        }
      : {}),
  }
}

function authority(text: string): { readonly ip: string; readonly port: number } {
  const at = text.lastIndexOf(':')
  return { ip: text.slice(0, at), port: Number(text.slice(at + 1)) }
}

function shownFramework(cluster: Cluster, framework: Framework): unknown {
  const { info } = framework
  const offers = [...cluster.offers.values()].filter((offer) => offer.framework === framework)
  const used = sum([...framework.tasks.values()].filter(({ state }) => !isTerminal(state)))
  const offered = sum(offers)
  return {
    id: framework.id,
    name: info.name,
    used_resources: amounts(used),
    offered_resources: amounts(offered),
    capabilities: [...framework.capabilities],
    hostname: info.hostname ?? '',
    webui_url: info.webui_url ?? '',
    active: framework.connected,
    connected: framework.connected,
    recovered: framework.recovered,
    user: info.user,
    failover_timeout: info.failover_timeout ?? 0,
    checkpoint: info.checkpoint ?? false,
    registered_time: framework.registeredAt / 1000,
    unregistered_time: (framework.unregisteredAt ?? 0) / 1000,
    ...(info.principal === undefined ? {} : { principal: info.principal }),
    ...(framework.reregisteredAt === undefined ? {} : { reregistered_time: framework.reregisteredAt / 1000 }),
    resources: amounts(add(used, offered)),
    ...(framework.multiRole ? { roles: framework.roles } : { role: framework.roles[0] }),
    tasks: [...framework.tasks.values()].map(shownTask),
    unreachable_tasks: [...framework.unreachable.values()].map(shownTask),
    completed_tasks: framework.completed.map(shownTask),
    offers: offers.map(({ id, role, record, resources }) => ({
      id,
      framework_id: framework.id,
      allocation_info: { role },
      slave_id: record.id,
      resources: amounts(unallocated(resources)),
    })),
    executors: [],
    ...(info.labels === undefined ? {} : { labels: info.labels.labels }),
    offer_constraints: {},
  }
}

function sum(parts: readonly { readonly resources: Pool }[]): Pool {
  return unallocated(parts.reduce<Pool>((all, { resources }) => add(all, resources), []))
}

/** Those that run, then those that are over, newest first, 100 unless asked otherwise. */
function tasksPage(cluster: Cluster, query: URLSearchParams): unknown[] {
  const frameworks = [...cluster.frameworks.values(), ...[...cluster.removed.values()].reverse()]
  const wanted = (task: MasterTask): boolean =>
    (query.get('framework_id') ?? task.frameworkId) === task.frameworkId &&
    (query.get('task_id') ?? task.taskId) === task.taskId
  const offset = Number(query.get('offset') ?? 0)
  const limit = Number(query.get('limit') ?? DEFAULT_TASKS)
  return [
    ...frameworks.flatMap(({ tasks, unreachable }) => [...tasks.values(), ...unreachable.values()]),
    ...frameworks.flatMap(({ completed }) => [...completed].reverse()),
  ]
    .filter(wanted)
    .slice(offset, offset + limit)
    .map(shownTask)
}
