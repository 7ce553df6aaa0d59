import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mergeOffers } from '../../src/core/match.ts'
import type { MesosAgentId } from '../../src/core/model.ts'
import { pack } from '../../src/core/packing.ts'
import { fits, minus, plus, type Resources } from '../../src/core/resources.ts'
import type { HostOffer, MatchContext, Need } from '../../src/core/stages.ts'
import { NOW } from '../support/builders.ts'
import { firstFit, lowerBound, SHAPES, usedHosts } from '../support/loads.ts'
import { aHost, anyOffers } from '../support/offers.ts'

const NOBODY_AVOIDED: MatchContext = { now: NOW, hostBackoff: {} }

function need(cpus: number, memMib: number, over: Partial<Need> = {}): Need {
  return { role: '*', resources: { cpus, mem: memMib * 1000 }, ...over }
}

const anyNeed = fc
  .record({
    cpus: fc.integer({ min: 0, max: 4_000 }),
    mem: fc.integer({ min: 1, max: 4_096 }),
    role: fc.constantFrom('*', 'ci'),
    priority: fc.constantFrom(0, 0, 0, 5),
    packing: fc.constantFrom('binpack' as const, 'spread' as const),
    near: fc.subarray(['host-1', 'host-3', 'host-9']),
  })
  .map(({ cpus, mem, ...over }) => need(cpus, mem, over))
const anyContext = fc
  .dictionary(fc.constantFrom('host-1', 'host-2', 'host-3'), fc.integer({ min: NOW - 1_000, max: NOW + 60_000 }))
  .map((hostBackoff): MatchContext => ({ now: NOW, hostBackoff }))

const sum = (all: readonly Resources[]): Resources => all.reduce<Resources>(plus, {})

describe('packing', () => {
  test('never gives more than there is, the wrong role, or a host that is avoided', () => {
    fc.assert(
      fc.property(fc.array(anyNeed, { maxLength: 20 }), anyOffers, anyContext, (needs, offers, context) => {
        const hosts = mergeOffers(offers)
        const { placed } = pack(needs, hosts, context)
        for (const one of hosts) {
          const here = placed.filter((place) => place.host === one).map((place) => place.need)
          expect(fits(sum(here.map(({ resources }) => resources)), one.free)).toBe(true)
          for (const { role } of here) expect(role).toBe(one.role)
          if (here.length > 0) expect(context.hostBackoff[one.hostname] ?? 0).toBeLessThanOrEqual(NOW)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('places or returns each need once, and returns none that would still fit', () => {
    fc.assert(
      fc.property(fc.array(anyNeed, { maxLength: 20 }), anyOffers, anyContext, (needs, offers, context) => {
        const hosts = mergeOffers(offers)
        const { placed, unplaced } = pack(needs, hosts, context)
        expect(new Set([...placed.map((place) => place.need), ...unplaced])).toEqual(new Set(needs))
        expect(placed.length + unplaced.length).toBe(needs.length)
        for (const one of hosts) {
          if ((context.hostBackoff[one.hostname] ?? 0) > NOW) continue
          const used = sum(placed.filter((place) => place.host === one).map((place) => place.need.resources))
          for (const { role, resources } of unplaced) {
            expect(role === one.role && fits(plus(used, resources), one.free)).toBe(false)
          }
        }
      }),
    )
  })

  test('is the same each time', () => {
    fc.assert(
      fc.property(fc.array(anyNeed, { maxLength: 20 }), anyOffers, anyContext, (needs, offers, context) => {
        const hosts = mergeOffers(offers)
        expect(pack(needs, hosts, context)).toEqual(pack(needs, hosts, context))
      }),
    )
  })

  test('begins with the biggest: the small one finds room beside it', () => {
    const small = need(100, 500)
    const big = need(100, 900)
    const { placed, unplaced } = pack([small, big], [aHost(1, 1_000, 1_000), aHost(2, 1_000, 600)], NOBODY_AVOIDED)
    expect(placed.map((place) => [place.need, place.host.hostname])).toEqual([
      [big, 'host-1'],
      [small, 'host-2'],
    ])
    expect(unplaced).toEqual([])
  })

  test('with equal memory, more CPUs are bigger', () => {
    const needs = [need(100, 500), need(900, 500)]
    const { placed } = pack(needs, [aHost(1, 900, 500)], NOBODY_AVOIDED)
    expect(placed.map((place) => place.need)).toEqual([needs[1]])
  })

  test('fills the fullest host first, so that the big hole stays whole', () => {
    const hosts = [aHost(1, 8_000, 8_000), aHost(2, 8_000, 2_000), aHost(3, 8_000, 4_000)]
    const needs = Array.from({ length: 4 }, () => need(100, 1_000))
    const { placed } = pack(needs, hosts, NOBODY_AVOIDED)
    expect(placed.map((place) => place.host.hostname)).toEqual(['host-2', 'host-2', 'host-3', 'host-3'])
  })

  test('with nothing to do does nothing', () => {
    expect(pack([], [aHost(1, 1, 1)], NOBODY_AVOIDED)).toMatchObject({ placed: [], unplaced: [] })
    expect(pack([need(1, 1)], [], NOBODY_AVOIDED)).toMatchObject({ placed: [], unplaced: [need(1, 1)] })
  })
})

test('who is less urgent never has what a more urgent one could have had', () => {
  fc.assert(
    fc.property(fc.array(anyNeed, { maxLength: 20 }), anyOffers, (needs, offers) => {
      const hosts = mergeOffers(offers)
      const { placed, unplaced } = pack(needs, hosts, NOBODY_AVOIDED)
      for (const waiting of unplaced) {
        for (const one of hosts.filter(({ role }) => role === waiting.role)) {
          const before = placed.filter(
            (place) => place.host === one && (place.need.priority ?? 0) >= (waiting.priority ?? 0),
          )
          const left = minus(one.free, sum(before.map((place) => place.need.resources)))
          expect(fits(waiting.resources, left)).toBe(false)
        }
      }
    }),
    { numRuns: 1_000 },
  )
})

describe('spreading', () => {
  const spread = (count: number): readonly Need[] =>
    Array.from({ length: count }, () => need(100, 100, { packing: 'spread' }))
  const names = (needs: readonly Need[], hosts: readonly HostOffer[], context: MatchContext): readonly string[] =>
    pack(needs, hosts, context).placed.map((place) => place.host.hostname)

  test('goes where the fewest agents are, and of these where most is free', () => {
    const hosts = [aHost(1, 8_000, 8_000), aHost(2, 4_000, 4_000), aHost(3, 6_000, 6_000)]
    expect(names(spread(4), hosts, NOBODY_AVOIDED)).toEqual(['host-1', 'host-3', 'host-2', 'host-1'])
    const agentsOn = new Map([['S1' as MesosAgentId, 2]])
    expect(names(spread(3), hosts, { ...NOBODY_AVOIDED, agentsOn })).toEqual(['host-3', 'host-2', 'host-3'])
  })

  test('leaves no host with two agents more than another that has room', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }), (count, before) => {
        const hosts = before.map((_, index) => aHost(index, 100_000, 100_000))
        const agentsOn = new Map(before.map((agents, index) => [`S${index}` as MesosAgentId, agents]))
        const { placed, unplaced } = pack(spread(count), hosts, { ...NOBODY_AVOIDED, agentsOn })
        expect(unplaced).toEqual([])
        const got = new Map(agentsOn)
        for (const { host: one } of placed) got.set(one.mesosAgentId, (got.get(one.mesosAgentId) ?? 0) + 1)
        const touched = placed.map((place) => got.get(place.host.mesosAgentId) ?? 0)
        if (touched.length > 0) expect(Math.max(...touched) - Math.min(...got.values())).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('favourite hosts', () => {
  const hosts = [aHost(1, 1_000, 1_000), aHost(2, 8_000, 8_000), aHost(3, 8_000, 8_000)]

  test('come first, in their order, where there is room', () => {
    const { placed } = pack([need(500, 900, { near: ['host-9', 'host-3', 'host-2'] })], hosts, NOBODY_AVOIDED)
    expect(placed.map((place) => place.host.hostname)).toEqual(['host-3'])
  })

  test('are left to those who have them as such', () => {
    const needs = [need(500, 900), need(500, 900, { near: ['host-1'] })]
    const { placed } = pack(needs, hosts, NOBODY_AVOIDED)
    expect(placed.find((place) => place.need === needs[1])?.host.hostname).toBe('host-1')
    expect(placed.find((place) => place.need === needs[0])?.host.hostname).toBe('host-2')
  })

  test('without room are no hindrance', () => {
    const { placed } = pack([need(500, 4_000, { near: ['host-1'] })], hosts, NOBODY_AVOIDED)
    expect(placed.map((place) => place.host.hostname)).toEqual(['host-2'])
  })
})

describe('random loads', () => {
  test.each(SHAPES)(
    'of %s agents take 1.25 times the hosts of the lower bound at most, and no more than first fit',
    (shape) => {
      let [packed, naive] = [0, 0]
      fc.assert(
        fc.property(shape.load, (load) => {
          const used = usedHosts(load)
          expect(used).toBeLessThanOrEqual(Math.max(1.25 * lowerBound(load), lowerBound(load) + 1))
          packed += used
          naive += firstFit(load)
        }),
        { numRuns: 1_000 },
      )
      expect(packed).toBeLessThan(naive)
    },
  )
})
