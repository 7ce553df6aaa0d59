import { amount, minus, type Resources } from './resources.ts'
import type { HostOffer, MatchContext, Need } from './stages.ts'

/** What is left of a host while it is packed. */
export interface Bin {
  readonly host: HostOffer
  /** Among the hosts as they came. */
  readonly order: number
  free: Resources
  /** Of `free`, at hand: most hosts are passed over for one of these. */
  mem: number
  cpus: number
  /** Its parts of all CPUs and of all memory that are offered, added up. */
  empty: number
  agents: number
  /** Host ports that were asked for by number. */
  ports: readonly number[]
}

/** The hosts that offer to one role. */
export class Role {
  readonly #bins: Bin[] = []
  readonly #agentsOn: MatchContext['agentsOn']
  #byName: Map<string, Bin> | undefined
  #cpus = 0
  #mem = 0
  #fullest: Ordered | undefined
  #emptiest: Ordered | undefined

  constructor(agentsOn: MatchContext['agentsOn']) {
    this.#agentsOn = agentsOn
  }

  /** Before anything else is asked. */
  add(host: HostOffer): void {
    const { free, mesosAgentId } = host
    const [mem, cpus] = [amount(free, 'mem'), amount(free, 'cpus')]
    const agents = this.#agentsOn?.get(mesosAgentId) ?? 0
    this.#bins.push({ host, order: this.#bins.length, free, mem, cpus, empty: 0, agents, ports: [] })
    this.#cpus += cpus
    this.#mem += mem
  }

  fill(bin: Bin, need: Need): void {
    bin.free = minus(bin.free, need.resources)
    bin.mem = amount(bin.free, 'mem')
    bin.cpus = amount(bin.free, 'cpus')
    bin.empty = this.#parts(bin.cpus, bin.mem)
    bin.agents += 1
    if (need.hostPorts !== undefined && need.hostPorts.length > 0) bin.ports = [...bin.ports, ...need.hostPorts]
    this.#fullest?.moved.add(bin)
    this.#emptiest?.moved.add(bin)
  }

  byName(hostname: string): Bin | undefined {
    this.#byName ??= new Map(this.#bins.toReversed().map((bin) => [bin.host.hostname, bin]))
    return this.#byName.get(hostname)
  }

  /** First by its part of what it asks for most of, then by all that it asks for. */
  size(resources: Resources): readonly [number, number] {
    const [cpus, mem] = [amount(resources, 'cpus'), amount(resources, 'mem')]
    return [Math.max(part(cpus, this.#cpus), part(mem, this.#mem)), this.#parts(cpus, mem)]
  }

  get fullestFirst(): readonly Bin[] {
    this.#fullest ??= new Ordered(this.#measured(), (a, b) => a.empty - b.empty || a.order - b.order)
    return this.#fullest.settled()
  }

  get emptiestFirst(): readonly Bin[] {
    this.#emptiest ??= new Ordered(
      this.#measured(),
      (a, b) => a.agents - b.agents || b.empty - a.empty || a.order - b.order,
    )
    return this.#emptiest.settled()
  }

  #measured(): readonly Bin[] {
    for (const bin of this.#bins) bin.empty = this.#parts(bin.cpus, bin.mem)
    return this.#bins
  }

  #parts(cpus: number, mem: number): number {
    return part(cpus, this.#cpus) + part(mem, this.#mem)
  }
}

function part(of: number, all: number): number {
  return all === 0 ? of : of / all
}

/** More than so many are put in their places at once. */
const FEW = 20

/** Keeps an order in which only a few move at a time. */
class Ordered {
  readonly #bins: Bin[]
  readonly #compare: (a: Bin, b: Bin) => number
  /** Since it was settled. */
  readonly moved = new Set<Bin>()

  constructor(bins: readonly Bin[], compare: (a: Bin, b: Bin) => number) {
    this.#compare = compare
    this.#bins = bins.toSorted(compare)
  }

  settled(): readonly Bin[] {
    if (this.moved.size > FEW) this.#bins.sort(this.#compare)
    else if (this.moved.size > 0) {
      for (const bin of this.moved) this.#bins.splice(this.#bins.indexOf(bin), 1)
      for (const bin of this.moved) this.#insert(bin)
    }
    this.moved.clear()
    return this.#bins
  }

  #insert(bin: Bin): void {
    let [low, high] = [0, this.#bins.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#bins[middle]
      if (other !== undefined && this.#compare(bin, other) > 0) low = middle + 1
      else high = middle
    }
    this.#bins.splice(low, 0, bin)
  }
}
