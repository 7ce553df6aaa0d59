import type { Cluster } from './cluster.ts'
import type { Framework } from './framework.ts'
import { type Pool, scalar } from './resources.ts'
import { isTerminal } from './task-text.ts'

const KINDS = ['cpus', 'mem', 'disk', 'gpus'] as const
const ENDS = ['dropped', 'error', 'failed', 'finished', 'gone', 'gone_by_operator', 'killed', 'lost'] as const
const LIVE = ['staging', 'starting', 'running', 'killing'] as const
const CALLS = ['subscribe', 'teardown', 'accept', 'decline', 'revive', 'suppress', 'kill', 'acknowledge', 'reconcile']
const EVENTS = ['subscribed', 'offers', 'rescind', 'update', 'failure', 'error', 'heartbeat']

/** `/metrics/snapshot` of the master: totals, hosts, frameworks, tasks, offers. */
export function metrics(cluster: Cluster, elected: boolean): Readonly<Record<string, number>> {
  const records = [...cluster.hosts.values()].filter(({ unreachableAt }) => unreachableAt === undefined)
  const frameworks = [...cluster.frameworks.values()]
  const live = frameworks.flatMap(({ tasks }) => [...tasks.values()]).filter(({ state }) => !isTerminal(state))
  const connected = records.filter((record) => record.connected).length
  const subscribed = frameworks.filter((framework) => framework.connected).length
  const totals = KINDS.flatMap((kind): [string, number][] => {
    const total = amount(
      records.map((record) => record.total),
      kind,
    )
    const used = amount(
      live.map(({ resources }) => resources),
      kind,
    )
    return [
      [`master/${kind}_total`, total],
      [`master/${kind}_used`, used],
      [`master/${kind}_percent`, total === 0 ? 0 : used / total],
    ]
  })
  return Object.fromEntries([
    ...totals,
    ['master/elected', Number(elected)],
    ['master/uptime_secs', (cluster.clock.now() - cluster.startedAt) / 1000],
    ['master/outstanding_offers', cluster.offers.size],
    ['master/slaves_active', connected],
    ['master/slaves_connected', connected],
    ['master/slaves_disconnected', records.length - connected],
    ['master/slaves_inactive', records.length - connected],
    ['master/slaves_unreachable', cluster.hosts.size - records.length],
    ['master/slave_registrations', cluster.counts.get('slave_registrations') ?? 0],
    ['master/slave_reregistrations', cluster.counts.get('slave_reregistrations') ?? 0],
    ['master/frameworks_active', subscribed],
    ['master/frameworks_connected', subscribed],
    ['master/frameworks_disconnected', frameworks.length - subscribed],
    ['master/frameworks_inactive', frameworks.length - subscribed],
    ['master/tasks_unreachable', frameworks.reduce((all, { unreachable }) => all + unreachable.size, 0)],
    ...ENDS.map((state) => [`master/tasks_${state}`, cluster.counts.get(`tasks_${state}`) ?? 0] as const),
    ...LIVE.map(
      (state) =>
        [`master/tasks_${state}`, live.filter((task) => task.state === `TASK_${state.toUpperCase()}`).length] as const,
    ),
    ...frameworks.flatMap(frameworkMetrics),
  ])
}

function amount(pools: readonly Pool[], kind: string): number {
  return pools.reduce((sum, pool) => sum + scalar(pool, kind), 0) / 1000
}

function frameworkMetrics(framework: Framework): (readonly [string, number])[] {
  const prefix = `master/frameworks/${encodeURIComponent(framework.info.name)}/${framework.id}`
  const count = (name: string): number => framework.counts.get(name) ?? 0
  const total = (kind: string): number =>
    [...framework.counts].reduce((sum, [name, value]) => (name.startsWith(`${kind}/`) ? sum + value : sum), 0)
  return [
    [`${prefix}/subscribed`, Number(framework.connected)],
    [`${prefix}/calls`, total('calls')],
    ...CALLS.map((call) => [`${prefix}/calls/${call}`, count(`calls/${call}`)] as const),
    [`${prefix}/events`, total('events')],
    ...EVENTS.map((event) => [`${prefix}/events/${event}`, count(`events/${event}`)] as const),
    ...['sent', 'accepted', 'declined', 'rescinded'].map(
      (what) => [`${prefix}/offers/${what}`, count(`offers/${what}`)] as const,
    ),
    [`${prefix}/operations`, total('operations')],
    [`${prefix}/operations/launch`, count('operations/launch')],
    ...framework.roles.map(
      (role) => [`${prefix}/roles/${role}/suppressed`, Number(framework.suppressed.has(role))] as const,
    ),
    ...LIVE.map(
      (state) =>
        [
          `${prefix}/tasks/active/task_${state}`,
          [...framework.tasks.values()].filter((task) => task.state === `TASK_${state.toUpperCase()}`).length,
        ] as const,
    ),
    [`${prefix}/tasks/active/task_unreachable`, framework.unreachable.size],
  ]
}
