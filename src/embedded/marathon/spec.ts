import { isDeepStrictEqual } from 'node:util'
import type { AppDefinition } from './app-schema.ts'
import type { PodDefinition } from './pod-schema.ts'

/** A pod or an app as it is stored: with all defaults, and its version. */
export type Spec = PodSpec | AppSpec

interface Stored {
  /** Absolute. */
  readonly id: string
  /** When it was stored, in ISO 8601: the name of this version. */
  readonly version: string
  /** When anything but the number of instances changed: older instances are replaced. */
  readonly configVersion: string
}

export interface PodSpec extends Stored {
  readonly kind: 'pod'
  readonly definition: PodDefinition
}

export interface AppSpec extends Stored {
  readonly kind: 'app'
  readonly definition: AppDefinition
}

export interface Scheduling {
  readonly instances: number
  /** Seconds. */
  readonly backoff: number
  readonly backoffFactor: number
  /** Seconds. */
  readonly maxLaunchDelay: number
  readonly minimumHealthCapacity: number
  readonly maximumOverCapacity: number
  readonly youngestFirst: boolean
  /** Seconds until an instance on an unreachable host is replaced; `undefined`: never. */
  readonly inactiveAfter: number | undefined
  readonly constraints: readonly Constraint[]
}

export interface Constraint {
  readonly field: string
  readonly operator: string
  readonly value: string | undefined
}

export function schedulingOf(spec: Spec): Scheduling {
  if (spec.kind === 'pod') {
    const { scaling, scheduling } = spec.definition
    return {
      instances: scaling.instances,
      ...scheduling.backoff,
      ...scheduling.upgrade,
      youngestFirst: scheduling.killSelection === 'YOUNGEST_FIRST',
      inactiveAfter: inactiveAfter(scheduling.unreachableStrategy),
      constraints: scheduling.placement.constraints.map(({ fieldName, operator, value }) => ({
        field: fieldName,
        operator,
        value,
      })),
    }
  }
  const app = spec.definition
  return {
    instances: app.instances,
    backoff: app.backoffSeconds,
    backoffFactor: app.backoffFactor,
    maxLaunchDelay: app.maxLaunchDelaySeconds,
    ...app.upgradeStrategy,
    youngestFirst: true,
    inactiveAfter: inactiveAfter(app.unreachableStrategy),
    constraints: app.constraints.map(([field = '', operator = '', value]) => ({ field, operator, value })),
  }
}

function inactiveAfter(strategy: PodDefinition['scheduling']['unreachableStrategy']): number | undefined {
  return strategy === 'disabled' ? undefined : (strategy?.inactiveAfterSeconds ?? 0)
}

/** Ports of the host, 0 for any, in the order of the definition. */
export function portsOf(spec: Spec): readonly { readonly name: string | undefined; readonly port: number }[] {
  if (spec.kind === 'pod') {
    const { containers } = spec.definition
    return containers.flatMap(({ endpoints }) => endpoints.map(({ name, hostPort = 0 }) => ({ name, port: hostPort })))
  }
  const { portDefinitions, requirePorts } = spec.definition
  // A port of an app is a service port, and only with requirePorts one of the host.
  return portDefinitions.map(({ name, port }) => ({ name, port: requirePorts ? port : 0 }))
}

export interface Amounts {
  readonly cpus: number
  readonly mem: number
  readonly disk: number
  readonly gpus: number
}

/** One instance in all, its executor included. */
export function amountsOf(spec: Spec): Amounts {
  if (spec.kind === 'app') {
    const { cpus, mem, disk, gpus } = spec.definition
    return { cpus, mem, disk, gpus }
  }
  const { containers, executorResources } = spec.definition
  return containers.reduce<Amounts>(
    (sum, { resources }) => ({
      cpus: sum.cpus + resources.cpus,
      mem: sum.mem + resources.mem,
      disk: sum.disk + resources.disk,
      gpus: sum.gpus + resources.gpus,
    }),
    { ...executorResources, gpus: 0 },
  )
}

/** They differ in nothing but the number of instances. */
export function isSameConfig(one: Spec, other: Spec): boolean {
  return isDeepStrictEqual(config(one), config(other))
}

export function isSame(one: Spec, other: Spec): boolean {
  return isDeepStrictEqual(plain(one.definition), plain(other.definition))
}

function config({ definition }: Spec): unknown {
  const { instances: _instances, scaling: _scaling, ...rest } = definition as Record<string, unknown>
  return plain(rest)
}

/** As it comes back from a file. */
function plain(value: unknown): unknown {
  const { version: _version, ...rest } = JSON.parse(JSON.stringify(value)) as Record<string, unknown>
  return rest
}
