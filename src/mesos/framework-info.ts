import type { Resources } from '../core/resources.ts'
import type { Constraint } from '../core/template.ts'
import type { WireFrameworkInfo, WireOfferConstraints, WireOfferFilters } from './protocol.ts'

export interface Framework {
  readonly user: string
  readonly name: string
  readonly roles: readonly string[]
  /** Tasks are killed this long after the framework went away. */
  readonly failoverTimeoutSeconds: number
  /** Must be the authenticated one; `undefined`: the master fills it in. */
  readonly principal: string | undefined
  /** Shown in Mesos' UI. */
  readonly hostname: string | undefined
  readonly webuiUrl: string | undefined
}

/** What templates call for: agents with GPUs, hosts of other regions, hosts of a kind. */
export interface Wants {
  readonly gpus: boolean
  readonly regions: boolean
  /** What each template asks of hosts [nothing: every offer is of use]. */
  readonly needs?: readonly HostNeed[]
}

/** What a template asks of hosts, as far as a master can be told. */
export interface HostNeed {
  readonly role: string
  readonly constraints: readonly Constraint[]
  /** Of its smallest agent. */
  readonly least: Resources
}

/** What the master is told beside who the framework is: what it can be offered, and which offers are of use. */
export interface Terms {
  readonly capabilities: readonly string[]
  /** Since Mesos 1.9; others pass over it. */
  readonly filters: WireOfferFilters | undefined
  /** Since Mesos 1.11; others pass over it. */
  readonly constraints: WireOfferConstraints | undefined
}

const ALWAYS = ['MULTI_ROLE', 'PARTITION_AWARE', 'TASK_KILLING_STATE', 'RESERVATION_REFINEMENT']

/**
 * With GPU_RESOURCES hosts that have GPUs are offered too, and would be filled with agents that need none; with
 * REGION_AWARE hosts far away. So both are asked for only while they are wanted.
 */
export function capabilitiesOf({ gpus, regions }: Wants): readonly string[] {
  return [...ALWAYS, ...(gpus ? ['GPU_RESOURCES'] : []), ...(regions ? ['REGION_AWARE'] : [])]
}

export function toFrameworkInfo(
  framework: Framework,
  frameworkId: string | undefined,
  { capabilities, filters }: Pick<Terms, 'capabilities' | 'filters'>,
): WireFrameworkInfo {
  return {
    user: framework.user,
    name: framework.name,
    ...(frameworkId !== undefined && { id: { value: frameworkId } }),
    roles: framework.roles,
    capabilities: capabilities.map((type) => ({ type })),
    checkpoint: true,
    failover_timeout: framework.failoverTimeoutSeconds,
    ...(framework.principal !== undefined && { principal: framework.principal }),
    ...(framework.hostname !== undefined && { hostname: framework.hostname }),
    ...(framework.webuiUrl !== undefined && { webui_url: framework.webuiUrl }),
    ...(filters !== undefined && { offer_filters: filters }),
  }
}
