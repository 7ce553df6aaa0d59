import type { WireTaskStatus } from '../../mesos/protocol.ts'
import { attributesOf, type HostSpec } from './host-spec.ts'
import type { ReceivedTask } from './received.ts'
import { type Pool, rangesOf, rangesText, scalar } from './resources.ts'

/** Pieces that the state endpoints of master and hosts share. */
export const BUILD = { version: '1.12.0', git_branch: 'embedded', build_user: '' } as const

export const HOST_CAPABILITIES = [
  'MULTI_ROLE',
  'HIERARCHICAL_ROLE',
  'RESERVATION_REFINEMENT',
  'RESOURCE_PROVIDER',
  'RESIZE_VOLUME',
  'AGENT_OPERATION_FEEDBACK',
  'AGENT_DRAINING',
  'TASK_RESOURCE_LIMITS',
] as const

/** Shown even where there is none. */
const ALWAYS: readonly string[] = ['disk', 'mem', 'gpus', 'cpus']

/** `{ disk, mem, gpus, cpus, ports? }`: amounts of all reservations together. */
export function amounts(pool: Pool): Readonly<Record<string, number | string>> {
  const ports = rangesOf(pool, 'ports')
  return {
    disk: scalar(pool, 'disk') / 1000,
    mem: scalar(pool, 'mem') / 1000,
    gpus: scalar(pool, 'gpus') / 1000,
    cpus: scalar(pool, 'cpus') / 1000,
    ...Object.fromEntries(
      pool
        .filter(({ name, amount }) => amount.kind === 'scalar' && !ALWAYS.includes(name))
        .map(({ name }) => [name, scalar(pool, name) / 1000]),
    ),
    ...(ports.length === 0 ? {} : { ports: rangesText(ports) }),
  }
}

export function unreserved(pool: Pool): Pool {
  return pool.filter(({ reservedFor }) => reservedFor === undefined)
}

/** By role. */
export function reserved(pool: Pool): ReadonlyMap<string, Pool> {
  const byRole = new Map<string, Pool>()
  for (const entry of pool) {
    if (entry.reservedFor !== undefined) {
      byRole.set(entry.reservedFor, [...(byRole.get(entry.reservedFor) ?? []), entry])
    }
  }
  return byRole
}

export function attributeValues(spec: HostSpec): Readonly<Record<string, string | number>> {
  return Object.fromEntries(
    attributesOf(spec).map(({ name, text, scalar: number, ranges }) => [
      name,
      text?.value ?? number?.value ?? rangesText(ranges?.range ?? []),
    ]),
  )
}

/** A task as state endpoints show it: name, labels, discovery and container, never its command. */
export function shownTask(task: {
  readonly frameworkId: string
  readonly mesosAgentId: string
  readonly role: string
  readonly info: ReceivedTask
  readonly executor?: { readonly id: string } | undefined
  readonly state: string
  readonly resources: Pool
  readonly statuses: readonly WireTaskStatus[]
}): unknown {
  const { info } = task
  return {
    id: info.task_id.value,
    name: info.name,
    framework_id: task.frameworkId,
    executor_id: task.executor?.id ?? '',
    slave_id: task.mesosAgentId,
    state: task.state,
    resources: amounts(task.resources),
    role: task.role,
    statuses: task.statuses.map(({ state, timestamp, container_status }) => ({
      state,
      timestamp,
      ...(container_status === undefined
        ? {}
        : {
            container_status: {
              container_id: container_status.container_id,
              network_infos: container_status.network_infos,
            },
          }),
    })),
    ...(info.labels === undefined ? {} : { labels: info.labels.labels }),
    ...(info.discovery === undefined ? {} : { discovery: info.discovery }),
    // Whole, a secret in it included, as Mesos does.
    ...(info.container === undefined ? {} : { container: info.container }),
  }
}
