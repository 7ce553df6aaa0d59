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

const notAvoided: Stage = (host, _need, { now, hostBackoff }) => {
  const until = hostBackoff[host.hostname]
  if (until === undefined || until <= now) return undefined
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
  const free = new Map(hosts.map((host) => [host, host.free]))
  const placed: { need: N; host: HostOffer }[] = []
  const unplaced: N[] = []
  for (const group of bySize(needs)) {
    const [first] = group
    if (first === undefined) continue
    const candidates = hosts
      .filter((host) => host.role === first.role && notAvoided(host, first, context) === undefined)
      .filter((host) => fits(first.resources, free.get(host) ?? host.free))
      .sort((a, b) => fullness(free.get(a) ?? a.free, free.get(b) ?? b.free))
    let next = 0
    for (const need of group) {
      let host = candidates[next]
      while (host !== undefined && !fits(need.resources, free.get(host) ?? host.free)) host = candidates[++next]
      if (host === undefined) {
        unplaced.push(need)
        continue
      }
      free.set(host, minus(free.get(host) ?? host.free, need.resources))
      placed.push({ need, host })
    }
  }
  return { placed, unplaced }
}

/** Groups of equal role and resources, the biggest first. */
function bySize<N extends Need>(needs: readonly N[]): readonly (readonly N[])[] {
  const groups = new Map<string, N[]>()
  for (const need of needs) {
    const key = JSON.stringify([need.role, Object.entries(need.resources).sort(([a], [b]) => (a < b ? -1 : 1))])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [need])
    else group.push(need)
  }
  return [...groups.values()].sort((a, b) => size(b) - size(a))
}

function size(group: readonly Need[]): number {
  const resources = group[0]?.resources ?? {}
  return amount(resources, 'mem') + amount(resources, 'cpus') / 1e6
}

function fullness(a: Resources, b: Resources): number {
  return amount(a, 'mem') - amount(b, 'mem') || amount(a, 'cpus') - amount(b, 'cpus')
}

/** `3 hosts offered; 2: needs mem 1408 MiB, has mem 512 MiB …`: why none of them took it, the nearest miss first. */
export function explainRefusals(need: Need, hosts: readonly HostOffer[], context: MatchContext): string {
  const ofRole = hosts.filter((host) => host.role === need.role)
  if (ofRole.length === 0) return `no host has offered resources to role ${need.role} yet`
  const reasons = ofRole.flatMap((host) => refusals(host, need, context).slice(0, 1))
  if (reasons.length === 0) return `${count(ofRole.length, 'host')} offered, all taken by agents placed before`
  const shown = reasons
    .slice(0, 3)
    .map(({ words }) => words)
    .join('; ')
  return `${count(ofRole.length, 'host')} offered: ${shown}${reasons.length > 3 ? `; and ${reasons.length - 3} more` : ''}`
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
