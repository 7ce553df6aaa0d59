import type { Cancel, Clock } from '../core/clock.ts'
import type { Offer, OfferId } from '../core/model.ts'

/** No offer is held longer than this. */
export const HOLD_MS = 5_000

/** Offers that came together share one timer: there may be ten thousand. */
interface Batch {
  readonly ids: Set<OfferId>
  cancel: Cancel
}

interface Held {
  readonly offer: Offer
  readonly batch: Batch
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

  /** One that is held already came twice. */
  add(offers: readonly Offer[]): void {
    const batch: Batch = { ids: new Set(), cancel: () => undefined }
    for (const offer of offers) {
      if (this.#held.has(offer.id)) continue
      batch.ids.add(offer.id)
      this.#held.set(offer.id, { offer, batch, taken: false })
    }
    if (batch.ids.size === 0) return
    batch.cancel = this.#clock.timer(HOLD_MS, () => {
      const overdue = [...batch.ids].filter((id) => this.#held.get(id)?.taken === false)
      for (const id of overdue) this.#held.delete(id)
      if (overdue.length > 0) this.#onOverdue(overdue)
    })
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
      const batch = this.#held.get(id)?.batch
      if (batch === undefined) return false
      batch.ids.delete(id)
      if (batch.ids.size === 0) batch.cancel()
      return this.#held.delete(id)
    })
  }

  /** The subscription is over, and every offer with it. */
  clear(): number {
    const count = this.#held.size
    for (const { batch } of this.#held.values()) batch.cancel()
    this.#held.clear()
    return count
  }
}
