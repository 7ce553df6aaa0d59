import { createHash } from 'node:crypto'
import type { Launch, LaunchUri } from '../core/launch.ts'
import type { TemplateName } from '../core/model.ts'
import { type Resources, toMilli } from '../core/resources.ts'
import type { Secret } from '../core/secret.ts'
import type { Schedule, Template } from '../core/template.ts'
import { constraintsOf } from './host-rules.ts'
import { toContainer } from './template-container.ts'
import { DEFAULTS } from './template-defaults.ts'
import type { TemplateInput } from './template-schema.ts'

/** The agent program of the embedded Jenkins is written for node, which takes modules by their ending only. */
export const DEMO_COMMAND = `sh -c 'cp "$0" agent.mjs && exec node agent.mjs "$@"' {jar} {connection}`

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

/**
 * The core's template: in thousandths and milliseconds, with every default filled in.
 * @param auth the content of `container.registryAuthFile`
 */
export function toTemplate(name: string, input: TemplateInput, around: Surroundings, auth?: Secret): Template {
  const content: Omit<Template, 'name' | 'revision'> = {
    labels: [...new Set(input.labels === undefined ? [name] : wordsOf(input.labels, /[\s,]+/))],
    mode: input.mode ?? DEFAULTS.mode,
    isDefault: input.defaultTemplate ?? DEFAULTS.defaultTemplate,
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
    regions: input.regions ?? DEFAULTS.regions,
    constraints: constraintsOf(input),
    packing: input.packing ?? DEFAULTS.packing,
    affinity: input.affinity ?? DEFAULTS.affinity,
    maxBuildMs: 1000 * (input.maxBuildSeconds ?? DEFAULTS.maxBuildSeconds),
    idleTimeoutMs:
      (input.keepIdle ?? DEFAULTS.keepIdle)
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
    oneShot: input.oneShot ?? DEFAULTS.oneShot,
    maxBuilds: input.maxBuilds,
    maxAgeMs: input.maxAgeSeconds === undefined ? undefined : 1000 * input.maxAgeSeconds,
    reapOrder: input.reapOrder ?? DEFAULTS.reapOrder,
    rescheduleLostBuilds: input.rescheduleLostBuilds ?? DEFAULTS.rescheduleLostBuilds,
    nodeProperties: {
      environment: textsOf(input.nodeProperties?.environment),
      toolLocations: input.nodeProperties?.toolLocations ?? [],
    },
    launch: toLaunch(input, around, auth),
  }
  return { name: name as TemplateName, revision: revisionOf({ ...content, auth: auth?.reveal() }), ...content }
}

function toLaunch(input: TemplateInput, around: Surroundings, auth: Secret | undefined): Launch {
  return {
    connection: input.connection ?? DEFAULTS.connection,
    commandStyle: input.commandStyle ?? DEFAULTS.commandStyle,
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
    secretVia: input.secretVia ?? DEFAULTS.secretVia,
    container: input.container === undefined ? undefined : toContainer(input.container, auth),
  }
}

function textsOf(input: TemplateInput['environment'] = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, String(value)]))
}

function toSchedule(input: NonNullable<TemplateInput['schedules']>[number]): Schedule {
  return {
    cron: input.cron,
    timezone: input.timezone ?? DEFAULTS.timezone,
    durationMs: input.durationMinutes === undefined ? undefined : 60_000 * input.durationMinutes,
    minIdle: input.minIdle,
    maxAgents: input.maxAgents,
    idleTimeoutMs: input.idleTimeoutSeconds === undefined ? undefined : 1000 * input.idleTimeoutSeconds,
  }
}

function scalarsOf({ gpus = DEFAULTS.gpus, scalars = {} }: TemplateInput): Resources {
  const named = Object.entries(scalars).map(([name, value]) => [name, toMilli(value)] as const)
  return Object.fromEntries(gpus > 0 ? [['gpus', toMilli(gpus)], ...named] : named)
}

function executorsOf({ executors, oneShot = DEFAULTS.oneShot }: TemplateInput): { min: number; max: number } {
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
    extract: uri.extract ?? DEFAULTS.uri.extract,
    executable: uri.executable ?? DEFAULTS.uri.executable,
    cache: uri.cache ?? DEFAULTS.uri.cache,
    outputFile: uri.outputFile,
  }
}

function wordsOf(input: string | readonly string[], between: RegExp): readonly string[] {
  return typeof input === 'string' ? input.split(between).filter((word) => word !== '') : input
}

/** Equal content has an equal revision, whatever the order in which it was written. A hash tells nothing of secrets. */
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
