import { fromMilli, type Resources } from '../core/resources.ts'
import { isPorts, usableResources } from './offers.ts'
import type { WireOffer, WireRange, WireResource } from './protocol.ts'

interface Lot {
  readonly resource: WireResource
  readonly reserved: number
  /** Thousandths that are still there; of ports, a thousand each. */
  milli: number
  /** Of ports: those that are still there, in order and apart from each other. */
  ranges: readonly WireRange[]
}

/**
 * The resources of offers of one host and role, from which tasks take theirs one after the other.
 * Mesos never lets unreserved and reserved resources stand for each other, so what is taken is a copy of what was
 * offered with another amount. Thousandths are counted as whole numbers, as Mesos does.
 */
export class ResourcePool {
  readonly #lots: readonly Lot[]

  constructor(offers: readonly WireOffer[]) {
    const lots = new Map<string, Lot>()
    for (const { resource, milli, reserved } of offers.flatMap(usableResources)) {
      const ranges = isPorts(resource) ? (resource.ranges?.range ?? []).filter(({ begin, end }) => begin <= end) : []
      const key = JSON.stringify({ ...resource, scalar: undefined, ranges: undefined })
      const lot = lots.get(key)
      if (lot === undefined) lots.set(key, { resource, reserved, milli, ranges })
      else {
        lot.milli += milli
        lot.ranges = [...lot.ranges, ...ranges]
      }
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
    return parts.map(({ lot, milli }) => takeFrom(lot, milli))
  }
}

function takeFrom(lot: Lot, milli: number): WireResource {
  lot.milli -= milli
  if (!isPorts(lot.resource)) return { ...lot.resource, scalar: { value: fromMilli(milli) } }
  const { taken, left } = split(lot.ranges, Math.round(milli / 1000))
  lot.ranges = left
  return { ...lot.resource, ranges: { range: taken } }
}

/** The first so many ports, and the others. */
function split(
  ranges: readonly WireRange[],
  count: number,
): { readonly taken: readonly WireRange[]; readonly left: readonly WireRange[] } {
  const taken: WireRange[] = []
  const left: WireRange[] = []
  let missing = count
  for (const { begin, end } of ranges) {
    const here = Math.min(missing, end - begin + 1)
    if (here > 0) taken.push({ begin, end: begin + here - 1 })
    if (begin + here <= end) left.push({ begin: begin + here, end })
    missing -= here
  }
  return { taken, left }
}

/** The host ports among the resources of a task, in the order in which they were taken. */
export function portsOf(resources: readonly WireResource[]): readonly number[] {
  return resources
    .filter(isPorts)
    .flatMap(({ ranges }) => ranges?.range ?? [])
    .flatMap(({ begin, end }) => Array.from({ length: end - begin + 1 }, (_, index) => begin + index))
}
