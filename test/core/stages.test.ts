import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mergeOffers } from '../../src/core/match.ts'
import type { MesosAgentId } from '../../src/core/model.ts'
import type { Offer } from '../../src/core/offer.ts'
import { pack } from '../../src/core/packing.ts'
import {
  canNeverFit,
  type HostOffer,
  isClosing,
  isOpen,
  isRefused,
  type MatchContext,
  type Need,
  refusals,
} from '../../src/core/stages.ts'
import { anOffer, NOW } from '../support/builders.ts'

const HOUR = 3_600_000
const context: MatchContext = { now: NOW, hostBackoff: {}, home: 'eu' }
const small: Need = { role: '*', resources: { cpus: 100, mem: 1_000 }, regions: 'home', maxBuildMs: HOUR }

function host(over: Partial<Omit<Offer, 'id' | 'mesosAgentId'>> = {}): HostOffer {
  const [merged] = mergeOffers([anOffer(over)])
  if (merged === undefined) throw new Error('one offer makes one host')
  return merged
}

const words = (one: HostOffer, need: Need, around = context): readonly string[] =>
  refusals(one, need, around).map((refusal) => `${refusal.stage}${refusal.passing ? '' : '!'}: ${refusal.words}`)

describe('regions', () => {
  const far = host({ domain: { region: 'us', zone: 'a' } })

  test('far from the master are for templates that name them', () => {
    expect(words(far, small)).toEqual([
      'region!: host-1 is in region us, the master in eu: name it in regions of the template',
    ])
    expect(words(far, { ...small, regions: ['asia'] })).toHaveLength(1)
    expect(words(far, { ...small, regions: ['asia', 'us'] })).toEqual([])
    expect(words(far, { ...small, regions: 'any' })).toEqual([])
  })

  test('at home are for all, and so are hosts that tell none, and all where the master tells none', () => {
    const near = host({ domain: { region: 'eu', zone: 'b' } })
    for (const regions of ['home', 'any', ['us']] as const) {
      expect(words(near, { ...small, regions })).toEqual([])
      expect(words(host(), { ...small, regions })).toEqual([])
      expect(words(far, { ...small, regions }, { ...context, home: undefined })).toEqual([])
    }
  })
})

describe('GPUs', () => {
  const withGpus = host({ free: { cpus: 8_000, mem: 8_000_000, gpus: 2_000 } })

  test('keep their host for templates that ask for some', () => {
    expect(words(withGpus, small)).toEqual([
      'gpus!: host-1 has GPUs and is kept for templates that ask for some (gpus)',
    ])
    expect(words(withGpus, { ...small, resources: { ...small.resources, gpus: 1_000 } })).toEqual([])
  })

  test('that a host has not are not waited for there, some that others use up are', () => {
    const hungry = { ...small, resources: { ...small.resources, gpus: 4_000 } }
    expect(words(host(), hungry)).toEqual(['resources!: host-1 needs gpus 4, has gpus 0'])
    expect(words(withGpus, hungry)).toEqual(['resources: host-1 needs gpus 4, has gpus 2'])
  })
})

describe('maintenance', () => {
  const window = (fromMs: number, toMs?: number) => ({
    startsAt: NOW + fromMs,
    endsAt: toMs === undefined ? undefined : NOW + toMs,
  })

  test.each<[string, ReturnType<typeof window>, string | undefined]>([
    ['opens after the longest build', window(HOUR + 1), undefined],
    [
      'opens within it',
      window(12 * 60_000),
      'goes into maintenance in 12 min, builds may take 60 min (maxBuildSeconds)',
    ],
    [
      'opens in a moment',
      window(5_000, HOUR),
      'goes into maintenance in 5 s, builds may take 60 min (maxBuildSeconds)',
    ],
    ['is open', window(-1, HOUR), 'is in maintenance'],
    ['is open until further notice', window(-5 * HOUR), 'is in maintenance'],
    ['is over', window(-HOUR, 0), undefined],
  ])('that %s', (_what, unavailability, refusal) => {
    const expected = refusal === undefined ? [] : [`maintenance!: host-1 ${refusal}`]
    expect(words(host({ unavailability }), small)).toEqual(expected)
    const windows = new Map([['S1' as MesosAgentId, unavailability]])
    expect(words(host(), small, { ...context, windows })).toEqual(expected)
  })

  test('that is soon over is asked about soon', () => {
    expect(words(host({ unavailability: window(-HOUR, 299_000) }), small)).toEqual([
      'maintenance: host-1 is in maintenance',
    ])
  })

  test('of merged offers is the earliest', () => {
    const offers = [anOffer({ id: 'a', unavailability: window(HOUR) }), anOffer({ id: 'b', unavailability: window(5) })]
    expect(mergeOffers([...offers, anOffer({ id: 'c' })])[0]?.unavailability).toEqual(window(5))
  })

  test('closes nothing that is not known', () => {
    expect(isClosing(undefined, HOUR, NOW)).toBe(false)
  })
})

test('packing passes over the same hosts as the stages: nothing is placed where a refusal stands', () => {
  const anyWindow = fc.option(
    fc.record({ startsAt: fc.integer({ min: NOW - HOUR, max: NOW + 2 * HOUR }), endsAt: fc.constant(undefined) }),
    { nil: undefined },
  )
  const anyHost = fc.record({
    host: fc.integer({ min: 1, max: 6 }),
    free: fc.record({ cpus: fc.nat(4_000), mem: fc.nat(4_000), gpus: fc.constantFrom(0, 1_000), ports: fc.nat(3) }),
    domain: fc.constantFrom(undefined, { region: 'eu', zone: 'a' }, { region: 'us', zone: 'a' }),
    unavailability: anyWindow,
  })
  const anyNeed = fc.record({
    role: fc.constant('*'),
    resources: fc.record({
      cpus: fc.nat(2_000),
      mem: fc.nat(2_000),
      gpus: fc.constantFrom(0, 1_000),
      ports: fc.nat(2),
    }),
    regions: fc.constantFrom<Need['regions'] & object>(['us'], ['asia']),
    maxBuildMs: fc.constantFrom(0, HOUR),
  })
  fc.assert(
    fc.property(fc.array(anyHost, { maxLength: 6 }), fc.array(anyNeed, { maxLength: 8 }), (offers, needs) => {
      const hosts = mergeOffers(offers.map((over, index) => anOffer({ id: `O${index}`, ...over })))
      const { placed, unplaced } = pack(needs, hosts, context)
      for (const { need, host: one } of placed) expect(refusals(one, need, context)).toEqual([])
      for (const need of unplaced) {
        const free = hosts.filter((one) => !placed.some((place) => place.host === one))
        for (const one of free) expect(isRefused(one, need, context)).toBe(true)
      }
      for (const one of hosts) {
        for (const need of needs) {
          const all = refusals(one, need, context)
          expect(isRefused(one, need, context)).toBe(all.length > 0)
          expect(isOpen(one, need, context)).toBe(all.every(({ stage }) => stage === 'resources'))
          expect(canNeverFit(one, need, context)).toBe(all.some(({ passing }) => !passing))
        }
      }
    }),
    { numRuns: 1_000 },
  )
})
