import type { Cancel, Clock } from '../core/clock.ts'
import type { Offer, OfferId } from '../core/model.ts'

/** No offer is held longer than this. */
export const HOLD_MS = 5_000

interface Held {
  readonly offer: Offer
  readonly cancel: Cancel
  /** Agents are being prepared for it. */
  taken: boolean
}

export interface OfferDeskOptions {
  readonly clock: Clock
  /** The holding time of an offer that nobody took is over. */
  readonly onOverdue: (offers: readonly OfferId[]) => void
}

/** Holds the offers that are out, each until it is answered, rescinded, or its time is over. */
export class OfferDesk {
  readonly #clock: Clock
  readonly #onOverdue: (offers: readonly OfferId[]) => void
  readonly #held = new Map<OfferId, Held>()

  constructor(options: OfferDeskOptions) {
    this.#clock = options.clock
    this.#onOverdue = options.onOverdue
  }

  add(offers: readonly Offer[]): void {
    for (const offer of offers) {
      const cancel = this.#clock.timer(HOLD_MS, () => {
        const held = this.#held.get(offer.id)
        if (held === undefined || held.taken) return
        this.#held.delete(offer.id)
        this.#onOverdue([offer.id])
      })
      this.#held.set(offer.id, { offer, cancel, taken: false })
    }
  }

  /** Offers that nobody took yet. */
  get free(): readonly Offer[] {
    return [...this.#held.values()].filter(({ taken }) => !taken).map(({ offer }) => offer)
  }

  get size(): number {
    return this.#held.size
  }

  /** All that is held, taken or not. */
  get all(): readonly Offer[] {
    return [...this.#held.values()].map(({ offer }) => offer)
  }

  /** Marks offers as taken. Those that are gone by now are left out of the answer. */
  take(ids: readonly OfferId[]): readonly Offer[] {
    const taken: Offer[] = []
    for (const id of ids) {
      const held = this.#held.get(id)
      if (held === undefined || held.taken) continue
      held.taken = true
      taken.push(held.offer)
    }
    return taken
  }

  has(id: OfferId): boolean {
    return this.#held.has(id)
  }

  /** The offers were answered or rescinded. Gives those that were still held. */
  remove(ids: readonly OfferId[]): readonly OfferId[] {
    return ids.filter((id) => {
      this.#held.get(id)?.cancel()
      return this.#held.delete(id)
    })
  }

  /** The subscription is over, and every offer with it. */
  clear(): number {
    const count = this.#held.size
    for (const { cancel } of this.#held.values()) cancel()
    this.#held.clear()
    return count
  }
}
