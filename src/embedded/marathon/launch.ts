import type { WireOffer, WireResource } from '../../mesos/protocol.ts'
import { commandOf } from './command.ts'
import { appEnvironment, podEnvironment } from './environment.ts'
import { appHealthCheck, isOfMesos, podHealthCheck } from './health-check.ts'
import type { Instance, Task } from './instance.ts'
import { attributesOf, OfferRest } from './match.ts'
import type { PodContainer } from './pod-schema.ts'
import { type AppSpec, type PodSpec, portsOf, type Spec } from './spec.ts'

export interface Launch {
  readonly instance: Instance
  /** Of ACCEPT. */
  readonly operation: object
}

interface Made {
  readonly now: number
  readonly uuid: string
  readonly chance: () => number
}

/** One instance from an offer that fits. */
export function launch(spec: Spec, offer: WireOffer, made: Made): Launch {
  const rest = new OfferRest(offer)
  const ports =
    rest.takePorts(
      portsOf(spec).map(({ port }) => port),
      made.chance,
    ) ?? []
  const path = spec.id.slice(1).replaceAll('/', '_')
  const instance = {
    id: `${path}.instance-${made.uuid}`,
    spec,
    hostname: offer.hostname,
    host: reachable(offer),
    mesosAgentId: offer.agent_id.value,
    attributes: attributesOf(offer),
    ports,
    launchedAt: made.now,
    isUnwanted: false,
  }
  return spec.kind === 'pod' ? launchPod(spec, instance, rest, offer) : launchApp(spec, instance, rest, offer)
}

/** Names of hosts on loopback are invented. */
function reachable({ hostname, url }: WireOffer): string {
  const ip = url?.address.ip
  return ip?.startsWith('127.') === true ? ip : hostname
}

type Start = Omit<Instance, 'tasks'>

function launchPod(spec: PodSpec, start: Start, rest: OfferRest, offer: WireOffer): Launch {
  const { containers, executorResources } = spec.definition
  const executorId = `instance-${start.id.replace('.instance-', '.')}`
  const tasks: Task[] = []
  const infos = containers.map((container) => {
    const taskId = `${start.id}.${container.name}`
    tasks.push(newTask(container.name, taskId, executorId, container.healthCheck !== undefined, start.launchedAt))
    const variables = podEnvironment(spec, container, start, { taskId, executorId })
    const { killGracePeriodSeconds: grace } = container.lifecycle ?? {}
    const user = container.user ?? spec.definition.user
    const volumes = container.volumeMounts.map((mount) => volumeOf(spec, mount))
    return {
      name: container.name,
      task_id: { value: taskId },
      agent_id: offer.agent_id,
      resources: rest.takeScalars(container.resources) ?? [],
      command: {
        ...commandOf(container.exec?.command),
        ...(user === undefined ? {} : { user }),
        uris: container.artifacts.map(uriOf),
        environment: environmentOf(variables),
      },
      container: { type: 'MESOS', ...(volumes.length === 0 ? {} : { volumes }) },
      ...(grace === undefined ? {} : killPolicy(grace)),
      ...(container.healthCheck === undefined
        ? {}
        : { health_check: podHealthCheck(container.healthCheck, portNamed(spec, start.ports)) }),
    }
  })
  const own = [...(rest.takeScalars({ ...executorResources, gpus: 0 }) ?? []), ...rest.portResources(start.ports)]
  const executor = { executor_id: { value: executorId }, type: 'DEFAULT', name: spec.id, resources: own }
  return {
    instance: { ...start, tasks },
    operation: { type: 'LAUNCH_GROUP', launch_group: { executor, task_group: { tasks: infos } } },
  }
}

function launchApp(spec: AppSpec, start: Start, rest: OfferRest, offer: WireOffer): Launch {
  const app = spec.definition
  const taskId = `${start.id}._app.1`
  const resources: WireResource[] = [
    ...(rest.takeScalars({ cpus: app.cpus, mem: app.mem, disk: app.disk, gpus: app.gpus }) ?? []),
    ...rest.portResources(start.ports),
  ]
  const checked = app.healthChecks.find(isOfMesos)
  const info = {
    name: spec.id.slice(1).split('/').reverse().join('.'),
    task_id: { value: taskId },
    agent_id: offer.agent_id,
    resources,
    command: {
      ...commandOf({ shell: app.cmd, argv: app.args }),
      ...(app.user === undefined ? {} : { user: app.user }),
      uris: app.fetch.map(uriOf),
      environment: environmentOf(appEnvironment(spec, start, taskId)),
    },
    ...(app.taskKillGracePeriodSeconds === undefined ? {} : killPolicy(app.taskKillGracePeriodSeconds)),
    ...(checked === undefined ? {} : { health_check: appHealthCheck(checked, start.ports) }),
  }
  const task = newTask(spec.id, taskId, undefined, app.healthChecks.length > 0, start.launchedAt)
  return { instance: { ...start, tasks: [task] }, operation: { type: 'LAUNCH', launch: { task_infos: [info] } } }
}

function newTask(name: string, taskId: string, executorId: string | undefined, isChecked: boolean, now: number): Task {
  return {
    name,
    taskId,
    executorId,
    isChecked,
    state: 'TASK_STAGING',
    since: now,
    healthy: undefined,
    status: undefined,
  }
}

function portNamed(spec: PodSpec, ports: readonly number[]): (name: string) => number {
  const names = portsOf(spec).map(({ name }) => name)
  return (name) => ports[names.indexOf(name)] ?? 0
}

function environmentOf(variables: Readonly<Record<string, string>>): object {
  return { variables: Object.entries(variables).map(([name, value]) => ({ name, value })) }
}

function uriOf({ uri, extract, executable, cache, destPath }: PodContainer['artifacts'][number]): object {
  return { value: uri, extract, executable, cache, ...(destPath === undefined ? {} : { output_file: destPath }) }
}

function killPolicy(seconds: number): object {
  return { kill_policy: { grace_period: { nanoseconds: Math.round(seconds * 1e9) } } }
}

function volumeOf(spec: PodSpec, { name, mountPath, readOnly }: PodContainer['volumeMounts'][number]): object {
  const host = spec.definition.volumes.find((volume) => volume.name === name)?.host
  return {
    mode: readOnly === true ? 'RO' : 'RW',
    container_path: mountPath,
    ...(host === undefined
      ? { source: { type: 'SANDBOX_PATH', sandbox_path: { type: 'PARENT', path: `volumes/${name}` } } }
      : { host_path: host }),
  }
}
