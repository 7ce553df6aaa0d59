import type { WireFrameworkInfo } from './protocol.ts'

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

const CAPABILITIES = ['MULTI_ROLE', 'PARTITION_AWARE', 'TASK_KILLING_STATE', 'RESERVATION_REFINEMENT']

export function toFrameworkInfo(framework: Framework, frameworkId: string | undefined): WireFrameworkInfo {
  return {
    user: framework.user,
    name: framework.name,
    ...(frameworkId !== undefined && { id: { value: frameworkId } }),
    roles: framework.roles,
    capabilities: CAPABILITIES.map((type) => ({ type })),
    checkpoint: true,
    failover_timeout: framework.failoverTimeoutSeconds,
    ...(framework.principal !== undefined && { principal: framework.principal }),
    ...(framework.hostname !== undefined && { hostname: framework.hostname }),
    ...(framework.webuiUrl !== undefined && { webui_url: framework.webuiUrl }),
  }
}
