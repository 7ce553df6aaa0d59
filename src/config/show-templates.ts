import { stringify } from 'yaml'
import type { Container, Launch, LaunchUri, Volume } from '../core/launch.ts'
import { fromMilli, type Resources } from '../core/resources.ts'
import type { Constraint, Schedule, Template } from '../core/template.ts'
import { HIDDEN, hideInText, hideInWords, hideValue, hideValues } from './hide.ts'

/**
 * Templates as a file would have them, every default written out: for people who ask what holds. What may be a secret
 * is hidden, so it is no file to start from.
 */
export function showTemplates(templates: readonly Template[]): string {
  const shown = Object.fromEntries(templates.map((template) => [template.name, showTemplate(template)]))
  return stringify({ templates: shown }, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** In the names and units of the file; what is not set is left out. */
function showTemplate(template: Template): object {
  const { cpus, memMib, scalars, maxCpus, maxMem, maxAgeMs, idleTimeoutMs, nodeProperties } = template
  const forEver = idleTimeoutMs === Number.POSITIVE_INFINITY
  return {
    labels: template.labels,
    mode: template.mode,
    defaultTemplate: template.isDefault,
    priority: template.priority,
    role: template.role,
    executors: template.executors,
    cpus: { agent: fromMilli(cpus.agent), perExecutor: fromMilli(cpus.perExecutor) },
    memMib,
    diskMib: template.diskMib,
    ...showScalars(scalars),
    ports: template.ports,
    regions: template.regions,
    constraints: template.constraints.map(showConstraint),
    packing: template.packing,
    affinity: template.affinity,
    maxBuildSeconds: template.maxBuildMs / 1000,
    ...(forEver ? { keepIdle: true } : { idleTimeoutSeconds: idleTimeoutMs / 1000 }),
    maxAgents: template.maxAgents,
    maxCpus: maxCpus === undefined ? undefined : fromMilli(maxCpus),
    maxMemMib: maxMem === undefined ? undefined : fromMilli(maxMem),
    minIdle: template.minIdle,
    headroom: template.headroom,
    schedules: template.schedules.map(showSchedule),
    coolDownSeconds: template.coolDownMs / 1000,
    connectTimeoutSeconds: template.connectTimeoutMs / 1000,
    reconnectTimeoutSeconds: template.reconnectTimeoutMs / 1000,
    unreachableTimeoutSeconds: template.unreachableTimeoutMs / 1000,
    oneShot: template.oneShot,
    maxBuilds: template.maxBuilds,
    maxAgeSeconds: maxAgeMs === undefined ? undefined : maxAgeMs / 1000,
    reapOrder: template.reapOrder,
    rescheduleLostBuilds: template.rescheduleLostBuilds,
    nodeProperties: { ...nodeProperties, environment: hideValues(nodeProperties.environment) },
    ...showLaunch(template.launch),
  }
}

function showLaunch({ command, container, environment, uris, jvmArgs, agentArgs, ...rest }: Launch): object {
  return {
    ...rest,
    agentCommand: hideInText(command),
    command: undefined,
    jvmArgs: hideInWords(jvmArgs),
    agentArgs: hideInWords(agentArgs),
    environment: hideValues(environment),
    uris: uris.map(showUri),
    container: container && showContainer(container),
  }
}

function showUri({ value, ...rest }: LaunchUri): object {
  return { value: hideInText(value), ...rest }
}

function showContainer({ registryAuth, parameters, volumes, ...rest }: Container): object {
  return {
    ...rest,
    parameters: parameters.map(({ key, value }) => ({ key, value: showParameter(value) })),
    volumes: volumes.map(showVolume),
    ...(registryAuth?.kind === 'value' && { registryAuthFile: HIDDEN }),
    ...(registryAuth?.kind === 'reference' && { registryAuthSecret: registryAuth.name }),
  }
}

/** `NAME=VALUE`, as `--env` takes it, or anything else. */
function showParameter(value: string): string {
  const [name = '', ...rest] = value.split('=')
  return rest.length === 0 ? hideInText(value) : `${name}=${hideValue(name, rest.join('='))}`
}

function showVolume(volume: Volume): object {
  const { kind: _, ...rest } = volume
  return volume.kind === 'docker' ? { ...rest, options: hideValues(volume.options) } : rest
}

function showScalars({ gpus = 0, ...scalars }: Resources): object {
  const named = Object.entries(scalars).map(([name, milli]): [string, number] => [name, fromMilli(milli)])
  return { gpus: fromMilli(gpus), scalars: Object.fromEntries(named) }
}

function showConstraint({ field, operator, value }: Constraint): readonly string[] {
  return value === undefined ? [field, operator] : [field, operator, value]
}

function showSchedule({ durationMs, idleTimeoutMs, ...rest }: Schedule): object {
  return {
    ...rest,
    durationMinutes: durationMs === undefined ? undefined : durationMs / 60_000,
    idleTimeoutSeconds: idleTimeoutMs === undefined ? undefined : idleTimeoutMs / 1000,
  }
}
