import type { Container, Launch, PortMapping } from './launch.ts'
import type { Mode, TemplateName } from './model.ts'
import type { Resources } from './resources.ts'

/** A recipe for agents. Comes from configuration; a reload makes new values, never changes one. */
export interface Template {
  readonly name: TemplateName
  /** Changes whenever anything in the template changes; agents keep the revision that made them. */
  readonly revision: string
  /** Jenkins labels that an agent of this template carries. */
  readonly labels: readonly string[]
  readonly mode: Mode
  /** Jobs without a label go to this template before any other in NORMAL mode. At most one template has it. */
  readonly isDefault: boolean
  /** The highest is chosen first for an item, and served first where there is not enough for all. */
  readonly priority: number
  /** The one Mesos role whose offers this template takes. */
  readonly role: string
  /** Executors of one agent: `max(min, min(excess, max))`. */
  readonly executors: { readonly min: number; readonly max: number }
  /** Given to an agent of `n` executors: `agent + n * perExecutor`, see `resourcesOf`. Thousandths. */
  readonly cpus: { readonly agent: number; readonly perExecutor: number }
  /** MiB and a factor for what the JVM takes beside its heap: `ceil((agent + n * perExecutor) * factor)` MiB. */
  readonly memMib: { readonly agent: number; readonly perExecutor: number; readonly factor: number }
  readonly diskMib: number
  /** Of one agent, beside CPU, memory and disk: `gpus` and what operators named. Thousandths. */
  readonly scalars: Resources
  /** Host ports of one agent. */
  readonly ports: number
  /** Hosts of which regions it uses: the master's own, any, or the master's own and those named. */
  readonly regions: 'home' | 'any' | readonly string[]
  /** All of them must hold on a host. */
  readonly constraints: readonly Constraint[]
  readonly packing: 'binpack' | 'spread'
  /** Hosts where the last agent of a waiting job ran come first. */
  readonly affinity: boolean
  /** No agent starts on a host that goes into maintenance within this time. */
  readonly maxBuildMs: number
  /** `Number.POSITIVE_INFINITY`: an idle agent never goes. */
  readonly idleTimeoutMs: number
  /** Most agents of this template that may exist at once. */
  readonly maxAgents: number
  /** Thousandths of a CPU that they may have together; `undefined` is no limit. */
  readonly maxCpus: number | undefined
  /** Thousandths of a MiB. */
  readonly maxMem: number | undefined
  /** Warm pool: idle executors kept although nothing waits. */
  readonly minIdle: number
  /** More of them while executors are busy: `factor` for each busy one, `limit` in all; `minIdle` is the least. */
  readonly headroom: { readonly factor: number; readonly limit: number | undefined } | undefined
  /**
   * Other values at times. In the planner's templates the one that holds is applied already; they are kept here for
   * people.
   */
  readonly schedules: readonly Schedule[]
  /** Names the schedule whose values are applied; `undefined`: none holds. */
  readonly scheduled?: string | undefined
  /** No idle agent goes so soon after one of this template was last launched. */
  readonly coolDownMs: number
  /** The node must be online this long after the launch, else the launch has failed. */
  readonly connectTimeoutMs: number
  /** An idle agent that is offline this long is reaped. */
  readonly reconnectTimeoutMs: number
  /** An unreachable agent is given up after this long. */
  readonly unreachableTimeoutMs: number
  /** One build an agent: drained as soon as its first build is seen. Means one executor. */
  readonly oneShot: boolean
  /** An agent is drained when it has had so many builds. */
  readonly maxBuilds: number | undefined
  /** An agent is drained when it was online for so long. */
  readonly maxAgeMs: number | undefined
  /** Which of several idle agents goes first. */
  readonly reapOrder: 'oldest' | 'newest' | 'emptiestHost'
  /** Builds that were lost with their host are started again. */
  readonly rescheduleLostBuilds: boolean
  readonly nodeProperties: NodeProperties
  readonly launch: Launch
}

/** Marathon's operators. */
export type ConstraintOperator = 'UNIQUE' | 'CLUSTER' | 'GROUP_BY' | 'LIKE' | 'UNLIKE' | 'MAX_PER' | 'IS'

/** One rule on hosts: `field` is the name of an attribute, `hostname`, `@region` or `@zone`. */
export interface Constraint {
  readonly field: string
  readonly operator: ConstraintOperator
  /** As written; `undefined` where the operator takes none. */
  readonly value: string | undefined
}

/** From when on other values hold in place of the template's. What is left out stays. */
export interface Schedule {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string
  /** IANA name, such as `Europe/Berlin`. */
  readonly timezone: string
  /** `undefined`: until another schedule of the template begins. */
  readonly durationMs: number | undefined
  readonly minIdle: number | undefined
  readonly maxAgents: number | undefined
  readonly idleTimeoutMs: number | undefined
}

/** Set on the node in Jenkins. */
export interface NodeProperties {
  readonly environment: Readonly<Record<string, string>>
  readonly toolLocations: readonly { readonly type: string; readonly name: string; readonly home: string }[]
}

/**
 * What an agent of this template with so many executors is given. The Mesos plugin's formula:
 * CPU `agent + n * perExecutor`; memory the same times its factor, in whole MiB, rounded up.
 */
export function resourcesOf(template: Template, executors: number): Resources {
  const { cpus, memMib, diskMib, scalars } = template
  const ports = portCount(template)
  const mem = Math.ceil(round6((memMib.agent + executors * memMib.perExecutor) * memMib.factor))
  const resources: Record<string, number> = {
    ...scalars,
    cpus: cpus.agent + executors * cpus.perExecutor,
    mem: mem * 1000,
  }
  if (diskMib > 0) resources['disk'] = Math.round(diskMib * 1000)
  if (ports > 0) resources['ports'] = ports * 1000
  return resources
}

const NONE: readonly never[] = []

/** Ports of the container that Mesos makes reachable on the host. Where it has the host's own network there are none. */
export function mappingsOf(container: Container | undefined): readonly PortMapping[] {
  return container !== undefined && isApart(container) ? container.portMappings : NONE
}

/** It has a network of its own, in which nobody reaches it but by ports of the host. */
export function isApart({ type, network, networkNames }: Container): boolean {
  return type === 'DOCKER' ? network === 'BRIDGE' || network === 'USER' : networkNames.length > 0
}

/** Host ports that its agents must have by number. */
export function fixedPorts({ launch }: Pick<Template, 'launch'>): readonly number[] {
  const mappings = mappingsOf(launch.container)
  if (mappings.length === 0) return NONE
  return [...new Set(mappings.map(({ hostPort }) => hostPort).filter((port) => port !== 0))]
}

/** Host ports of one agent: those that it is just given, those that are mapped, and one for all that are fixed to it. */
function portCount(template: Template): number {
  const open = mappingsOf(template.launch.container).filter(({ hostPort }) => hostPort === 0)
  return template.ports + open.length + fixedPorts(template).length
}

/** 640 * 1.1 is 704.0000000000001 in binary: cut the noise before rounding up. */
function round6(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

/** Executors of one agent that is to serve so many items: `max(min, min(excess, max))`. */
export function executorsFor(template: Template, excess: number): number {
  return Math.max(template.executors.min, Math.min(excess, template.executors.max))
}
