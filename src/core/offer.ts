import type { Instant, MesosAgentId, OfferId } from './model.ts'
import type { Resources } from './resources.ts'

/** Where a host or master stands. Regions are far from each other, zones are parts of one. */
export interface FaultDomain {
  readonly region: string
  readonly zone: string
}

/** The operators of a host ask to have it back; what is answered is advice to them. */
export interface InverseOffer {
  readonly id: OfferId
  readonly mesosAgentId: MesosAgentId
  readonly unavailability: Unavailability
}

/** When a host is to be taken down by its operators. */
export interface Unavailability {
  readonly startsAt: Instant
  /** `undefined`: until further notice. */
  readonly endsAt: Instant | undefined
}

export interface Attribute {
  readonly name: string
  readonly type: 'TEXT' | 'SCALAR' | 'RANGES' | 'SET'
  /** As text, whatever its type: `rack1`, `8`, `[1-10]`. */
  readonly value: string
}

/** Both ends belong to it. */
export interface PortRange {
  readonly begin: number
  readonly end: number
}

/** An offer of one host to one role, as far as the planner sees it. */
export interface Offer {
  readonly id: OfferId
  readonly mesosAgentId: MesosAgentId
  readonly hostname: string
  /** `host:port` of the Mesos agent's HTTP endpoint. */
  readonly address: string
  readonly role: string
  /** Reserved and unreserved together; `ports` is how many host ports there are, in thousandths as all else. */
  readonly free: Resources
  /** The host ports among them, by number; none where it is left out. */
  readonly portRanges?: readonly PortRange[]
  readonly attributes: readonly Attribute[]
  readonly domain: FaultDomain | undefined
  readonly unavailability: Unavailability | undefined
  readonly receivedAt: Instant
}

/** What is remembered of a host: offers come and go, and most of the time there is none. */
export interface KnownHost {
  readonly hostname: string
  readonly mesosAgentId: MesosAgentId
  readonly attributes: readonly Attribute[]
  readonly domain: FaultDomain | undefined
  readonly unavailability: Unavailability | undefined
  /** Free for a role when that was last offered. */
  readonly free: Readonly<Record<string, Resources>>
  /** Host ports of these; left out where that is not known. */
  readonly freePorts?: Readonly<Record<string, readonly PortRange[]>>
  readonly seenAt: Instant
}
