import { hostAttributes } from '../core/host-attributes.ts'
import type { AgentRecord, MesosAgentId } from '../core/model.ts'
import type { KnownHost, Offer } from '../core/offer.ts'
import { amount, minus, plus, type Resources } from '../core/resources.ts'
import { NO_AGENTS, type Sums } from './view-sums.ts'
import type { HostView } from './view-types.ts'
import type { World } from './world.ts'

export interface HostSources {
  readonly world: Pick<World, 'hosts' | 'memory'>
  readonly records: readonly AgentRecord[]
  readonly offers: readonly Offer[]
  /** Of our agents, by host. */
  readonly sums: ReadonlyMap<string, Sums>
}

/** Hosts that run an agent of ours, or have offered something since the subscription began. */
export function hostViews({ world, records, offers, sums }: HostSources): readonly HostView[] {
  const { windows } = world.hosts
  const known = new Map(newestLast(world.hosts.known).map((host) => [host.hostname, host]))
  const given = givenSince(records, known)
  const offered = new Map<string, Resources>()
  for (const { hostname, free } of offers) offered.set(hostname, plus(offered.get(hostname) ?? {}, free))
  const ids = new Map<string, MesosAgentId>()
  for (const { hostname, mesosAgentId } of records) {
    if (hostname !== undefined && mesosAgentId !== undefined) ids.set(hostname, mesosAgentId)
  }
  for (const { hostname, mesosAgentId } of [...known.values(), ...offers]) ids.set(hostname, mesosAgentId)
  const names = new Set([...sums.keys(), ...known.keys(), ...offered.keys()])
  return [...names].sort().map((hostname): HostView => {
    const now = offered.get(hostname) ?? {}
    const host = known.get(hostname)
    const free = host && minus(mostOf(Object.values(host.free)), given.get(hostname) ?? {})
    const id = ids.get(hostname)
    return {
      hostname,
      ...(sums.get(hostname) ?? NO_AGENTS),
      offeredCpus: amount(now, 'cpus') / 1000,
      offeredMemMib: amount(now, 'mem') / 1000,
      avoidedUntil: world.memory.hostBackoff[hostname],
      freeCpus: free && Math.max(0, amount(free, 'cpus')) / 1000,
      freeMemMib: free && Math.max(0, amount(free, 'mem')) / 1000,
      seenAt: host?.seenAt,
      attributes: host === undefined ? {} : hostAttributes(host),
      maintenanceAt: id === undefined ? undefined : windows.get(id)?.startsAt,
    }
  })
}

/** A host that comes back has another id and the same name. */
function newestLast(hosts: readonly KnownHost[]): readonly KnownHost[] {
  return hosts.toSorted((a, b) => a.seenAt - b.seenAt)
}

/** What an offer told as free is so without what was given after it. */
function givenSince(
  records: readonly AgentRecord[],
  known: ReadonlyMap<string, KnownHost>,
): ReadonlyMap<string, Resources> {
  const given = new Map<string, Resources>()
  for (const { hostname, createdAt, resources } of records) {
    if (hostname === undefined || createdAt < (known.get(hostname)?.seenAt ?? Number.POSITIVE_INFINITY)) continue
    given.set(hostname, plus(given.get(hostname) ?? {}, resources))
  }
  return given
}

/** What is not reserved is offered to each role, one after the other: it is there once. */
function mostOf(roles: readonly Resources[]): Resources {
  const most: Record<string, number> = {}
  for (const role of roles)
    for (const name of ['cpus', 'mem']) most[name] = Math.max(most[name] ?? 0, amount(role, name))
  return most
}
