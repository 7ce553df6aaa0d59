import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { explainRefusals, mergeOffers } from '../../src/core/match.ts'
import type { MesosAgentId, TemplateName } from '../../src/core/model.ts'
import type { Offer } from '../../src/core/offer.ts'
import { amount, plus, type Resources } from '../../src/core/resources.ts'
import { type HostOffer, type MatchContext, type Need, refusals } from '../../src/core/stages.ts'
import { anOffer, NOW } from '../support/builders.ts'
import { aHost, anyOffers } from '../support/offers.ts'

const NOBODY_AVOIDED: MatchContext = { now: NOW, hostBackoff: {} }

function need(cpus: number, memMib: number, role = '*'): Need {
  return { role, resources: { cpus, mem: memMib * 1000 } }
}

const sum = (all: readonly Resources[]): Resources => all.reduce<Resources>(plus, {})

describe('merging offers', () => {
  test('keeps every offer once, host by host and role by role, and loses nothing', () => {
    fc.assert(
      fc.property(anyOffers, (offers) => {
        const hosts = mergeOffers(offers)
        expect(hosts.flatMap((one) => one.offers).sort()).toEqual(offers.map(({ id }) => id).sort())
        expect(new Set(hosts.map(({ mesosAgentId, role }) => `${mesosAgentId} ${role}`)).size).toBe(hosts.length)
        for (const name of ['cpus', 'mem']) {
          expect(amount(sum(hosts.map(({ free }) => free)), name)).toBe(amount(sum(offers.map((o) => o.free)), name))
        }
      }),
    )
  })

  test('adds up what two offers of a host have', () => {
    const offers = [
      anOffer({ id: 'a', free: { cpus: 500, mem: 1_000_000 } }),
      anOffer({ id: 'b', free: { cpus: 300, ports: 2 } }),
      anOffer({ id: 'c', role: 'ci', free: { cpus: 1 } }),
    ]
    expect(mergeOffers(offers)).toMatchObject([
      { offers: ['a', 'b'], free: { cpus: 800, mem: 1_000_000, ports: 2 }, role: '*', hostname: 'host-1' },
      { offers: ['c'], free: { cpus: 1 }, role: 'ci' },
    ])
  })
})

describe('refusals', () => {
  test('come from every stage, in words', () => {
    const context: MatchContext = { now: NOW, hostBackoff: { 'host-1': NOW + 1_500 } }
    expect(refusals(aHost(1, 500, 512), need(1_000, 1_408), context)).toEqual([
      {
        stage: 'resources',
        words: 'host-1 needs cpus 1, has cpus 0.5; needs mem 1408 MiB, has mem 512 MiB',
        passing: true,
        short: [
          { name: 'cpus', needed: 1_000, available: 500 },
          { name: 'mem', needed: 1_408_000, available: 512_000 },
        ],
      },
      { stage: 'avoided', words: 'host-1 is avoided for 2 s more after a failed launch', passing: true, short: [] },
    ])
  })

  test('of a host where launches of one template failed are for that template alone', () => {
    const linux = 'linux' as TemplateName
    const own = { hostBackoff: { 'host-1': NOW + 1_500 }, hostFailures: { 'host-1': { count: 2, lastAt: NOW } } }
    const context: MatchContext = { ...NOBODY_AVOIDED, avoidedBy: { [linux]: own } }
    const wanted = need(500, 512)
    expect(refusals(aHost(1, 500, 512), wanted, context)).toEqual([])
    expect(refusals(aHost(1, 500, 512), { ...wanted, launch: 'other' as TemplateName }, context)).toEqual([])
    expect(refusals(aHost(1, 500, 512), { ...wanted, template: linux, launch: linux }, context)).toMatchObject([
      { words: 'host-1 is avoided for 2 s more after 2 failed launches in a row of template linux' },
    ])
  })

  test('are none where it fits and the host is avoided no more', () => {
    expect(refusals(aHost(1, 500, 512), need(500, 512), { now: NOW, hostBackoff: { 'host-1': NOW } })).toEqual([])
  })

  const short = [1, 2, 3, 4, 5].map((n) => aHost(n, 0, 100))
  test.each<[string, readonly HostOffer[], string]>([
    ['no offer', [], 'no host has offered resources to role * yet; it needs mem 512 MiB'],
    [
      'offers to another role only',
      [aHost(1, 9_000, 9_000, 'ci')],
      'no host has offered resources to role * yet; it needs mem 512 MiB',
    ],
    ['one host that is short', short.slice(0, 1), '1 host offered: host-1 needs mem 512 MiB, has mem 100 MiB'],
    [
      'two hosts that are short',
      short.slice(0, 2),
      '2 hosts offered: host-1 needs mem 512 MiB, has mem 100 MiB; host-2 needs mem 512 MiB, has mem 100 MiB',
    ],
    ['a host whose room went to others', [aHost(1, 0, 512)], '1 host offered, all taken by agents placed before'],
  ])('explain %s', (_what, hosts, words) => {
    expect(explainRefusals(need(0, 512), hosts, NOBODY_AVOIDED)).toBe(words)
  })

  test('of many hosts show three and count the rest', () => {
    const words = explainRefusals(need(0, 512), short, NOBODY_AVOIDED)
    expect(words).toMatch(/^5 hosts offered: host-1 .*; host-2 .*; host-3 .*; and 2 more$/)
  })
})

test('the same host name on two Mesos agents stays two hosts', () => {
  const offers = [anOffer({ id: 'a' }), { ...anOffer({ id: 'b' }), mesosAgentId: 'S9' as MesosAgentId }]
  expect(mergeOffers(offers)).toHaveLength(2)
})
