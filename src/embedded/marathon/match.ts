import type { WireOffer, WireRange, WireResource } from '../../mesos/protocol.ts'
import type { Instance } from './instance.ts'
import { type Amounts, amountsOf, type Constraint, portsOf, type Spec, schedulingOf } from './spec.ts'

/** What is left of an offer while things are taken from it. */
export class OfferRest {
  #resources: WireResource[]

  constructor(offer: WireOffer) {
    this.#resources = [...(offer.resources ?? [])]
  }

  /** `undefined`, and nothing taken, where there is not so much. */
  takeScalars(amounts: Amounts): WireResource[] | undefined {
    const before = this.#resources
    const taken: WireResource[] = []
    for (const [name, amount] of Object.entries(amounts) as [string, number][]) {
      const part = this.#takeScalar(name, Math.round(amount * 1000))
      if (part === undefined) {
        this.#resources = before
        return undefined
      }
      taken.push(...part)
    }
    return taken
  }

  /** A port each; 0 stands for any. */
  takePorts(wanted: readonly number[], chance: () => number): number[] | undefined {
    const free = this.#resources.filter(({ name }) => name === 'ports').flatMap(({ ranges }) => ranges?.range ?? [])
    const fixed = new Set(wanted.filter((port) => port !== 0))
    if ([...fixed].some((port) => !free.some(({ begin, end }) => begin <= port && port <= end))) return undefined
    const others = free
      .flatMap(({ begin, end }) => Array.from({ length: end - begin + 1 }, (_, index) => begin + index))
      .filter((port) => !fixed.has(port))
    // From somewhere, and on: a port that was just given back is not the next one to be given out.
    const start = Math.floor(chance() * others.length)
    const turned = [...others.slice(start), ...others.slice(0, start)]
    const taken = wanted.map((port) => (port === 0 ? turned.shift() : port))
    return taken.some((port) => port === undefined) ? undefined : taken.filter((port) => port !== undefined)
  }

  portResources(ports: readonly number[]): WireResource[] {
    const taken: WireResource[] = []
    this.#resources = this.#resources.flatMap((resource) => {
      if (resource.name !== 'ports') return [resource]
      const ranges = resource.ranges?.range ?? []
      const own = ports.filter((port) => ranges.some(({ begin, end }) => begin <= port && port <= end))
      if (own.length === 0) return [resource]
      taken.push({ ...resource, ranges: { range: own.map((port) => ({ begin: port, end: port })) } })
      return [{ ...resource, ranges: { range: ranges.flatMap((range) => without(range, own)) } }]
    })
    return taken
  }

  #takeScalar(name: string, milli: number): WireResource[] | undefined {
    let left = milli
    const taken: WireResource[] = []
    const rest = this.#resources.map((resource) => {
      const there = Math.round((resource.scalar?.value ?? 0) * 1000)
      if (left <= 0 || resource.name !== name || there <= 0) return resource
      const part = Math.min(left, there)
      left -= part
      taken.push({ ...resource, scalar: { value: part / 1000 } })
      return { ...resource, scalar: { value: (there - part) / 1000 } }
    })
    if (left > 0) return undefined
    this.#resources = rest
    return taken
  }
}

function without({ begin, end }: WireRange, ports: readonly number[]): WireRange[] {
  let ranges: WireRange[] = [{ begin, end }]
  for (const port of ports) {
    ranges = ranges.flatMap((range) =>
      port < range.begin || port > range.end
        ? [range]
        : [
            { begin: range.begin, end: port - 1 },
            { begin: port + 1, end: range.end },
          ].filter(({ begin: from, end: to }) => from <= to),
    )
  }
  return ranges
}

/** The offer has room for one more instance, now and where the constraints want it. */
export function fits(spec: Spec, offer: WireOffer, others: readonly Instance[]): boolean {
  const rest = new OfferRest(offer)
  const wanted = portsOf(spec).map(({ port }) => port)
  return (
    rest.takeScalars(amountsOf(spec)) !== undefined &&
    rest.takePorts(wanted, () => 0) !== undefined &&
    schedulingOf(spec).constraints.every((constraint) => holds(constraint, offer, others))
  )
}

function holds({ field, operator, value }: Constraint, offer: WireOffer, others: readonly Instance[]): boolean {
  const here = field === 'hostname' ? offer.hostname : attributesOf(offer)[field]
  const there = others.map(({ hostname, attributes }) => (field === 'hostname' ? hostname : attributes[field]))
  const same = there.filter((each) => each === here).length
  switch (operator) {
    case 'UNIQUE':
      return here !== undefined && same === 0
    case 'CLUSTER':
      return here !== undefined && (value === undefined ? same === there.length : here === value)
    case 'MAX_PER':
      return here !== undefined && same < Number(value)
    case 'GROUP_BY': {
      const counts = [...new Set(there)].map((each) => there.filter((other) => other === each).length)
      return here !== undefined && same <= Math.min(...counts, counts.length < Number(value ?? 0) ? 0 : same)
    }
    case 'LIKE':
      return here !== undefined && new RegExp(`^(?:${value ?? ''})$`).test(here)
    case 'UNLIKE':
      return here === undefined || !new RegExp(`^(?:${value ?? ''})$`).test(here)
    case 'IS':
      return here === value
    default:
      return false
  }
}

export function attributesOf({ attributes = [] }: WireOffer): Readonly<Record<string, string>> {
  return Object.fromEntries(
    attributes.map(({ name, text, scalar }) => [name, text?.value ?? String(scalar?.value ?? '')]),
  )
}
