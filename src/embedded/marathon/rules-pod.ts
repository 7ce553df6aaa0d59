import type { PodContainer, PodDefinition } from './pod-schema.ts'
import { Mistakes } from './refusal.ts'
import { checkConstraint, checkId, checkUnreachable } from './rules-shared.ts'

/**
 * Marathon's rules beyond types, and what the embedded one cannot do.
 * @throws {Refusal} 422, with all mistakes
 */
export function checkPod(pod: PodDefinition): void {
  const mistakes = new Mistakes()
  checkId(mistakes, pod.id)
  checkNetworks(mistakes, pod)
  checkVolumes(mistakes, pod)
  checkSecrets(mistakes, pod)
  const isHost = pod.networks.some(({ mode }) => mode === 'host')
  for (const [index, container] of pod.containers.entries()) {
    checkContainer(mistakes, `/containers(${index})`, container, isHost)
  }
  unique(
    mistakes,
    '/containers',
    'container names',
    pod.containers.map(({ name }) => name),
  )
  const endpoints = pod.containers.flatMap((container) => container.endpoints)
  unique(
    mistakes,
    '/containers',
    'endpoint names',
    endpoints.map(({ name }) => name),
  )
  for (const kind of ['hostPort', 'containerPort'] as const) {
    const ports = endpoints.map((endpoint) => endpoint[kind] ?? 0).filter((port) => port !== 0)
    unique(mistakes, '/containers', `non-zero ${kind}s`, ports)
  }
  const { placement, unreachableStrategy } = pod.scheduling
  for (const [index, { fieldName, operator, value }] of placement.constraints.entries()) {
    checkConstraint(mistakes, `/scheduling/placement/constraints(${index})`, { field: fieldName, operator, value })
  }
  checkUnreachable(mistakes, '/scheduling/unreachableStrategy', unreachableStrategy)
  mistakes.check()
}

function checkContainer(mistakes: Mistakes, at: string, container: PodContainer, isHost: boolean): void {
  const { exec, image, healthCheck: check, endpoints } = container
  if (exec === undefined) {
    const words =
      image === undefined
        ? 'a container without an image needs exec.command'
        : 'the embedded Marathon pulls no images: give the container an exec.command, which then runs on this machine'
    mistakes.add(`${at}/exec`, words)
  } else checkCommand(mistakes, `${at}/exec/command`, exec.command)
  for (const [index, { containerPort }] of endpoints.entries()) {
    const place = `${at}/endpoints(${index})/containerPort`
    if (isHost && containerPort !== undefined) mistakes.add(place, 'may not be defined when using host networking')
  }
  if (check === undefined) return
  const place = `${at}/healthCheck`
  const kinds = [check.http, check.tcp, check.exec].filter((kind) => kind !== undefined)
  if (kinds.length !== 1) mistakes.add(place, 'exactly one of http, tcp and exec must be given')
  if (check.timeoutSeconds >= check.intervalSeconds) {
    mistakes.add(`${place}/timeoutSeconds`, `must be less than intervalSeconds (${check.intervalSeconds})`)
  }
  const endpoint = check.http?.endpoint ?? check.tcp?.endpoint
  if (endpoint !== undefined && !endpoints.some(({ name }) => name === endpoint)) {
    mistakes.add(`${place}/${check.http === undefined ? 'tcp' : 'http'}/endpoint`, 'contains invalid reference')
  }
  if (check.exec !== undefined) checkCommand(mistakes, `${place}/exec/command`, check.exec.command)
}

function checkCommand(mistakes: Mistakes, at: string, { shell, argv }: { shell?: string; argv?: string[] }): void {
  if ((shell === undefined) === (argv === undefined)) mistakes.add(at, 'exactly one of shell and argv must be given')
}

function checkNetworks(mistakes: Mistakes, { networks }: PodDefinition): void {
  const modes = networks.map(({ mode }) => mode)
  if (new Set(modes).size > 1 || (modes.length > 1 && modes[0] !== 'container')) {
    mistakes.add('/networks', 'may have one host network, or one bridge network, or several container networks')
  }
  for (const [index, { mode, name }] of networks.entries()) {
    const place = `/networks(${index})`
    if (mode !== 'host') mistakes.add(`${place}/mode`, 'the embedded Marathon knows only the network of the host')
    else if (name !== undefined) mistakes.add(`${place}/name`, 'may not be given for the network of the host')
  }
  if (networks.length === 0) {
    mistakes.add(
      '/networks',
      'the embedded Marathon needs [{"mode":"host"}]: without, endpoints get ports that nobody knows',
    )
  }
}

function checkVolumes(mistakes: Mistakes, { volumes, containers }: PodDefinition): void {
  unique(
    mistakes,
    '/volumes',
    'volume names',
    volumes.map(({ name }) => name),
  )
  const mounts = containers.flatMap(({ volumeMounts }) => volumeMounts)
  for (const [index, { name, persistent, secret }] of volumes.entries()) {
    const place = `/volumes(${index})`
    if (!mounts.some((mount) => mount.name === name))
      mistakes.add(place, `volume '${name}' is not mounted by any container`)
    if (persistent !== undefined) mistakes.add(`${place}/persistent`, 'the embedded Mesos has no persistent volumes')
    if (secret !== undefined) mistakes.add(`${place}/secret`, NO_SECRETS)
  }
  for (const [index, { volumeMounts }] of containers.entries()) {
    for (const [at, { name, mountPath }] of volumeMounts.entries()) {
      const place = `/containers(${index})/volumeMounts(${at})`
      if (!volumes.some((volume) => volume.name === name))
        mistakes.add(`${place}/name`, `volume '${name}' is not defined`)
      if (mountPath.startsWith('/')) {
        mistakes.add(
          `${place}/mountPath`,
          'the embedded Mesos mounts nothing and makes links in the sandbox: give it a relative path',
        )
      }
    }
  }
}

const NO_SECRETS =
  'Feature secrets is not enabled. Enable with --enable_features secrets (the embedded Marathon cannot)'

function checkSecrets(mistakes: Mistakes, { secrets = {}, environment, containers }: PodDefinition): void {
  if (Object.keys(secrets).length > 0) mistakes.add('/secrets', NO_SECRETS)
  const places = [
    ['/environment', environment] as const,
    ...containers.map((container, index) => [`/containers(${index})/environment`, container.environment] as const),
  ]
  for (const [place, variables = {}] of places) {
    for (const [name, value] of Object.entries(variables)) {
      if (typeof value !== 'string') mistakes.add(`${place}/${name}`, NO_SECRETS)
    }
  }
}

function unique(mistakes: Mistakes, at: string, what: string, values: readonly (string | number)[]): void {
  const twice = values.filter((value, index) => values.indexOf(value) < index)
  if (twice.length > 0) mistakes.add(at, `${what} must be unique: ${[...new Set(twice)].join(', ')}`)
}
