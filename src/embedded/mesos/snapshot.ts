import type { Cluster } from './cluster.ts'

export interface MesosSnapshot {
  readonly frameworks: readonly {
    readonly id: string
    readonly name: string
    readonly connected: boolean
    readonly roles: readonly string[]
    readonly suppressedRoles: readonly string[]
    readonly outstandingOffers: number
  }[]
  readonly offers: readonly { readonly id: string; readonly frameworkId: string; readonly hostname: string }[]
  /** Those whose terminal update was not acknowledged yet included. */
  readonly tasks: readonly {
    readonly frameworkId: string
    readonly taskId: string
    readonly hostname: string
    readonly state: string
  }[]
  readonly hosts: readonly {
    readonly hostname: string
    readonly mesosAgentId: string
    readonly attributes: Readonly<Record<string, string>>
    readonly connected: boolean
    readonly unreachable: boolean
  }[]
}

/** What a master knows right now. */
export function snapshotOf(cluster: Cluster): MesosSnapshot {
  const frameworks = [...cluster.frameworks.values()]
  const offers = [...cluster.offers.values()]
  const hostnames = new Map([...cluster.hosts.values()].map(({ id, spec }) => [id, spec.hostname]))
  return {
    frameworks: frameworks.map((framework) => ({
      id: framework.id,
      name: framework.info.name,
      connected: framework.connected,
      roles: framework.roles,
      suppressedRoles: [...framework.suppressed],
      outstandingOffers: offers.filter((offer) => offer.framework === framework).length,
    })),
    offers: offers.map(({ id, framework, record }) => ({
      id,
      frameworkId: framework.id,
      hostname: record.spec.hostname,
    })),
    tasks: frameworks.flatMap(({ tasks, unreachable }) =>
      [...tasks.values(), ...unreachable.values()].map(({ frameworkId, taskId, mesosAgentId, state }) => ({
        frameworkId,
        taskId,
        hostname: hostnames.get(mesosAgentId) ?? '',
        state,
      })),
    ),
    hosts: [...cluster.hosts.values()].map(({ id, spec, connected, unreachableAt }) => ({
      hostname: spec.hostname,
      mesosAgentId: id,
      attributes: spec.attributes ?? {},
      connected,
      unreachable: unreachableAt !== undefined,
    })),
  }
}
