import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { hostAttributes } from '../../src/core/host-attributes.ts'
import { mergeOffers } from '../../src/core/match.ts'
import type { TemplateName } from '../../src/core/model.ts'
import { Needs } from '../../src/core/needs.ts'
import type { Attribute } from '../../src/core/offer.ts'
import { pack } from '../../src/core/packing.ts'
import {
  canNeverFit,
  type HostOffer,
  isRefused,
  type MatchContext,
  type Need,
  refusals,
} from '../../src/core/stages.ts'
import { Standings, type Whereabouts } from '../../src/core/standings.ts'
import type { Constraint } from '../../src/core/template.ts'
import { naiveAllows, type Spot } from '../checker/naive-constraints.ts'
import { anOffer, aTemplate, NOW } from '../support/builders.ts'

const linux = 'linux' as TemplateName
const SMALL = { cpus: 100, mem: 1_000 }

const text = (name: string, value: string): Attribute => ({ name, type: 'TEXT', value })
const rule = (field: string, operator: Constraint['operator'], value?: string): Constraint => ({
  field,
  operator,
  value,
})
const needs = (...constraints: readonly Constraint[]): Need => new Needs().of(aTemplate({ constraints }), SMALL)
function host(n: number, ...attributes: readonly Attribute[]): HostOffer {
  const [merged] = mergeOffers([anOffer({ host: n, attributes, domain: { region: 'eu', zone: `z${n}` } })])
  if (merged === undefined) throw new Error('one offer makes one host')
  return merged
}
const around = (...agents: readonly Whereabouts[]): MatchContext => ({
  now: NOW,
  hostBackoff: {},
  standings: new Standings(agents.map((agent) => [linux, agent])),
})
const on = (n: number, attributes: Whereabouts['attributes'] = {}): Whereabouts => ({
  hostname: `host-${n}`,
  attributes,
})
const words = (one: HostOffer, need: Need, context = around()): readonly string[] =>
  refusals(one, need, context).map((refusal) => `${refusal.stage}${refusal.passing ? '' : '!'}: ${refusal.words}`)

describe('a rule on what a host is', () => {
  const rack = host(3, text('rack_id', 'r9'), { name: 'cores', type: 'SCALAR', value: '8' })

  test('that it breaks is told with what the host has, and is broken for ever', () => {
    const need = needs(rule('rack_id', 'LIKE', 'r[12]'))
    expect(words(rack, need)).toEqual(['constraints!: host-3 has rack_id=r9, the rule is rack_id LIKE r[12]'])
    expect(canNeverFit(rack, need, around())).toBe(true)
    expect(words(host(4), need)).toEqual(['constraints!: host-4 has no rack_id, the rule is rack_id LIKE r[12]'])
    const named = words(rack, needs(rule('hostname', 'IS', 'host-1')))
    expect(named).toEqual(['constraints!: host-3, the rule is hostname IS host-1'])
  })

  test.each<readonly [Constraint, boolean]>([
    [rule('rack_id', 'LIKE', 'r'), false],
    [rule('rack_id', 'LIKE', 'r.'), true],
    [rule('rack_id', 'UNLIKE', 'r.'), false],
    [rule('rack_id', 'UNLIKE', 'r'), true],
    [rule('os', 'UNLIKE', 'windows'), true],
    [rule('os', 'LIKE', '.*'), false],
    [rule('rack_id', 'CLUSTER', 'r9'), true],
    [rule('rack_id', 'CLUSTER', 'r'), false],
    [rule('rack_id', 'IS', 'r9'), true],
    [rule('cores', 'IS', '8.0004'), true],
    [rule('cores', 'IS', '8.01'), false],
    [rule('cores', 'IS', ''), false],
    [rule('cores', 'LIKE', '[48]'), true],
    [rule('@hostname', 'LIKE', 'host-\\d'), true],
    [rule('@region', 'IS', 'eu'), true],
    [rule('@zone', 'IS', 'z4'), false],
    [rule('constructor', 'UNIQUE'), false],
  ])('%j holds: %s', (constraint, holds) => {
    expect(words(rack, needs(constraint)).length === 0).toBe(holds)
  })

  test('compares ranges and sets whatever their order', () => {
    const one = host(
      1,
      { name: 'ports', type: 'RANGES', value: '[1-5,20-30]' },
      { name: 'of', type: 'SET', value: '{b,a}' },
    )
    expect(words(one, needs(rule('ports', 'IS', '[20-30, 1-5]'), rule('of', 'IS', '{a,b}')))).toEqual([])
    expect(words(one, needs(rule('of', 'IS', '{a}')))).toHaveLength(1)
  })

  test('looks at the first attribute of a name, as a master does', () => {
    expect(words(host(1, text('rack', 'a'), text('rack', 'b')), needs(rule('rack', 'IS', 'b')))).toHaveLength(1)
  })

  test('that cannot be read holds nowhere, and says so', () => {
    for (const operator of ['LIKE', 'UNLIKE'] as const) {
      expect(words(rack, needs(rule('rack_id', operator, '(?=r)')))).toEqual([
        `constraints!: host-3 has rack_id=r9, the rule is rack_id ${operator} (?=r), which cannot be read: of groups with (? only (?: is known`,
      ])
    }
  })

  test('takes its time in proportion to the value, whatever the pattern', () => {
    const long = host(1, text('rack', 'a'.repeat(900)))
    expect(words(long, needs(rule('rack', 'LIKE', '(a+)+b')))).toHaveLength(1)
    expect(words(long, needs(rule('rack', 'LIKE', '(a|aa)+')))).toEqual([])
  })
})

describe('a rule on where agents are', () => {
  const r1 = host(1, text('rack', 'r1'))
  const r2 = host(2, text('rack', 'r2'))
  const inRack = (rack: string): Whereabouts => on(9, { rack })

  test('UNIQUE refuses a value that has one, for now', () => {
    const need = needs(rule('rack', 'UNIQUE'))
    const context = around(inRack('r1'))
    expect(words(r1, need, context)).toEqual([
      'constraints: host-1 has rack=r1 with 1 of 1 agents of template linux, the rule is rack UNIQUE',
    ])
    expect(canNeverFit(r1, need, context)).toBe(false)
    expect(words(r2, need, context)).toEqual([])
    expect(canNeverFit(host(3), need, context)).toBe(true)
  })

  test('MAX_PER lets as many', () => {
    const need = needs(rule('rack', 'MAX_PER', '2'))
    expect(words(r1, need, around(inRack('r1')))).toEqual([])
    expect(words(r1, need, around(inRack('r1'), inRack('r1'), inRack('r2')))).toEqual([
      'constraints: host-1 has rack=r1 with 2 of 3 agents of template linux, the rule is rack MAX_PER 2',
    ])
  })

  test('CLUSTER without a value follows the first', () => {
    const need = needs(rule('rack', 'CLUSTER'))
    expect(words(r1, need)).toEqual([])
    expect(words(r1, need, around(inRack('r2')))).toHaveLength(1)
    expect(words(r2, need, around(inRack('r2')))).toEqual([])
  })

  test('GROUP_BY goes to a new value, or to one with the fewest once there are enough', () => {
    const need = needs(rule('rack', 'GROUP_BY', '3'))
    expect(words(r1, need, around(inRack('r1'), inRack('r2')))).toHaveLength(1)
    expect(words(r1, need, around(inRack('r1'), inRack('r2'), inRack('r3')))).toEqual([])
    expect(words(r1, need, around(inRack('r1'), inRack('r1'), inRack('r2'), inRack('r3')))).toHaveLength(1)
    expect(words(r1, need, around(inRack('r2'), inRack('r2')))).toEqual([])
  })

  test('counts agents of its template only', () => {
    const standings = new Standings([['other' as TemplateName, inRack('r1')]])
    expect(words(r1, needs(rule('rack', 'UNIQUE')), { ...around(), standings })).toEqual([])
  })

  test('takes an agent of which nobody knows the value for one that may be here', () => {
    const adopted = around({ hostname: undefined, attributes: undefined })
    expect(words(r1, needs(rule('rack', 'UNIQUE')), adopted)).toEqual([
      'constraints: host-1 has rack=r1 with 0 of 1 agents of template linux (of 1 of them nobody knows the rack), the rule is rack UNIQUE',
    ])
    expect(words(r1, needs(rule('rack', 'MAX_PER', '2')), adopted)).toEqual([])
    expect(words(r1, needs(rule('hostname', 'MAX_PER', '1')), adopted)).toHaveLength(1)
    expect(words(r1, needs(rule('rack', 'CLUSTER')), adopted)).toHaveLength(1)
    const elsewhere = around({ hostname: 'host-7', attributes: undefined })
    expect(words(r1, needs(rule('hostname', 'UNIQUE')), elsewhere)).toEqual([])
  })
})

const FIELDS = ['rack', 'cores', 'hostname', '@hostname', '@region', '@zone'] as const
const anyAttributes = fc
  .record({
    rack: fc.option(fc.constantFrom('r1', 'r2', 'r3'), { nil: undefined }),
    cores: fc.option(fc.constantFrom('4', '8'), { nil: undefined }),
  })
  .map(({ rack, cores }): readonly Attribute[] => [
    ...(rack === undefined ? [] : [text('rack', rack)]),
    ...(cores === undefined ? [] : [{ name: 'cores', type: 'SCALAR' as const, value: cores }]),
  ])
const anyHosts = fc
  .array(fc.tuple(anyAttributes, fc.constantFrom(undefined, 'eu', 'us'), fc.integer({ min: 0, max: 4 })), {
    maxLength: 7,
  })
  .map((all) =>
    mergeOffers(
      all.map(([attributes, region, slots], n) =>
        anOffer({
          id: `O${n}`,
          host: n,
          attributes,
          domain: region && { region, zone: `${region}-${n % 2}` },
          free: { cpus: slots * 100, mem: slots * 1_000 },
        }),
      ),
    ),
  )
const anyConstraint = fc.oneof(
  fc.record({
    field: fc.constantFrom(...FIELDS),
    operator: fc.constantFrom('UNIQUE' as const, 'CLUSTER' as const, 'GROUP_BY' as const),
    value: fc.constant(undefined),
  }),
  fc.record({
    field: fc.constantFrom(...FIELDS),
    operator: fc.constantFrom('MAX_PER' as const, 'GROUP_BY' as const),
    value: fc.constantFrom('1', '2', '3'),
  }),
  fc.record({
    field: fc.constantFrom(...FIELDS),
    operator: fc.constantFrom('LIKE' as const, 'UNLIKE' as const),
    value: fc.constantFrom('r[12]', '.*', 'host-[0-3]', 'eu(-\\d)?', '4|8', 'r'),
  }),
  fc.record({
    field: fc.constantFrom(...FIELDS),
    operator: fc.constantFrom('IS' as const, 'CLUSTER' as const),
    value: fc.constantFrom('r1', '8', '4.0', 'host-2', 'eu', 'eu-1'),
  }),
)
const spotOf = (one: HostOffer): Spot => ({
  hostname: one.hostname,
  region: one.domain?.region,
  zone: one.domain?.zone,
  attributes: one.attributes,
})

describe('against a naive model', () => {
  const anyRules = fc.array(anyConstraint, { minLength: 1, maxLength: 3 })

  test('a host is refused where the model refuses it, whichever agents are where', () => {
    fc.assert(
      fc.property(anyHosts, anyRules, fc.array(fc.nat(6), { maxLength: 6 }), (hosts, constraints, placed) => {
        const agents = placed.flatMap((at) => hosts[at % Math.max(1, hosts.length)] ?? [])
        const context = around(...agents.map((one) => ({ hostname: one.hostname, attributes: hostAttributes(one) })))
        const need = { ...needs(...constraints), resources: {} }
        for (const one of hosts) {
          const allowed = constraints.every((each) => naiveAllows(each, spotOf(one), agents.map(spotOf)))
          expect([one.hostname, isRefused(one, need, context)]).toEqual([one.hostname, !allowed])
          const everAllowed = constraints.every((each) => naiveAllows(each, spotOf(one), 'as it likes'))
          expect([one.hostname, canNeverFit(one, need, context)]).toEqual([one.hostname, !everAllowed])
        }
      }),
      { numRuns: 3_000 },
    )
  })

  test('each agent that is packed is allowed beside those packed before, and none waits that would be', () => {
    const anyNeeds = fc.tuple(anyRules, fc.nat(8), fc.constantFrom('binpack' as const, 'spread' as const))
    fc.assert(
      fc.property(anyHosts, anyNeeds, (hosts, [constraints, count, packing]) => {
        const template = aTemplate({ constraints, packing })
        const wanted = Array.from({ length: count }, () => new Needs().of(template, SMALL))
        const { placed, unplaced } = pack(wanted, hosts, around())
        const agents: HostOffer[] = []
        const allows = (one: HostOffer): boolean =>
          constraints.every((each) => naiveAllows(each, spotOf(one), agents.map(spotOf)))
        for (const { host: one } of placed) {
          expect(allows(one)).toBe(true)
          agents.push(one)
        }
        if (unplaced.length === 0) return
        for (const one of hosts) {
          const slots = (one.free['cpus'] ?? 0) / 100
          const used = agents.filter((agent) => agent === one).length
          expect(used < slots && allows(one)).toBe(false)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
