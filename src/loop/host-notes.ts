import type { InverseOffer, MesosAgentId, Offer, OfferId, Unavailability } from '../core/model.ts'

/** When hosts go into maintenance, as Mesos last told of each. */
export class HostNotes {
  readonly #windows = new Map<MesosAgentId, Unavailability>()
  /** Inverse offers that are out. */
  readonly #asked = new Map<OfferId, MesosAgentId>()

  get windows(): ReadonlyMap<MesosAgentId, Unavailability> {
    return this.#windows
  }

  /** Operators ask for hosts. */
  asked(offers: readonly InverseOffer[]): void {
    for (const { id, mesosAgentId, unavailability } of offers) {
      this.#asked.set(id, mesosAgentId)
      this.#windows.set(mesosAgentId, unavailability)
    }
  }

  /** They do not ask any more; where the window was only moved, they ask anew. */
  withdrawn(id: OfferId): void {
    const mesosAgentId = this.#asked.get(id)
    if (mesosAgentId === undefined) return
    this.#asked.delete(id)
    if (![...this.#asked.values()].includes(mesosAgentId)) this.#windows.delete(mesosAgentId)
  }

  /** Every offer of a host says how it is now. */
  offered(offers: readonly Offer[]): void {
    for (const { mesosAgentId, unavailability } of offers) {
      if (unavailability !== undefined) this.#windows.set(mesosAgentId, unavailability)
      else this.#windows.delete(mesosAgentId)
    }
  }

  /** A new subscription is told everything anew. */
  clear(): void {
    this.#windows.clear()
    this.#asked.clear()
  }
}
