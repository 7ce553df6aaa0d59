import { mergeOffers } from '../../src/core/match.ts'
import { Needs } from '../../src/core/needs.ts'
import type { Attribute } from '../../src/core/offer.ts'
import { pack } from '../../src/core/packing.ts'
import type { HostOffer, MatchContext, Need } from '../../src/core/stages.ts'
import { anOffer, aTemplate, NOW } from '../support/builders.ts'
import { firstFit, type Load, lowerBound, numbers, usedHosts } from '../support/loads.ts'
import { type Benchmark, type Figure, interleaved } from './bench.ts'

const LOADS = 200
const HOSTS = 10_000

/** How many hosts random loads take, and how long it takes to look at ten thousand offers. */
export const packing: Benchmark = {
  name: 'packing',
  run: async () => [
    ...ratios('agents of 1 to 25 % of a host', 0.01, 0.25),
    ...ratios('agents of 2 to 50 % of a host', 0.02, 0.5),
    ...ratios('agents of 5 to 100 % of a host', 0.05, 1),
    ...speed(),
  ],
}

function ratios(what: string, least: number, most: number): readonly Figure[] {
  const random = numbers(most * 1_000)
  let [used, bound, naive, worst] = [0, 0, 0, 0]
  for (let n = 0; n < LOADS; n++) {
    const load = aLoad(random, least, most)
    const [hosts, lowest] = [usedHosts(load), lowerBound(load)]
    used += hosts
    bound += lowest
    naive += firstFit(load)
    worst = Math.max(worst, hosts / lowest)
  }
  return [
    {
      name: `packing: ${what}, hosts over the lower bound`,
      value: used / bound,
      unit: 'times',
      target: { atMost: 1.25 },
    },
    { name: `packing: ${what}, the worst of ${LOADS} loads`, value: worst, unit: 'times', target: undefined },
    {
      name: `packing: ${what}, first fit over the lower bound`,
      value: naive / bound,
      unit: 'times',
      target: undefined,
    },
  ]
}

function aLoad(random: () => number, least: number, most: number): Load {
  const [cpus, mem] = [16_000, 65_536_000]
  const part = (of: number): number => Math.ceil(of * (least + (most - least) * random()))
  return { host: { cpus, mem }, needs: Array.from({ length: 150 }, () => ({ cpus: part(cpus), mem: part(mem) })) }
}

function speed(): readonly Figure[] {
  const hosts = mergeOffers(Array.from({ length: HOSTS }, (_, index) => aHost(index)))
  const context: MatchContext = { now: NOW, hostBackoff: {} }
  const plain = wanted(hosts)
  const ruled = plain.map((need, index) => ({ ...need, ...RULED[index % RULED.length] }))
  const spread = plain.map((need) => ({ ...need, packing: 'spread' as const }))
  const times = interleaved(7, {
    plain: () => pack(plain, hosts, context),
    ruled: () => pack(ruled, hosts, context),
    spread: () => pack(spread, hosts, context),
  })
  const figure = (what: string, value: number, atMost: number): Figure => ({
    name: `packing: 2,000 agents onto ${HOSTS.toLocaleString('en')} offers${what}`,
    value,
    unit: 'ms',
    target: { atMost },
  })
  return [figure('', times.plain, 50), figure(', with rules', times.ruled, 100), figure(', spread', times.spread, 100)]
}

const RULED = [
  [{ field: 'rack', operator: 'LIKE', value: 'r(1|2|3\\d)' }] as const,
  [{ field: 'hostname', operator: 'MAX_PER', value: '2' }] as const,
  [{ field: 'rack', operator: 'GROUP_BY', value: '20' }] as const,
  [
    { field: 'os', operator: 'UNLIKE', value: 'win.*' },
    { field: 'hostname', operator: 'UNIQUE', value: undefined },
  ] as const,
].map((constraints, index) => {
  const { rules, template } = new Needs().of(aTemplate({ name: `t${index}`, constraints }), {})
  return { rules: rules ?? [], template: template }
})

function aHost(index: number): ReturnType<typeof anOffer> {
  const attributes: readonly Attribute[] = [
    { name: 'os', type: 'TEXT', value: index % 5 === 0 ? 'windows' : 'linux' },
    { name: 'zone', type: 'TEXT', value: `z${index % 3}` },
    { name: 'rack', type: 'TEXT', value: `r${index % 40}` },
  ]
  const free = { cpus: 1_000 + (index % 15) * 1_000, mem: 2_048_000 + (index % 31) * 1_024_000 }
  return anOffer({ id: `O-${index}`, host: index, attributes, free })
}

function wanted(hosts: readonly HostOffer[]): readonly Need[] {
  return Array.from({ length: hosts.length / 5 }, (_, index) => ({
    role: '*',
    resources: { cpus: 300 + (index % 40) * 100, mem: 704_000 + (index % 17) * 256_000 },
  }))
}
