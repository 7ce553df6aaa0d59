import type { Instant, MesosAgentId, Offer, OfferId } from './model.ts'
import { amount, fits, minus, plus, type Resources, shortages, showScalar } from './resources.ts'

/** All offers of one host to one role, taken together. */
export interface HostOffer {
  readonly hostname: string
  readonly mesosAgentId: MesosAgentId
  readonly address: string
  readonly role: string
  readonly offers: readonly OfferId[]
  readonly free: Resources
}

/** What must fit somewhere. */
export interface Need {
  readonly role: string
  readonly resources: Resources
}

/** What the stages look at beside the host and the need. */
export interface MatchContext {
  readonly now: Instant
  readonly hostBackoff: Readonly<Record<string, Instant>>
}

/** The answer of one stage. A refusal says why in words that a person can act on. */
export interface Refusal {
  readonly stage: string
  readonly words: string
  /** It may fit later without anybody changing anything: ask again soon. */
  readonly passing: boolean
}

/** One question asked of a host. Stages hold no state and keep no order between hosts. */
export type Stage = (host: HostOffer, need: Need, context: MatchContext) => Refusal | undefined

const enoughResources: Stage = (host, need) => {
  if (fits(need.resources, host.free)) return undefined
  const words = shortages(need.resources, host.free)
    .map(({ name, needed, available }) => `needs ${showScalar(name, needed)}, has ${showScalar(name, available)}`)
    .join('; ')
  return { stage: 'resources', words: `${host.hostname} ${words}`, passing: true }
}

function isAvoided(host: HostOffer, { now, hostBackoff }: MatchContext): boolean {
  return (hostBackoff[host.hostname] ?? 0) > now
}

const notAvoided: Stage = (host, _need, context) => {
  const { now, hostBackoff } = context
  const until = hostBackoff[host.hostname]
  if (until === undefined || !isAvoided(host, context)) return undefined
  const seconds = Math.ceil((until - now) / 1000)
  return {
    stage: 'avoided',
    words: `${host.hostname} is avoided for ${seconds} s more after a failed launch`,
    passing: true,
  }
}

const STAGES: readonly Stage[] = [enoughResources, notAvoided]

/** Every refusal of every stage, not only the first: the whole list is what explains a waiting build. */
export function refusals(host: HostOffer, need: Need, context: MatchContext): readonly Refusal[] {
  return STAGES.flatMap((stage) => stage(host, need, context) ?? [])
}

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
    })
  }
  return [...merged.values()]
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
    if (isAvoided(host, context)) return
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
      next = firstFit(need.resources, ofRole, next)
      const bin = ofRole[next]
      if (bin === undefined) {
        unplaced.push(need)
        continue
      }
      fill(bin, minus(bin.free, need.resources))
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
}

function toBin(host: HostOffer, order: number): Bin {
  const { free } = host
  return { host, order, free, mem: amount(free, 'mem'), cpus: amount(free, 'cpus') }
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
function firstFit(resources: Resources, bins: readonly Bin[], start: number): number {
  const mem = amount(resources, 'mem')
  const cpus = amount(resources, 'cpus')
  for (let at = start; at < bins.length; at++) {
    const bin = bins[at]
    if (bin !== undefined && bin.mem >= mem && bin.cpus >= cpus && fits(resources, bin.free)) return at
  }
  return bins.length
}

/** Groups of equal role and resources, the biggest first. */
function bySize<N extends Need>(needs: readonly N[]): readonly (readonly [N, ...N[]])[] {
  const groups = new Map<string, [N, ...N[]]>()
  for (const need of needs) {
    const key = JSON.stringify([need.role, Object.entries(need.resources).sort(([a], [b]) => (a < b ? -1 : 1))])
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
  const refusing = ofRole.filter((host) => isAvoided(host, context) || !fits(need.resources, host.free))
  if (refusing.length === 0) return `${count(ofRole.length, 'host')} offered, all taken by agents placed before`
  const shown = refusing.slice(0, SHOWN_REFUSALS).flatMap((host) => refusals(host, need, context).slice(0, 1))
  const more = refusing.length - shown.length
  const words = shown.map((refusal) => refusal.words).join('; ')
  return `${count(ofRole.length, 'host')} offered: ${words}${more > 0 ? `; and ${more} more` : ''}`
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
