import type { Ended, Entry } from './entry.ts'
import { conditionOf, type Instance, isOver, isWell, type Task } from './instance.ts'
import type { PodContainer, PodDefinition } from './pod-schema.ts'
import { amountsOf } from './spec.ts'

/** PodStatus of `/v2/pods/ID::status`. */
export function podStatus(entry: Entry, now: number): object {
  const { spec, instances, target, current } = entry
  const isStable = current.length === target && current.every(isWell)
  return {
    id: spec.id,
    spec: spec.definition,
    status: target === 0 && instances.length === 0 ? 'TERMINAL' : isStable ? 'STABLE' : 'DEGRADED',
    statusSince: iso(
      Math.max(Date.parse(spec.version), ...instances.flatMap(({ tasks }) => tasks.map(({ since }) => since))),
    ),
    instances: instances.map(instanceStatus),
    terminationHistory: entry.ended.map(terminated).reverse(),
    lastUpdated: iso(now),
    lastChanged: iso(Math.max(Date.parse(spec.version), ...instances.map(({ launchedAt }) => launchedAt))),
  }
}

function instanceStatus(instance: Instance): object {
  const { id, spec, tasks, host, mesosAgentId, ports } = instance
  const containers = (spec.definition as PodDefinition).containers
  let next = 0
  return {
    id,
    status: conditionOf(instance),
    statusSince: iso(Math.max(...tasks.map(({ since }) => since))),
    agentHostname: host,
    agentId: mesosAgentId,
    resources: amountsOf(spec),
    networks: [{ addresses: [host] }],
    specReference: `/v2/pods${spec.id}::versions/${spec.version}`,
    containers: containers.map((container, index) => {
      const own = ports.slice(next, next + container.endpoints.length)
      next += own.length
      return containerStatus(container, tasks[index], own)
    }),
  }
}

function containerStatus(
  { name, resources, endpoints }: PodContainer,
  task: Task | undefined,
  ports: readonly number[],
): object {
  const { healthy, isChecked = false } = task ?? {}
  return {
    name,
    status: task?.state,
    statusSince: iso(task?.since ?? 0),
    containerId: task?.taskId,
    resources,
    conditions: isChecked
      ? [
          {
            name: 'healthy',
            value: String(healthy === true),
            lastUpdated: iso(task?.since ?? 0),
            lastChanged: iso(task?.since ?? 0),
          },
        ]
      : [],
    endpoints: endpoints.map((endpoint, index) => ({
      name: endpoint.name,
      allocatedHostPort: ports[index],
      ...(isChecked && healthy !== undefined ? { healthy } : {}),
    })),
    ...(task?.status?.message === undefined ? {} : { message: task.status.message }),
    ...(task !== undefined && isOver(task) ? { termination: termination(task) } : {}),
  }
}

function terminated({ instance, at }: Ended): object {
  return {
    instanceID: instance.id,
    startedAt: iso(instance.launchedAt),
    terminatedAt: iso(at),
    message: instance.isUnwanted ? 'it was to end' : 'it ended by itself, or was killed',
    containers: instance.tasks.map((task) => ({
      containerId: task.taskId,
      lastKnownState: task.state,
      termination: termination(task),
    })),
  }
}

function termination({ status }: Task): object {
  const code = /^Command exited with status (\d+)/.exec(status?.message ?? '')?.[1]
  return {
    ...(code === undefined ? {} : { exitCode: Number(code) }),
    ...(status?.message === undefined ? {} : { message: status.message }),
  }
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}
