import fc from 'fast-check'
import { mergeOffers } from '../../src/core/match.ts'
import { pack } from '../../src/core/packing.ts'
import { amount, type Resources } from '../../src/core/resources.ts'
import type { HostOffer, Need } from '../../src/core/stages.ts'
import { anOffer, NOW } from './builders.ts'

/** Agents that are wanted at once, and empty hosts of one size, more than enough. */
export interface Load {
  readonly host: Resources
  readonly needs: readonly Resources[]
}

interface Shape {
  readonly name: string
  readonly load: fc.Arbitrary<Load>
}

/** The same for the same seed, from 0 up to 1: mulberry32. */
export function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Parts of a host that an agent asks for, in thousandths: evenly spread, as no generator of corner cases has them. */
const shape = (name: string, least: number, most: number, max: number): Shape => ({
  name,
  load: fc.integer().map((seed) => {
    const random = numbers(seed)
    const [cpus, mem] = [4_000 + Math.floor(random() * 60_000), 8_192_000 + Math.floor(random() * 254_000_000)]
    const part = (of: number): number => Math.ceil((of * (least + (most - least) * random())) / 1_000)
    const count = 50 + Math.floor(random() * (max - 50))
    return { host: { cpus, mem }, needs: Array.from({ length: count }, () => ({ cpus: part(cpus), mem: part(mem) })) }
  }),
})

const LOADS: readonly Shape[] = [
  shape('small', 10, 250, 200),
  shape('middling', 20, 500, 120),
  shape('mixed', 10, 400, 150),
]

export const SHAPES: readonly (Shape & { readonly toString: () => string })[] = LOADS.map((one) => ({
  ...one,
  toString: () => one.name,
}))

/** No packing can do with fewer: by what is asked for in all, and as no two halves and more share a host. */
export function lowerBound({ host, needs }: Load): number {
  const bounds = ['cpus', 'mem'].flatMap((name) => {
    const size = amount(host, name)
    const asked = needs.map((need) => amount(need, name))
    return [
      Math.ceil(asked.reduce((total, one) => total + one, 0) / size),
      asked.filter((one) => one > size / 2).length,
    ]
  })
  return Math.max(...bounds)
}

/** Each in its turn onto the first host that has room. */
export function firstFit({ host, needs }: Load): number {
  const hosts: { cpus: number; mem: number }[] = []
  for (const need of needs) {
    const [cpus, mem] = [amount(need, 'cpus'), amount(need, 'mem')]
    let found = hosts.find((one) => one.cpus >= cpus && one.mem >= mem)
    if (found === undefined) {
      found = { cpus: amount(host, 'cpus'), mem: amount(host, 'mem') }
      hosts.push(found)
    }
    found.cpus -= cpus
    found.mem -= mem
  }
  return hosts.length
}

function offersOf({ host, needs }: Load): readonly HostOffer[] {
  return mergeOffers(needs.map((_, index) => anOffer({ id: `O${index}`, host: index, free: host })))
}

function needsOf({ needs }: Load): readonly Need[] {
  return needs.map((resources) => ({ role: '*', resources }))
}

/** By the planner's packing. @throws Error where an agent found no host */
export function usedHosts(load: Load): number {
  const { placed, unplaced } = pack(needsOf(load), offersOf(load), { now: NOW, hostBackoff: {} })
  if (unplaced.length > 0) throw new Error(`${unplaced.length} agents found no host`)
  return new Set(placed.map(({ host }) => host)).size
}
