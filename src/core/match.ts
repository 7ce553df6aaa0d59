import { showConstraint } from './constraints.ts'
import type { Offer, Unavailability } from './offer.ts'
import { plus, show } from './resources.ts'
import { type HostOffer, isRefused, type MatchContext, type Need, refusals } from './stages.ts'

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

const SHOWN_REFUSALS = 3

/** `3 hosts offered; 2: needs mem 1408 MiB, has mem 512 MiB …`: why none of them took it. */
export function explainRefusals(need: Need, hosts: readonly HostOffer[], context: MatchContext): string {
  const ofRole = hosts.filter((host) => host.role === need.role)
  if (ofRole.length === 0) return noOffers(need)
  const refusing = ofRole.filter((host) => isRefused(host, need, context))
  if (refusing.length === 0) return `${count(ofRole.length, 'host')} offered, all taken by agents placed before`
  const shown = refusing.slice(0, SHOWN_REFUSALS).flatMap((host) => refusals(host, need, context).slice(0, 1))
  const more = refusing.length - shown.length
  const words = shown.map((refusal) => refusal.words).join('; ')
  return `${count(ofRole.length, 'host')} offered: ${words}${more > 0 ? `; and ${more} more` : ''}`
}

/** A master that knows what is needed offers nothing else. */
export function noOffers({ role, resources, rules = [] }: Need): string {
  const asked = rules.flatMap(({ constraint, counts }) => (counts ? [] : [showConstraint(constraint)]))
  return `no host has offered resources to role ${role} yet; it needs ${[show(resources), ...asked].join(', ')}`
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
