import type { PodContainer } from './pod-schema.ts'
import type { AppSpec, PodSpec } from './spec.ts'

/** Where an instance came to be. */
export interface Place {
  readonly host: string
  /** In the order of the definition. */
  readonly ports: readonly number[]
}

type Variables = Readonly<Record<string, string>>

/** What every container of a pod sees beside what Mesos adds: there is no PORT0 in pods. */
export function podEnvironment(
  spec: PodSpec,
  container: PodContainer,
  place: Place,
  ids: { readonly taskId: string; readonly executorId: string },
): Variables {
  const { definition } = spec
  const endpoints = definition.containers.flatMap((each) => each.endpoints)
  return {
    ...texts(definition.environment),
    ...texts(container.environment),
    HOST: place.host,
    MESOS_TASK_ID: ids.taskId,
    MESOS_EXECUTOR_ID: ids.executorId,
    MARATHON_APP_ID: spec.id,
    MARATHON_APP_VERSION: spec.version,
    MARATHON_CONTAINER_ID: container.name,
    MARATHON_CONTAINER_RESOURCE_CPUS: String(container.resources.cpus),
    MARATHON_CONTAINER_RESOURCE_MEM: String(container.resources.mem),
    MARATHON_CONTAINER_RESOURCE_DISK: String(container.resources.disk),
    MARATHON_CONTAINER_RESOURCE_GPUS: String(container.resources.gpus),
    MARATHON_APP_ENFORCE_GROUP_ROLE: 'false',
    ...labels({ ...definition.labels, ...container.labels }),
    ...Object.fromEntries(
      endpoints.flatMap(({ name }, index) => {
        const port = String(place.ports[index])
        // Only host mode is here: what the container sees is the port of the host.
        return ['ENDPOINT', 'EP_HOST', 'EP_CONTAINER'].map((start) => [`${start}_${upper(name)}`, port])
      }),
    ),
  }
}

export function appEnvironment(
  { id, version, definition }: AppSpec,
  { host, ports }: Place,
  taskId: string,
): Variables {
  const { cpus, mem, disk, gpus, portDefinitions } = definition
  const named = portDefinitions.flatMap(({ name, port }, index) => {
    const given = String(ports[index])
    return [
      [`PORT${index}`, given],
      ...(port === 0 ? [] : [[`PORT_${port}`, given]]),
      ...(name === undefined ? [] : [[`PORT_${upper(name)}`, given]]),
    ]
  })
  return {
    ...(ports[0] === undefined ? {} : { PORT: String(ports[0]), PORTS: ports.join(',') }),
    ...(Object.fromEntries(named) as Variables),
    HOST: host,
    MESOS_TASK_ID: taskId,
    MARATHON_APP_ID: id,
    MARATHON_APP_VERSION: version,
    MARATHON_APP_RESOURCE_CPUS: String(cpus),
    MARATHON_APP_RESOURCE_MEM: String(mem),
    MARATHON_APP_RESOURCE_DISK: String(disk),
    MARATHON_APP_RESOURCE_GPUS: String(gpus),
    MARATHON_APP_ENFORCE_GROUP_ROLE: 'false',
    ...labels(definition.labels),
    ...texts(definition.env),
  }
}

function texts(environment: Readonly<Record<string, unknown>> = {}): Variables {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}

function labels(given: Variables): Variables {
  const names = Object.keys(given).filter((name) => /^[A-Za-z0-9_.-]{1,512}$/.test(name))
  return {
    MARATHON_APP_LABELS: names.map(upper).join(' '),
    ...Object.fromEntries(names.map((name) => [`MARATHON_APP_LABEL_${upper(name)}`, given[name] ?? ''])),
  }
}

function upper(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_')
}
