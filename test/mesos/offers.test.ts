import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { amount, type Resources, toMilli } from '../../src/core/resources.ts'
import { toInverseOffers, toOffer } from '../../src/mesos/offers.ts'
import type { WireOffer, WireResource } from '../../src/mesos/protocol.ts'
import { portsOf, ResourcePool } from '../../src/mesos/take-resources.ts'
import { events } from './traces.ts'

function recorded(name: string, stream?: string): WireOffer {
  const offer = events(name, stream).flatMap((event) => (event.type === 'OFFERS' ? event.offers.offers : []))[0]
  if (offer === undefined) throw new Error(`no offer in ${name}`)
  return offer
}

function scalar(name: string, value: number, over: Partial<WireResource> = {}): WireResource {
  return { name, type: 'SCALAR', scalar: { value }, allocation_info: { role: 'ci' }, ...over }
}

function offerOf(...resources: readonly WireResource[]): WireOffer {
  const ids = { id: { value: 'O1' }, framework_id: { value: 'F' }, agent_id: { value: 'S0' } }
  return { ...ids, hostname: 'h', resources, allocation_info: { role: 'ci' } }
}

const reserved = (role: string) => ({ reservations: [{ type: 'STATIC', role }] })

test('attributes of all types become text as operators write them', () => {
  const offer = toOffer(recorded('17-attributes'), 7)
  expect(offer.attributes.map(({ name, value }) => `${name}:${value}`)).toEqual([
    'os:linux',
    'cores:8',
    'ratio:0.25',
    'big:[1-10,20-30]',
    'neg:-3',
    'num_text:v8',
    'empty_is:xy',
    'os:second',
    'path:a/b',
  ])
  expect(offer).toMatchObject({ hostname: '127.0.0.1', address: '127.0.0.1:5371', role: 'ci', receivedAt: 7 })
  const set = { ...offerOf(), attributes: [{ name: 's', type: 'SET' as const, set: { item: ['a', 'b'] } }] }
  expect(toOffer(set, 0).attributes).toEqual([{ name: 's', type: 'SET', value: '{a,b}' }])
})

test.each([
  ['15-reserved-refinement', undefined, 'ci', { cpus: 4000, mem: 3_072_000, disk: 4_096_000 }],
  ['15b-reserved-no-refinement', undefined, 'ci', { cpus: 4000, mem: 3_072_000, disk: 4_096_000 }],
  ['15c-reserved-other-shapes', 'OTHER', 'other', { cpus: 2000, mem: 2_048_000, disk: 4_096_000 }],
  ['15c-reserved-other-shapes', 'STAR', '*', { cpus: 2000, mem: 2_048_000, disk: 4_096_000 }],
  ['15c-reserved-other-shapes', 'HIER', 'ci/sub', { cpus: 4000, mem: 3_072_000, disk: 4_096_000 }],
])('%s %s: reserved and unreserved are free together', (name, stream, role, free) => {
  expect(toOffer(recorded(name, stream), 0)).toMatchObject({ role, free })
})

test('what is not simply for a task is not free', () => {
  const offer = offerOf(
    scalar('cpus', 1),
    scalar('cpus', 8, { revocable: {} }),
    scalar('mem', 8, { shared: {} }),
    scalar('disk', 8, { disk: { persistence: { id: 'v' } } }),
    scalar('disk', 8, { disk: { source: { type: 'MOUNT' } } }),
    scalar('disk', 8, { provider_id: { value: 'p' } }),
    { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: 31_005, end: 31_000 }] } },
    { name: 'zones', type: 'RANGES', ranges: { range: [{ begin: 1, end: 9 }] } },
    { name: 'names', type: 'SET', set: { item: ['a'] } },
    scalar('cpus', 8, { role: 'other' }),
    scalar('cpus', 8, reserved('ci/deeper')),
  )
  expect(toOffer(offer, 0).free).toEqual({ cpus: 1000 })
})

test.each([
  [{ ip: '10.0.0.1', hostname: 'n', port: 5052 }, '10.0.0.1:5052'],
  [{ hostname: 'n', port: 5052 }, 'n:5052'],
  [{ ip: 'fe80::1', port: 5051 }, '[fe80::1]:5051'],
])('the address of %j is %s', (address, text) => {
  expect(toOffer({ ...offerOf(), url: { scheme: 'http', address } }, 0).address).toBe(text)
})

test('without a url the host is asked at the usual port', () => {
  expect(toOffer(offerOf(), 0).address).toBe('h:5051')
})

test('reserved resources go first and keep their reservation', () => {
  const offer = recorded('15-reserved-refinement')
  const pool = new ResourcePool([offer])
  const allocation_info = { role: 'ci' }
  const ci = { ...reserved('ci'), allocation_info }
  expect(pool.take({ cpus: 2500, mem: 512_000 })).toEqual([
    { name: 'cpus', type: 'SCALAR', scalar: { value: 2 }, ...ci },
    { name: 'cpus', type: 'SCALAR', scalar: { value: 0.5 }, allocation_info },
    { name: 'mem', type: 'SCALAR', scalar: { value: 512 }, ...ci },
  ])
  expect(pool.take({ cpus: 1501 })).toBeUndefined()
  expect(pool.take({ cpus: 1500, mem: 0 })).toHaveLength(1)
})

test('the old format keeps its role', () => {
  const [first] = new ResourcePool([recorded('15b-reserved-no-refinement')]).take({ cpus: 100 }) ?? []
  expect(first).toMatchObject({ name: 'cpus', scalar: { value: 0.1 }, role: 'ci' })
})

test('several offers of one host are one pool', () => {
  const pool = new ResourcePool([offerOf(scalar('cpus', 0.1)), offerOf(scalar('cpus', 0.2))])
  expect(pool.take({ cpus: 300 })).toEqual([scalar('cpus', 0.3)])
})

const milli = fc.integer({ min: 1, max: 4_000 })
const lot = fc.record({ name: fc.constantFrom('cpus', 'mem'), milli, kind: fc.constantFrom('', 'ci', 'other') })
const needs = fc.array(fc.record({ cpus: fc.nat(4_000), mem: fc.nat(4_000) }), { minLength: 1, maxLength: 6 })

test('tasks get exactly what they need, and together never more than was offered', () => {
  fc.assert(
    fc.property(fc.array(fc.array(lot, { maxLength: 5 }), { maxLength: 4 }), needs, (offers, tasks) => {
      const wire = offers.map((lots) =>
        offerOf(...lots.map(({ name, milli: m, kind }) => scalar(name, m / 1000, kind === '' ? {} : reserved(kind)))),
      )
      const pool = new ResourcePool(wire)
      const taken: Record<string, number> = {}
      const left: Record<string, number> = { cpus: 0, mem: 0 }
      for (const { free } of wire.map((offer) => toOffer(offer, 0))) {
        for (const [name, value] of Object.entries(free)) left[name] = (left[name] ?? 0) + value
      }
      for (const needed of tasks) {
        const given = pool.take(needed)
        const fitting = Object.entries(needed).every(([name, value]) => value <= (left[name] ?? 0))
        expect(given !== undefined).toBe(fitting)
        if (given === undefined) continue
        expect(sums(given)).toEqual(withoutZeros(needed))
        expect(given.every(({ scalar: s }) => (s?.value ?? 0) > 0)).toBe(true)
        for (const [name, value] of Object.entries(needed)) left[name] = (left[name] ?? 0) - value
        for (const resource of given) {
          const key = kindOf(resource)
          taken[key] = (taken[key] ?? 0) + toMilli(resource.scalar?.value ?? 0)
        }
      }
      const offered: Record<string, number> = {}
      for (const resource of wire.flatMap(({ resources }) => resources ?? [])) {
        const key = kindOf(resource)
        offered[key] = (offered[key] ?? 0) + toMilli(resource.scalar?.value ?? 0)
      }
      for (const [key, value] of Object.entries(taken)) expect(value).toBeLessThanOrEqual(offered[key] ?? 0)
    }),
  )
})

const ports = (...range: readonly (readonly [number, number])[]): WireResource => ({
  name: 'ports',
  type: 'RANGES',
  ranges: { range: range.map(([begin, end]) => ({ begin, end })) },
  allocation_info: { role: 'ci' },
})

test('GPUs, named scalars and ports are free as all else; a provider stays with what it provides', () => {
  const provided = scalar('fpga', 2, { provider_id: { value: 'p' } })
  const offer = offerOf(scalar('gpus', 4), provided, ports([31_000, 31_001], [31_005, 31_005]))
  expect(toOffer(offer, 0).free).toEqual({ gpus: 4000, fpga: 2000, ports: 3000 })
  expect(new ResourcePool([offer]).take({ fpga: 1000 })).toEqual([{ ...provided, scalar: { value: 1 } }])
})

test('ports are taken out of ranges, reserved ones first', () => {
  const mine = { ...ports([32_000, 32_000]), ...reserved('ci') }
  const pool = new ResourcePool([offerOf(ports([31_000, 31_001], [31_005, 31_009]), mine)])
  expect(pool.take({ ports: 2000 })).toEqual([mine, ports([31_000, 31_000])])
  expect(pool.take({ ports: 3000 })).toEqual([ports([31_001, 31_001], [31_005, 31_006])])
  expect(pool.take({ ports: 4000 })).toBeUndefined()
  expect(pool.take({ ports: 3000 })).toEqual([ports([31_007, 31_009])])
})

test('no port of a host is ever given twice, and none that was not offered', () => {
  const block = fc.tuple(fc.nat(5), fc.nat(6))
  fc.assert(
    fc.property(
      fc.array(fc.array(block, { maxLength: 4 }), { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 8 }),
      (offers, tasks) => {
        let next = 31_000
        const wire = offers.map((blocks, index) => {
          const ranges = blocks.map(([gap, length]): readonly [number, number] => {
            const begin = next + gap
            next = begin + length + 1
            return [begin, begin + length]
          })
          return offerOf({ ...ports(...ranges), ...(index % 2 === 0 ? {} : reserved('ci')) })
        })
        const offered = portsOf(wire.flatMap(({ resources }) => resources ?? []))
        const pool = new ResourcePool(wire)
        const given: number[] = []
        for (const count of tasks) {
          const taken = pool.take({ ports: count * 1000 })
          expect(taken === undefined).toBe(given.length + count > offered.length)
          if (taken === undefined) continue
          expect(portsOf(taken)).toHaveLength(count)
          given.push(...portsOf(taken))
        }
        expect(new Set(given).size).toBe(given.length)
        for (const port of given) expect(offered).toContain(port)
      },
    ),
    { numRuns: 1_000 },
  )
})

describe('host ports by number', () => {
  test('an offer tells which ports it has, those of others left out', () => {
    const other = { ...ports([33_000, 33_000]), ...reserved('other') }
    const mine = { ...ports([32_000, 32_000]), ...reserved('ci') }
    expect(toOffer(offerOf(ports([31_000, 31_001], [31_005, 31_005]), mine, other), 0).portRanges).toEqual([
      { begin: 31_000, end: 31_001 },
      { begin: 31_005, end: 31_005 },
      { begin: 32_000, end: 32_000 },
    ])
  })

  test('go to who asks for them, whoever comes first', () => {
    const pool = new ResourcePool([offerOf(ports([31_000, 31_003]))], [31_000, 31_002])
    expect(pool.take({ ports: 1000 })).toEqual([ports([31_001, 31_001])])
    expect(pool.take({ ports: 2000 }, [31_002])).toEqual([ports([31_002, 31_002], [31_003, 31_003])])
    expect(pool.take({ ports: 1000 })).toBeUndefined()
    expect(pool.take({ ports: 1000 }, [31_000])).toEqual([ports([31_000, 31_000])])
  })

  test('keep the reservation that they were offered with', () => {
    const mine = { ...ports([32_000, 32_000]), ...reserved('ci') }
    const pool = new ResourcePool([offerOf(ports([31_000, 31_009]), mine)], [31_004])
    expect(pool.take({ ports: 2000 }, [31_004])).toEqual([ports([31_004, 31_004]), mine])
  })

  test('that are not there take nothing', () => {
    const pool = new ResourcePool([offerOf(ports([31_000, 31_001]))], [8080])
    expect(pool.take({ ports: 1000 }, [8080])).toBeUndefined()
    expect(pool.take({ ports: 2000 })).toEqual([ports([31_000, 31_001])])
  })

  test('whatever else is taken: each who names ports gets these, and no port is given twice', () => {
    const task = fc.record({ any: fc.nat(3), fixed: fc.boolean() })
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 31_000, max: 31_030 }), { minLength: 1, maxLength: 20 }),
        fc.array(task, { maxLength: 6 }),
        (all, tasks) => {
          const ranges = [...all].sort((a, b) => a - b).map((port) => [port, port] as const)
          const wanted = tasks.map(({ fixed }, index) => (fixed ? all.slice(index, index + 1) : []))
          const pool = new ResourcePool([offerOf(ports(...ranges))], wanted.flat())
          let open = all.length - wanted.flat().length
          const given = tasks.flatMap(({ any }, index) => {
            const numbers = wanted[index] ?? []
            const taken = pool.take({ ports: (any + numbers.length) * 1000 }, numbers)
            expect(taken === undefined).toBe(any > open)
            if (taken === undefined) return []
            open -= any
            const mine = portsOf(taken)
            expect(mine).toHaveLength(any + numbers.length)
            expect(mine).toEqual(expect.arrayContaining([...numbers]))
            return mine
          })
          expect(new Set(given).size).toBe(given.length)
          for (const port of given) expect(all).toContain(port)
        },
      ),
      { numRuns: 1_000 },
    )
  })
})

test('a window of maintenance comes with the offers of its host and with what operators ask', () => {
  const asked = events('18-maintenance').flatMap((event) =>
    event.type === 'INVERSE_OFFERS' ? (event.inverse_offers.inverse_offers ?? []) : [],
  )
  const unavailability = { startsAt: 1_795_451_742_633, endsAt: 1_795_455_342_633 }
  const [first] = asked
  expect(toInverseOffers(asked)[0]).toEqual({
    id: first?.id.value,
    mesosAgentId: first?.agent_id?.value,
    unavailability,
  })
  expect(toOffer({ ...offerOf(), ...(first && { unavailability: first.unavailability }) }, 0)).toMatchObject({
    unavailability,
  })
  expect(toInverseOffers([{ id: { value: 'I' }, unavailability: { start: { nanoseconds: 1 } } }])).toEqual([])
})

test('a window without an end is open until further notice', () => {
  const offer = { ...offerOf(), unavailability: { start: { nanoseconds: 1_795_451_742_632_570_624 } } }
  expect(toOffer(offer, 0).unavailability).toEqual({ startsAt: 1_795_451_742_633, endsAt: undefined })
})

test('a host tells its region and zone, or nothing', () => {
  const fault_domain = { region: { name: 'eu' }, zone: { name: 'a' } }
  expect(toOffer({ ...offerOf(), domain: { fault_domain } }, 0).domain).toEqual({ region: 'eu', zone: 'a' })
  expect(toOffer({ ...offerOf(), domain: {} }, 0).domain).toBeUndefined()
  expect(toOffer(offerOf(), 0).domain).toBeUndefined()
})

function kindOf(resource: WireResource): string {
  return `${resource.name} ${resource.reservations?.[0]?.role ?? '*'}`
}

function sums(resources: readonly WireResource[]): Resources {
  const all: Record<string, number> = {}
  for (const { name, scalar: s } of resources) all[name] = amount(all, name) + toMilli(s?.value ?? 0)
  return all
}

function withoutZeros(resources: Resources): Resources {
  return Object.fromEntries(Object.entries(resources).filter(([, value]) => value > 0))
}
