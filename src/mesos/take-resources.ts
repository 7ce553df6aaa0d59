import { fromMilli, type Resources } from '../core/resources.ts'
import { usableResources } from './offers.ts'
import type { WireOffer, WireResource } from './protocol.ts'

interface Lot {
  readonly resource: WireResource
  readonly reserved: number
  /** Thousandths that are still there. */
  milli: number
}

/**
 * The resources of offers of one host and role, from which tasks take theirs one after the other.
 * Mesos never lets unreserved and reserved resources stand for each other, so what is taken keeps the role and
 * reservation that it was offered with. Thousandths are counted as whole numbers, as Mesos does.
 */
export class ResourcePool {
  readonly #lots: readonly Lot[]

  constructor(offers: readonly WireOffer[]) {
    const lots = new Map<string, Lot>()
    for (const { resource, milli, reserved } of offers.flatMap(usableResources)) {
      const key = JSON.stringify({ ...resource, scalar: undefined })
      const lot = lots.get(key)
      if (lot === undefined) lots.set(key, { resource, reserved, milli })
      else lot.milli += milli
    }
    this.#lots = [...lots.values()].sort((a, b) => b.reserved - a.reserved)
  }

  /** Takes exactly `needed`, the most closely reserved first; `undefined`, taking nothing, where that is not there. */
  take(needed: Resources): readonly WireResource[] | undefined {
    const parts: { readonly lot: Lot; readonly milli: number }[] = []
    for (const [name, milli] of Object.entries(needed)) {
      let missing = milli
      for (const lot of this.#lots) {
        if (missing <= 0) break
        if (lot.resource.name !== name || lot.milli === 0) continue
        const part = Math.min(missing, lot.milli)
        parts.push({ lot, milli: part })
        missing -= part
      }
      if (missing > 0) return undefined
    }
    for (const { lot, milli } of parts) lot.milli -= milli
    return parts.map(({ lot, milli }) => ({ ...lot.resource, scalar: { value: fromMilli(milli) } }))
  }
}
