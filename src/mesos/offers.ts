import type { Instant, MesosAgentId, OfferId } from '../core/model.ts'
import type { Attribute, FaultDomain, InverseOffer, Offer, Unavailability } from '../core/offer.ts'
import { toMilli } from '../core/resources.ts'
import { MesosError } from './errors.ts'
import type {
  WireAttribute,
  WireDomain,
  WireInverseOffer,
  WireOffer,
  WireRange,
  WireResource,
  WireUnavailability,
} from './protocol.ts'

/** Where a Mesos agent listens unless it was told otherwise. */
const AGENT_PORT = 5051
const UNRESERVED = '*'

/** The offers that are out, as they came, until they are answered, rescinded or void. */
export class OfferBook {
  readonly #offers = new Map<OfferId, WireOffer>()

  add(offers: readonly WireOffer[]): void {
    for (const offer of offers) this.#offers.set(offer.id.value as OfferId, offer)
  }

  remove(id: OfferId): void {
    this.#offers.delete(id)
  }

  clear(): void {
    this.#offers.clear()
  }

  /** Takes those that are still there. */
  takePresent(ids: readonly OfferId[]): readonly WireOffer[] {
    const present = ids.flatMap((id) => this.#offers.get(id) ?? [])
    for (const offer of present) this.#offers.delete(offer.id.value as OfferId)
    return present
  }

  /** @throws MesosError MESOS_OFFER_GONE, taking none, where one of them is not there */
  takeAll(ids: readonly OfferId[]): readonly WireOffer[] {
    const gone = ids.filter((id) => !this.#offers.has(id))
    if (ids.length === 0 || gone.length > 0) {
      throw new MesosError(
        'MESOS_OFFER_GONE',
        ids.length === 0 ? 'ACCEPT without an offer' : `offer ${gone.join(', ')} is gone; take another one`,
      )
    }
    return this.takePresent(ids)
  }
}

export function roleOf(offer: WireOffer): string {
  return offer.allocation_info?.role ?? UNRESERVED
}

/** The offer as the planner sees it. */
export function toOffer(offer: WireOffer, receivedAt: Instant): Offer {
  return {
    id: offer.id.value as OfferId,
    mesosAgentId: offer.agent_id.value as MesosAgentId,
    hostname: offer.hostname,
    address: toAddress(offer),
    role: roleOf(offer),
    ...totals(usableResources(offer)),
    attributes: (offer.attributes ?? []).map(toAttribute),
    domain: toDomain(offer.domain),
    unavailability: offer.unavailability && toUnavailability(offer.unavailability),
    receivedAt,
  }
}

export function toDomain(domain: WireDomain | undefined): FaultDomain | undefined {
  const fault = domain?.fault_domain
  return fault && { region: fault.region.name, zone: fault.zone.name }
}

/** Divided at once: the nanoseconds are not exact in a number, the milliseconds are near enough. */
function toUnavailability({ start, duration }: WireUnavailability): Unavailability {
  const startsAt = Math.round(start.nanoseconds / 1e6)
  return { startsAt, endsAt: duration === undefined ? undefined : startsAt + Math.round(duration.nanoseconds / 1e6) }
}

/** One that names no host asks nothing that could be answered. */
export function toInverseOffers(offers: readonly WireInverseOffer[]): readonly InverseOffer[] {
  return offers.flatMap(({ id, agent_id: agentId, unavailability }) =>
    agentId === undefined
      ? []
      : [
          {
            id: id.value as OfferId,
            mesosAgentId: agentId.value as MesosAgentId,
            unavailability: toUnavailability(unavailability),
          },
        ],
  )
}

/** A scalar, or a range of host ports, that a task may have: unreserved, or reserved to its role or one above it. */
export interface UsableResource {
  readonly resource: WireResource
  /** Thousandths; of ports, a thousand each. */
  readonly milli: number
  /** 0: unreserved; larger: more closely reserved. */
  readonly reserved: number
}

export function usableResources(offer: WireOffer): readonly UsableResource[] {
  const role = roleOf(offer)
  return (offer.resources ?? []).flatMap((resource) => {
    const milli = amountOf(resource)
    if (milli <= 0 || isSpecial(resource)) return []
    const owner = reservedTo(resource)
    if (owner === UNRESERVED) return [{ resource, milli, reserved: 0 }]
    if (owner !== role && !role.startsWith(`${owner}/`)) return []
    return [{ resource, milli, reserved: owner.split('/').length }]
  })
}

/** Sets, and ranges of anything but ports, are for nobody here. */
function amountOf(resource: WireResource): number {
  if (resource.type === 'SCALAR') return toMilli(resource.scalar?.value ?? 0)
  return isPorts(resource) ? portCount(resource.ranges?.range ?? []) * 1000 : 0
}

export function isPorts(resource: WireResource): boolean {
  return resource.type === 'RANGES' && resource.name === 'ports'
}

function portCount(ranges: readonly WireRange[]): number {
  return ranges.reduce((sum, { begin, end }) => sum + Math.max(0, end - begin + 1), 0)
}

/**
 * May be taken away again, is shared with others, or is a disk of its own: a volume that holds somebody's data, a
 * mount that is taken whole, or one of a resource provider. A task that just wants disk or CPU takes none of these.
 */
function isSpecial(resource: WireResource): boolean {
  if (resource.revocable !== undefined || resource.shared !== undefined) return true
  if (resource.name === 'disk' && resource.provider_id !== undefined) return true
  return resource.disk?.['source'] !== undefined || resource.disk?.['persistence'] !== undefined
}

/** Reservations refine each other, the last is the closest; without that capability the role stands alone. */
function reservedTo(resource: WireResource): string {
  return resource.reservations?.at(-1)?.role ?? resource.role ?? UNRESERVED
}

function totals(usable: readonly UsableResource[]): Pick<Offer, 'free' | 'portRanges'> {
  const free: Record<string, number> = {}
  for (const { resource, milli } of usable) free[resource.name] = (free[resource.name] ?? 0) + milli
  const ports = usable.filter(({ resource }) => isPorts(resource))
  return { free, portRanges: ports.flatMap(({ resource }) => resource.ranges?.range ?? []) }
}

function toAddress(offer: WireOffer): string {
  const address = offer.url?.address
  const host = address?.ip ?? address?.hostname ?? offer.hostname
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return `${bracketed}:${address?.port ?? AGENT_PORT}`
}

function toAttribute(attribute: WireAttribute): Attribute {
  return { name: attribute.name, type: attribute.type, value: attributeText(attribute) }
}

/** As operators write it in `--attributes`. */
function attributeText(attribute: WireAttribute): string {
  if (attribute.text !== undefined) return attribute.text.value
  if (attribute.scalar !== undefined) return String(attribute.scalar.value)
  if (attribute.ranges !== undefined) return `[${attribute.ranges.range.map(rangeText).join(',')}]`
  return attribute.set === undefined ? '' : `{${attribute.set.item.join(',')}}`
}

function rangeText(range: WireRange): string {
  return `${range.begin}-${range.end}`
}
