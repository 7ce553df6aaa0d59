import { fromMilli, type Resources } from '../core/resources.ts'
import { isPorts, usableResources } from './offers.ts'
import type { WireOffer, WireRange, WireResource } from './protocol.ts'

interface Lot {
  readonly resource: WireResource
  readonly reserved: number
  /** Thousandths that are still there; of ports, a thousand each. */
  milli: number
  /** Of ports: those that anybody may have, in order and apart from each other. */
  ranges: readonly WireRange[]
  /** Of ports: those that are kept for who asks for them by number. */
  kept: readonly number[]
}

/** What is to be taken of one lot. */
interface Part {
  readonly lot: Lot
  milli: number
  readonly byNumber: readonly number[]
}

/**
 * The resources of offers of one host and role, from which tasks take theirs one after the other.
 * Mesos never lets unreserved and reserved resources stand for each other, so what is taken is a copy of what was
 * offered with another amount. Thousandths are counted as whole numbers, as Mesos does.
 */
export class ResourcePool {
  readonly #lots: readonly Lot[]

  /** @param kept ports that some of the tasks will ask for by number: the others get none of these */
  constructor(offers: readonly WireOffer[], kept: readonly number[] = []) {
    const lots = new Map<string, Lot>()
    const keptOnce = [...new Set(kept)]
    for (const { resource, milli, reserved } of offers.flatMap(usableResources)) {
      const all = isPorts(resource) ? (resource.ranges?.range ?? []).filter(({ begin, end }) => begin <= end) : []
      const here = keptOnce.filter((port) => all.some(({ begin, end }) => begin <= port && port <= end))
      const ranges = here.reduce(without, all)
      const key = JSON.stringify({ ...resource, scalar: undefined, ranges: undefined })
      const lot = lots.get(key)
      if (lot === undefined) lots.set(key, { resource, reserved, milli, ranges, kept: here })
      else {
        lot.milli += milli
        lot.ranges = [...lot.ranges, ...ranges]
        lot.kept = [...lot.kept, ...here]
      }
    }
    this.#lots = [...lots.values()].sort((a, b) => b.reserved - a.reserved)
  }

  /**
   * Takes exactly `needed`, the most closely reserved first; `undefined`, taking nothing, where that is not there.
   * @param hostPorts those of the ports that it must have by number; each was named as `kept`
   */
  take(needed: Resources, hostPorts: readonly number[] = []): readonly WireResource[] | undefined {
    const parts: Part[] = []
    for (const [name, milli] of Object.entries(needed)) {
      const found = this.#find(name, milli, name === 'ports' ? hostPorts : [])
      if (found === undefined) return undefined
      parts.push(...found)
    }
    return parts.map(takeFrom)
  }

  #find(name: string, milli: number, byNumber: readonly number[]): readonly Part[] | undefined {
    const parts: Part[] = []
    const found = new Set<number>()
    let missing = milli
    for (const lot of this.#lots) {
      if (lot.resource.name !== name) continue
      const numbers = byNumber.filter((port) => !found.has(port) && lot.kept.includes(port))
      for (const port of numbers) found.add(port)
      if (numbers.length > 0) parts.push({ lot, milli: numbers.length * 1000, byNumber: numbers })
      missing -= numbers.length * 1000
    }
    if (found.size < byNumber.length) return undefined
    for (const lot of this.#lots) {
      if (missing <= 0) break
      const free = lot.milli - lot.kept.length * 1000
      if (lot.resource.name !== name || free === 0) continue
      const amount = Math.min(missing, free)
      const part = parts.find((each) => each.lot === lot)
      if (part === undefined) parts.push({ lot, milli: amount, byNumber: [] })
      else part.milli += amount
      missing -= amount
    }
    return missing > 0 ? undefined : parts
  }
}

function takeFrom({ lot, milli, byNumber }: Part): WireResource {
  lot.milli -= milli
  if (!isPorts(lot.resource)) return { ...lot.resource, scalar: { value: fromMilli(milli) } }
  const { taken, left } = split(lot.ranges, Math.round(milli / 1000) - byNumber.length)
  lot.ranges = left
  lot.kept = lot.kept.filter((port) => !byNumber.includes(port))
  const numbers = byNumber.map((port) => ({ begin: port, end: port }))
  return { ...lot.resource, ranges: { range: [...taken, ...numbers].sort((a, b) => a.begin - b.begin) } }
}

/** The ranges without one port. */
function without(ranges: readonly WireRange[], port: number): readonly WireRange[] {
  return ranges.flatMap(({ begin, end }) => {
    if (port < begin || end < port) return [{ begin, end }]
    return [
      { begin, end: port - 1 },
      { begin: port + 1, end },
    ].filter((part) => part.begin <= part.end)
  })
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
