import { type Bin, Role } from './bins.ts'
import { hostAttributes } from './host-attributes.ts'
import type { MesosAgentId } from './model.ts'
import { amount, fits } from './resources.ts'
import { type HostOffer, isOpen, type MatchContext, type Need } from './stages.ts'
import { Standings } from './standings.ts'

export interface Packing<N extends Need> {
  readonly placed: readonly { readonly need: N; readonly host: HostOffer }[]
  readonly unplaced: readonly N[]
  /** What those look at who found no place: it counts those that did. */
  readonly after: MatchContext
}

/**
 * Packs the most urgent first, of these the biggest, each onto the fullest host where it fits, so that big holes stay
 * whole for big agents, or where its template says so onto the emptiest. The same input always gives the same packing:
 * ties keep the order in which they came.
 *
 * How big and how full is measured by shares of all that is offered, so that what is scarce counts more.
 */
export function pack<N extends Need>(
  needs: readonly N[],
  hosts: readonly HostOffer[],
  context: MatchContext,
): Packing<N> {
  const standings = (context.standings ?? new Standings()).fork()
  const after = { ...context, standings }
  const roles = new Map<string, Role>()
  for (const host of hosts) {
    const role = roles.get(host.role) ?? new Role(context.agentsOn)
    roles.set(host.role, role)
    role.add(host)
  }
  const placed: { need: N; host: HostOffer }[] = []
  const unplaced: N[] = []
  for (const group of inOrder(needs, roles)) {
    const role = roles.get(group[0].role)
    const find = role === undefined ? () => undefined : finder(group[0], role, after)
    for (const need of nearFirst(group)) {
      const bin = nearest(need, role, after) ?? find(need)
      if (bin === undefined) {
        unplaced.push(need)
        continue
      }
      role?.fill(bin, need)
      if (need.template !== undefined && hasRules(need)) {
        standings.add(need.template, { hostname: bin.host.hostname, attributes: hostAttributes(bin.host) })
      }
      placed.push({ need, host: bin.host })
    }
  }
  return { placed, unplaced, after }
}

type Find = (need: Need) => Bin | undefined

/** Finds places for needs that are all alike. */
function finder(like: Need, role: Role, context: MatchContext): Find {
  // Where others of its kind went may open a host that was passed over; else one that had no room for one has none for
  // the next.
  const again = like.rules?.some(({ constraint }) => constraint.operator === 'GROUP_BY') ?? false
  const mem = amount(like.resources, 'mem')
  const cpus = amount(like.resources, 'cpus')
  const spread = like.packing === 'spread'
  let bins: readonly Bin[] | undefined
  let start = 0
  return (need) => {
    // A host that was filled moves back here, behind all that were passed over.
    if (spread || bins === undefined) bins = spread ? role.emptiestFirst : role.fullestFirst
    for (let at = start; at < bins.length; at++) {
      const bin = bins[at]
      if (bin === undefined || bin.mem < mem || bin.cpus < cpus || !takes(bin, need, context)) continue
      if (!again) start = at
      return bin
    }
    if (!again) start = bins.length
    return undefined
  }
}

function takes(bin: Bin, need: Need, context: MatchContext): boolean {
  return fits(need.resources, bin.free) && !isTaken(bin, need) && isOpen(bin.host, need, context)
}

/** An agent that was placed before has a port that this one must have. */
function isTaken({ ports }: Bin, { hostPorts = [] }: Need): boolean {
  return ports.length > 0 && hostPorts.some((port) => ports.includes(port))
}

function nearest({ near, ...need }: Need, role: Role | undefined, context: MatchContext): Bin | undefined {
  for (const hostname of near ?? []) {
    const bin = role?.byName(hostname)
    if (bin !== undefined && takes(bin, need, context)) return bin
  }
  return undefined
}

/** Who has a favourite host chooses before those who have none. */
function nearFirst<N extends Need>(group: readonly N[]): readonly N[] {
  if (!group.some(({ near }) => near !== undefined && near.length > 0)) return group
  return group.toSorted((a, b) => Number((b.near?.length ?? 0) > 0) - Number((a.near?.length ?? 0) > 0))
}

function hasRules({ rules }: Need): boolean {
  return rules !== undefined && rules.length > 0
}

type Group<N> = readonly [N, ...N[]]

/** Groups that differ in nothing that is asked for, the most urgent first, of these the biggest. */
function inOrder<N extends Need>(needs: readonly N[], roles: ReadonlyMap<string, Role>): readonly Group<N>[] {
  const groups = new Map<string, [N, ...N[]]>()
  for (const need of needs) {
    const { role, regions, maxBuildMs, priority, packing, template, hostPorts } = need
    const resources = Object.entries(need.resources).sort(([a], [b]) => (a < b ? -1 : 1))
    const whose = hasRules(need) ? template : undefined
    const key = JSON.stringify([role, resources, regions, maxBuildMs, priority ?? 0, packing, whose, hostPorts])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [need])
    else group.push(need)
  }
  return [...groups.values()]
    .map((group) => {
      const [{ role, resources, priority = 0 }] = group
      return { group, order: [priority, ...(roles.get(role)?.size(resources) ?? [])] }
    })
    .sort((a, b) => compare(b.order, a.order))
    .map(({ group }) => group)
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}

/** How many agents of ours are on each host, of whatever role and template. */
export function countAgents(
  records: readonly { readonly mesosAgentId: MesosAgentId | undefined }[],
): ReadonlyMap<MesosAgentId, number> {
  const counts = new Map<MesosAgentId, number>()
  for (const { mesosAgentId } of records) {
    if (mesosAgentId !== undefined) counts.set(mesosAgentId, (counts.get(mesosAgentId) ?? 0) + 1)
  }
  return counts
}
