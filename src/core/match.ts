import type { Offer, Unavailability } from './model.ts'
import { amount, fits, minus, plus, type Resources } from './resources.ts'
import { type HostOffer, isOpen, isRefused, type MatchContext, type Need, refusals } from './stages.ts'

/** Offers of one host and role become one. In the order of the offers. */
export function mergeOffers(offers: readonly Offer[]): readonly HostOffer[] {
  const merged = new Map<string, HostOffer>()
  for (const offer of offers) {
    const key = `${offer.mesosAgentId} ${offer.role}`
    const before = merged.get(key)
    merged.set(key, {
      hostname: offer.hostname,
      mesosAgentId: offer.mesosAgentId,
      address: offer.address,
      role: offer.role,
      offers: before === undefined ? [offer.id] : [...before.offers, offer.id],
      free: before === undefined ? offer.free : plus(before.free, offer.free),
      portRanges: [...(before?.portRanges ?? []), ...(offer.portRanges ?? [])],
      attributes: offer.attributes,
      domain: offer.domain,
      unavailability: earlier(before?.unavailability, offer.unavailability),
    })
  }
  return [...merged.values()]
}

function earlier(a: Unavailability | undefined, b: Unavailability | undefined): Unavailability | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.startsAt <= b.startsAt ? a : b
}

export interface Packing<N extends Need> {
  readonly placed: readonly { readonly need: N; readonly host: HostOffer }[]
  readonly unplaced: readonly N[]
}

/**
 * Packs the biggest first, each onto the fullest host where it fits, so that big holes stay whole for big agents.
 * The same input always gives the same packing: ties keep the order in which they came.
 *
 * Needs of the same size go through the hosts once, together.
 */
export function pack<N extends Need>(
  needs: readonly N[],
  hosts: readonly HostOffer[],
  context: MatchContext,
): Packing<N> {
  const bins = new Map<string, Bin[]>()
  hosts.forEach((host, order) => {
    const ofRole = bins.get(host.role)
    if (ofRole === undefined) bins.set(host.role, [toBin(host, order)])
    else ofRole.push(toBin(host, order))
  })
  const placed: { need: N; host: HostOffer }[] = []
  const unplaced: N[] = []
  for (const group of bySize(needs)) {
    const ofRole = bins.get(group[0].role) ?? []
    // Nearly sorted but for what the group before took: that costs one pass.
    ofRole.sort(byFullness)
    let next = 0
    for (const need of group) {
      next = firstFit(need, ofRole, next, context)
      const bin = ofRole[next]
      if (bin === undefined) {
        unplaced.push(need)
        continue
      }
      fill(bin, minus(bin.free, need.resources))
      if ((need.hostPorts?.length ?? 0) > 0) bin.taken = [...bin.taken, ...(need.hostPorts ?? [])]
      placed.push({ need, host: bin.host })
    }
  }
  return { placed, unplaced }
}

/** What is left of a host while it is packed. */
interface Bin {
  readonly host: HostOffer
  /** Among the hosts as they came. */
  readonly order: number
  free: Resources
  /** Of `free`, at hand: most hosts are passed over for one of these. */
  mem: number
  cpus: number
  /** Host ports that were asked for by number. */
  taken: readonly number[]
}

function toBin(host: HostOffer, order: number): Bin {
  const { free } = host
  return { host, order, free, mem: amount(free, 'mem'), cpus: amount(free, 'cpus'), taken: [] }
}

function fill(bin: Bin, free: Resources): void {
  bin.free = free
  bin.mem = amount(free, 'mem')
  bin.cpus = amount(free, 'cpus')
}

/** The fullest first. */
function byFullness(a: Bin, b: Bin): number {
  return a.mem - b.mem || a.cpus - b.cpus || a.order - b.order
}

/** Where the first that fits is, from `start` on; the number of bins where none is. */
function firstFit(need: Need, bins: readonly Bin[], start: number, context: MatchContext): number {
  const { resources, hostPorts = [] } = need
  const mem = amount(resources, 'mem')
  const cpus = amount(resources, 'cpus')
  for (let at = start; at < bins.length; at++) {
    const bin = bins[at]
    if (bin === undefined || bin.mem < mem || bin.cpus < cpus) continue
    if (hostPorts.length > 0 && hostPorts.some((port) => bin.taken.includes(port))) continue
    if (fits(resources, bin.free) && isOpen(bin.host, need, context)) return at
  }
  return bins.length
}

/** Groups that differ in nothing that is asked for, the biggest first. */
function bySize<N extends Need>(needs: readonly N[]): readonly (readonly [N, ...N[]])[] {
  const groups = new Map<string, [N, ...N[]]>()
  for (const need of needs) {
    const { role, regions, maxBuildMs, hostPorts } = need
    const resources = Object.entries(need.resources).sort(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify([role, resources, regions, maxBuildMs, hostPorts])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [need])
    else group.push(need)
  }
  return [...groups.values()].sort((a, b) => size(b) - size(a))
}

function size([first]: readonly [Need, ...Need[]]): number {
  return amount(first.resources, 'mem') + amount(first.resources, 'cpus') / 1e6
}

const SHOWN_REFUSALS = 3

/** `3 hosts offered; 2: needs mem 1408 MiB, has mem 512 MiB …`: why none of them took it. */
export function explainRefusals(need: Need, hosts: readonly HostOffer[], context: MatchContext): string {
  const ofRole = hosts.filter((host) => host.role === need.role)
  if (ofRole.length === 0) return `no host has offered resources to role ${need.role} yet`
  const refusing = ofRole.filter((host) => isRefused(host, need, context))
  if (refusing.length === 0) return `${count(ofRole.length, 'host')} offered, all taken by agents placed before`
  const shown = refusing.slice(0, SHOWN_REFUSALS).flatMap((host) => refusals(host, need, context).slice(0, 1))
  const more = refusing.length - shown.length
  const words = shown.map((refusal) => refusal.words).join('; ')
  return `${count(ofRole.length, 'host')} offered: ${words}${more > 0 ? `; and ${more} more` : ''}`
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
