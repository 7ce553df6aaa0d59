import type { Cancel, Clock } from '../core/clock.ts'
import { messageOf } from '../core/code-of.ts'
import type { Log } from '../core/log.ts'
import type { OfferId } from '../core/model.ts'
import type { Offer } from '../core/offer.ts'
import type { MesosPort } from './ports.ts'
import type { Report } from './report.ts'

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
  readonly mesos: Pick<MesosPort, 'decline'>
  readonly report: Pick<Report, 'offers'>
  readonly log: Log
}

/** Holds the offers that are out, each until it is answered, rescinded, or its time is over. */
export class OfferDesk {
  readonly #options: OfferDeskOptions
  readonly #held = new Map<OfferId, Held>()

  constructor(options: OfferDeskOptions) {
    this.#options = options
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
    batch.cancel = this.#options.clock.timer(HOLD_MS, () => {
      void this.decline([...batch.ids].filter((id) => this.#held.get(id)?.taken === false))
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

  /**
   * Gives back those that are still held, taken or not, for so long [until somebody asks for offers again]. An answer
   * that cannot be sent is none: the subscription is over then, and takes its offers with it. Never rejects.
   */
  async decline(ids: readonly OfferId[], refuseSeconds = 0): Promise<void> {
    const { mesos, report, log } = this.#options
    const held = this.remove(ids)
    if (held.length === 0) return
    try {
      await mesos.decline(held, refuseSeconds)
      report.offers('declined', held.length)
    } catch (error) {
      log.debug({ why: messageOf(error), err: error }, 'offers were not declined: the subscription takes them with it')
    }
  }

  /** The subscription is over, and every offer with it. */
  clear(): number {
    const count = this.#held.size
    for (const { batch } of this.#held.values()) batch.cancel()
    this.#held.clear()
    return count
  }
}
