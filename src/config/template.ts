import { createHash } from 'node:crypto'
import type {
  Constraint,
  ConstraintOperator,
  Container,
  Launch,
  LaunchUri,
  Schedule,
  Template,
  TemplateName,
  Volume,
} from '../core/model.ts'
import { type Resources, toMilli } from '../core/resources.ts'
import type { TemplateInput } from './template-schema.ts'

/** What is not said in a template. The amounts are those of the Mesos plugin. */
export const DEFAULTS = {
  executors: { min: 1, max: 2 },
  cpus: { agent: 0.1, perExecutor: 0.1 },
  memMib: { agent: 512, perExecutor: 128, factor: 1.1 },
  diskMib: 0,
  ports: 0,
  priority: 0,
  affinity: true,
  maxBuildSeconds: 3600,
  coolDownSeconds: 0,
  idleTimeoutSeconds: 180,
  maxAgents: 10,
  minIdle: 0,
  connectTimeoutSeconds: 300,
  /** An image may have to be pulled first. */
  connectTimeoutWithImageSeconds: 600,
  reconnectTimeoutSeconds: 300,
  unreachableTimeoutSeconds: 900,
  command: 'java {jvmArgs} -jar {jar} {connection}',
  /** The plugin's without `-XX:+UseConcMarkSweepGC`, with which Java does not start from version 14 on. */
  jvmArgs: ['-Xms16m', '-Djava.net.preferIPv4Stack=true'],
  remoteFs: 'jenkins',
  killGraceSeconds: 30,
} as const

/** The agent program of the embedded Jenkins is written for node, which takes modules by their ending only. */
const DEMO_COMMAND = `sh -c 'cp "$0" agent.mjs && exec node agent.mjs "$@"' {jar} {connection}`

/** With Jenkins embedded and no template given: starts in a moment, goes soon, and is small. */
export const DEMO_TEMPLATE: TemplateInput = {
  labels: ['mesos'],
  cpus: { agent: 0.1, perExecutor: 0.2 },
  memMib: { agent: 64, perExecutor: 64, factor: 1 },
  idleTimeoutSeconds: 30,
  connectTimeoutSeconds: 60,
  killGraceSeconds: 5,
}

/** What a template takes from the rest of the configuration. */
export interface Surroundings {
  /** The first of MESOS_ROLES. */
  readonly role: string
  /** CONNECT_TIMEOUT_SECONDS. */
  readonly connectTimeoutSeconds: number | undefined
  readonly jenkinsEmbedded: boolean
}

/** The core's template: in thousandths and milliseconds, with every default filled in. */
export function toTemplate(name: string, input: TemplateInput, around: Surroundings): Template {
  const content: Omit<Template, 'name' | 'revision'> = {
    labels: [...new Set(input.labels === undefined ? [name] : wordsOf(input.labels, /[\s,]+/))],
    mode: input.mode ?? 'NORMAL',
    isDefault: input.defaultTemplate ?? false,
    priority: input.priority ?? DEFAULTS.priority,
    role: input.role ?? around.role,
    executors: executorsOf(input),
    cpus: {
      agent: toMilli(input.cpus?.agent ?? DEFAULTS.cpus.agent),
      perExecutor: toMilli(input.cpus?.perExecutor ?? DEFAULTS.cpus.perExecutor),
    },
    memMib: { ...DEFAULTS.memMib, ...input.memMib },
    diskMib: input.diskMib ?? DEFAULTS.diskMib,
    scalars: scalarsOf(input),
    ports: input.ports ?? DEFAULTS.ports,
    regions: input.regions ?? 'home',
    constraints: constraintsOf(input),
    packing: input.packing ?? 'binpack',
    affinity: input.affinity ?? DEFAULTS.affinity,
    maxBuildMs: 1000 * (input.maxBuildSeconds ?? DEFAULTS.maxBuildSeconds),
    idleTimeoutMs:
      input.keepIdle === true
        ? Number.POSITIVE_INFINITY
        : 1000 * (input.idleTimeoutSeconds ?? DEFAULTS.idleTimeoutSeconds),
    maxAgents: input.maxAgents ?? DEFAULTS.maxAgents,
    maxCpus: input.maxCpus === undefined ? undefined : toMilli(input.maxCpus),
    maxMem: input.maxMemMib === undefined ? undefined : toMilli(input.maxMemMib),
    minIdle: input.minIdle ?? DEFAULTS.minIdle,
    headroom: input.headroom === undefined ? undefined : { limit: undefined, ...input.headroom },
    schedules: (input.schedules ?? []).map(toSchedule),
    coolDownMs: 1000 * (input.coolDownSeconds ?? DEFAULTS.coolDownSeconds),
    connectTimeoutMs: 1000 * connectTimeoutSeconds(input, around),
    reconnectTimeoutMs: 1000 * (input.reconnectTimeoutSeconds ?? DEFAULTS.reconnectTimeoutSeconds),
    unreachableTimeoutMs: 1000 * (input.unreachableTimeoutSeconds ?? DEFAULTS.unreachableTimeoutSeconds),
    oneShot: input.oneShot ?? false,
    maxBuilds: input.maxBuilds,
    maxAgeMs: input.maxAgeSeconds === undefined ? undefined : 1000 * input.maxAgeSeconds,
    reapOrder: input.reapOrder ?? 'oldest',
    rescheduleLostBuilds: input.rescheduleLostBuilds ?? false,
    nodeProperties: {
      environment: textsOf(input.nodeProperties?.environment),
      toolLocations: input.nodeProperties?.toolLocations ?? [],
    },
    launch: toLaunch(input, around),
  }
  return { name: name as TemplateName, revision: revisionOf(content), ...content }
}

function toLaunch(input: TemplateInput, around: Surroundings): Launch {
  return {
    connection: input.connection ?? 'auto',
    commandStyle: input.commandStyle ?? 'linux',
    command: input.agentCommand ?? (around.jenkinsEmbedded ? DEMO_COMMAND : DEFAULTS.command),
    jvmArgs: input.jvmArgs === undefined ? DEFAULTS.jvmArgs : wordsOf(input.jvmArgs, /\s+/),
    preflight: input.preflight ?? (input.agentCommand === undefined && !around.jenkinsEmbedded),
    agentArgs: input.agentArgs === undefined ? [] : wordsOf(input.agentArgs, /\s+/),
    heapMib: input.heapMib ?? input.memMib?.agent ?? DEFAULTS.memMib.agent,
    remoteFs: input.remoteFs ?? DEFAULTS.remoteFs,
    user: input.user,
    environment: textsOf(input.environment),
    uris: (input.uris ?? []).map(toUri),
    killGraceSeconds: input.killGraceSeconds ?? DEFAULTS.killGraceSeconds,
    secretVia: input.secretVia ?? 'uri',
    container: input.container === undefined ? undefined : toContainer(input.container),
  }
}

function textsOf(input: TemplateInput['environment'] = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, String(value)]))
}

/** Attributes that a host must have are constraints, too. */
function constraintsOf({ attributes = {}, constraints = [] }: TemplateInput): readonly Constraint[] {
  const pairs =
    typeof attributes === 'string'
      ? wordsOf(attributes, /\s*,\s*/).map((pair): [string, string] => [
          pair.split(':')[0] ?? '',
          pair.slice(pair.indexOf(':') + 1),
        ])
      : Object.entries(attributes)
  return [
    ...pairs.map(([field, value]) => ({ field, operator: 'IS' as const, value: String(value) })),
    ...constraints.map(([field, operator, value]) => ({
      field: String(field),
      operator: String(operator) as ConstraintOperator,
      value: value === undefined ? undefined : String(value),
    })),
  ]
}

function toSchedule(input: NonNullable<TemplateInput['schedules']>[number]): Schedule {
  return {
    cron: input.cron,
    timezone: input.timezone ?? 'UTC',
    durationMs: input.durationMinutes === undefined ? undefined : 60_000 * input.durationMinutes,
    minIdle: input.minIdle,
    maxAgents: input.maxAgents,
    idleTimeoutMs: input.idleTimeoutSeconds === undefined ? undefined : 1000 * input.idleTimeoutSeconds,
  }
}

function scalarsOf({ gpus = 0, scalars = {} }: TemplateInput): Resources {
  const named = Object.entries(scalars).map(([name, value]) => [name, toMilli(value)] as const)
  return Object.fromEntries(gpus > 0 ? [['gpus', toMilli(gpus)], ...named] : named)
}

function executorsOf({ executors, oneShot = false }: TemplateInput): { min: number; max: number } {
  if (typeof executors === 'number') return { min: executors, max: executors }
  if (executors === undefined) return oneShot ? { min: 1, max: 1 } : DEFAULTS.executors
  const min = executors.min ?? DEFAULTS.executors.min
  return { min, max: executors.max ?? Math.max(min, oneShot ? 1 : DEFAULTS.executors.max) }
}

function connectTimeoutSeconds(input: TemplateInput, around: Surroundings): number {
  const byKind =
    input.container === undefined ? DEFAULTS.connectTimeoutSeconds : DEFAULTS.connectTimeoutWithImageSeconds
  return input.connectTimeoutSeconds ?? around.connectTimeoutSeconds ?? byKind
}

function toUri(input: NonNullable<TemplateInput['uris']>[number]): LaunchUri {
  const uri = typeof input === 'string' ? { value: input } : input
  return {
    value: uri.value,
    extract: uri.extract ?? false,
    executable: uri.executable ?? false,
    cache: uri.cache ?? false,
    outputFile: uri.outputFile,
  }
}

function toContainer(input: NonNullable<TemplateInput['container']>): Container {
  const type = input.type ?? 'DOCKER'
  return {
    type,
    image: input.image,
    forcePull: input.forcePull ?? false,
    privileged: input.privileged ?? false,
    // A bridge of Docker is always there; for the Mesos containerizer it would have to be set up as a CNI network.
    network: input.network ?? (type === 'DOCKER' ? 'BRIDGE' : 'HOST'),
    dockerInDocker: input.dockerInDocker ?? false,
    customImages: input.customImages ?? false,
    networkNames: input.networkNames ?? [],
    portMappings: (input.portMappings ?? []).map(({ containerPort, hostPort = 0, protocol = 'tcp' }) => ({
      containerPort,
      hostPort,
      protocol,
    })),
    parameters: input.parameters ?? [],
    volumes: (input.volumes ?? []).map(toVolume),
    entrypoint: input.entrypoint ?? 'replace',
    shell: input.shell,
    registryAuth:
      input.registryAuthSecret === undefined ? undefined : { kind: 'reference', name: input.registryAuthSecret },
  }
}

function toVolume(input: NonNullable<NonNullable<TemplateInput['container']>['volumes']>[number]): Volume {
  const { containerPath, readOnly = false } = input
  const common = { containerPath, readOnly }
  if (input.driver !== undefined) {
    return { ...common, kind: 'docker', driver: input.driver, name: input.name ?? '', options: input.options ?? {} }
  }
  if (input.image !== undefined) return { ...common, kind: 'image', image: input.image }
  if (input.hostPath !== undefined && input.hostPath !== '') {
    return { ...common, kind: 'host', hostPath: input.hostPath }
  }
  return { ...common, kind: 'sandbox', path: input.sandboxPath ?? containerPath.replaceAll('/', '_') }
}

function wordsOf(input: string | readonly string[], between: RegExp): readonly string[] {
  return typeof input === 'string' ? input.split(between).filter((word) => word !== '') : input
}

/** Equal content has an equal revision, whatever the order in which it was written. */
function revisionOf(content: unknown): string {
  return createHash('sha256').update(canonical(content)).digest('hex').slice(0, 12)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`
}
