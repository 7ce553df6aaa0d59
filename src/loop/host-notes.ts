import type { MesosAgentId, OfferId } from '../core/model.ts'
import type { InverseOffer, KnownHost, Offer, Unavailability } from '../core/offer.ts'

/** When hosts go into maintenance, as Mesos last told of each. */
export class HostNotes {
  readonly #windows = new Map<MesosAgentId, Unavailability>()
  readonly #known = new Map<MesosAgentId, KnownHost>()
  /** The last inverse offer of each host: one that was answered is followed by another, and never withdrawn. */
  readonly #asked = new Map<MesosAgentId, OfferId>()
  /** Hosts by these. */
  readonly #hosts = new Map<OfferId, MesosAgentId>()

  get windows(): ReadonlyMap<MesosAgentId, Unavailability> {
    return this.#windows
  }

  /** Operators ask for hosts. */
  asked(offers: readonly InverseOffer[]): void {
    for (const { id, mesosAgentId, unavailability } of offers) {
      const before = this.#asked.get(mesosAgentId)
      if (before !== undefined) this.#hosts.delete(before)
      this.#asked.set(mesosAgentId, id)
      this.#hosts.set(id, mesosAgentId)
      this.#windows.set(mesosAgentId, unavailability)
    }
  }

  /** They do not ask any more; where the window was only moved, they ask anew. */
  withdrawn(id: OfferId): void {
    const mesosAgentId = this.#hosts.get(id)
    if (mesosAgentId === undefined) return
    this.#hosts.delete(id)
    this.#asked.delete(mesosAgentId)
    this.#windows.delete(mesosAgentId)
  }

  /** Every host that has offered something. */
  get known(): readonly KnownHost[] {
    return [...this.#known.values()]
  }

  /** It went away. */
  lost(mesosAgentId: MesosAgentId): void {
    this.#known.delete(mesosAgentId)
  }

  /** Every offer of a host says how it is now. */
  offered(offers: readonly Offer[]): void {
    for (const offer of offers) {
      const { mesosAgentId, unavailability } = offer
      this.#remember(offer)
      if (unavailability !== undefined) this.#windows.set(mesosAgentId, unavailability)
      else this.#windows.delete(mesosAgentId)
    }
  }

  #remember(offer: Offer): void {
    const { hostname, mesosAgentId, attributes, domain, unavailability, role, free, receivedAt } = offer
    const { portRanges = [] } = offer
    const before = this.#known.get(mesosAgentId)
    this.#known.set(mesosAgentId, {
      hostname,
      mesosAgentId,
      attributes,
      domain,
      unavailability,
      free: { ...before?.free, [role]: free },
      freePorts: { ...before?.freePorts, [role]: portRanges },
      seenAt: receivedAt,
    })
  }

  /** A new subscription is told everything anew. */
  clear(): void {
    this.#known.clear()
    this.#windows.clear()
    this.#asked.clear()
    this.#hosts.clear()
  }
}
