import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Needs } from '../../src/core/needs.ts'
import { fits, type Resources } from '../../src/core/resources.ts'
import { type HostOffer, isRefused } from '../../src/core/stages.ts'
import type { Constraint } from '../../src/core/template.ts'
import { attributesOf, type HostSpec } from '../../src/embedded/mesos/host-spec.ts'
import { admits } from '../../src/embedded/mesos/offer-constraints.ts'
import type { HostNeed } from '../../src/mesos/framework-info.ts'
import { toOffer } from '../../src/mesos/offers.ts'
import { toTerms } from '../../src/mesos/terms.ts'
import { aTemplate, NOW } from '../support/builders.ts'

const LEAST = { cpus: 300, mem: 704_000 }
const rule = (field: string, operator: Constraint['operator'], value?: string): Constraint => ({
  field,
  operator,
  value,
})
const need = (role: string, constraints: readonly Constraint[], least: Resources = LEAST): HostNeed => ({
  role,
  constraints,
  least,
})
const terms = (...needs: readonly HostNeed[]) => toTerms({ gpus: false, regions: false, needs }, ['ci', 'big'])
const groupsOf = (...needs: readonly HostNeed[]) => terms(...needs).constraints?.role_constraints['ci']?.groups

describe('rules are told to the master', () => {
  test('in its words, one group a template', () => {
    const linux = [rule('rack_id', 'LIKE', 'r[12]'), rule('os', 'UNLIKE', 'win.*')]
    const near = [rule('@region', 'IS', 'eu'), rule('hostname', 'CLUSTER', 'host-1'), rule('@zone', 'UNIQUE')]
    expect(groupsOf(need('ci', linux), need('ci', near), need('ci', linux))).toEqual([
      {
        attribute_constraints: [
          { selector: { attribute_name: 'rack_id' }, predicate: { text_matches: { regex: 'r[12]' } } },
          { selector: { attribute_name: 'os' }, predicate: { text_not_matches: { regex: 'win.*' } } },
        ],
      },
      {
        attribute_constraints: [
          { selector: { pseudoattribute_type: 'REGION' }, predicate: { text_equals: { value: 'eu' } } },
          { selector: { pseudoattribute_type: 'HOSTNAME' }, predicate: { text_equals: { value: 'host-1' } } },
          { selector: { pseudoattribute_type: 'ZONE' }, predicate: { exists: {} } },
        ],
      },
    ])
  })

  test.each<readonly [string, readonly HostNeed[]]>([
    ['a template has none', [need('ci', [rule('os', 'IS', 'linux')]), need('ci', [])]],
    ['a template has only such as every host keeps', [need('ci', [rule('hostname', 'UNIQUE')])]],
    ['a pattern is too long', [need('ci', [rule('os', 'UNLIKE', 'x'.repeat(81))])]],
    ['a pattern cannot be read', [need('ci', [rule('os', 'UNLIKE', '(?!x)')])]],
    ['the framework does not have the role', [need('other', [rule('os', 'IS', 'linux')])]],
    ['there are no templates', []],
  ])('not where %s', (_what, needs) => {
    expect(terms(...needs).constraints).toBeUndefined()
  })

  test('for their own role', () => {
    const one = terms(need('ci', [rule('os', 'IS', 'linux')]), need('big', []))
    expect(Object.keys(one.constraints?.role_constraints ?? {})).toEqual(['ci'])
  })
})

test('offers that hold no agent of any template are not wanted', () => {
  const { filters } = terms(
    need('ci', [], { cpus: 1_000, mem: 512_000 }),
    need('ci', [], { cpus: 2_000, mem: 512_000 }),
    need('ci', [], { cpus: 500, mem: 1_024_000, ports: 2_000, gpus: 0 }),
    need('ci', [], { cpus: 1_000, mem: 512_000 }),
  )
  expect(filters).toEqual({
    ci: {
      min_allocatable_resources: {
        quantities: [
          { quantities: { cpus: { value: 1 }, mem: { value: 512 } } },
          { quantities: { cpus: { value: 0.5 }, mem: { value: 1024 }, ports: { value: 2 } } },
        ],
      },
    },
  })
  expect(terms(need('ci', [], LEAST), need('ci', [], {})).filters).toEqual({ ci: { min_allocatable_resources: {} } })
})

const FIELDS = ['os', 'rack', 'cores', 'ports', 'hostname', '@hostname', '@region', '@zone']
const anyConstraint = fc.oneof(
  fc.record({
    field: fc.constantFrom(...FIELDS),
    operator: fc.constantFrom('LIKE' as const, 'UNLIKE' as const),
    value: fc.constantFrom('linux', 'r[12]', '.*', '[48]', 'host-[0-2]', 'eu|us', '\\d+', '(?=x)', 'z'.repeat(90)),
  }),
  fc.record({
    field: fc.constantFrom(...FIELDS),
    operator: fc.constantFrom('IS' as const, 'CLUSTER' as const),
    value: fc.constantFrom('linux', 'r1', '8', '8.0003', '[1-5,20-30]', 'host-1', 'eu'),
  }),
  fc.record({
    field: fc.constantFrom(...FIELDS),
    operator: fc.constantFrom('UNIQUE' as const, 'CLUSTER' as const, 'GROUP_BY' as const, 'MAX_PER' as const),
    value: fc.constant(undefined),
  }),
)
const anyHost: fc.Arbitrary<HostSpec> = fc
  .record({
    hostname: fc.constantFrom('host-0', 'host-1', 'host-9'),
    attributes: fc.record(
      {
        os: fc.constantFrom('linux', 'windows'),
        rack: fc.constantFrom('r1', 'r9', '7'),
        cores: fc.constantFrom('4', '8', '8.5', 'eight'),
        ports: fc.constantFrom('[1-5,20-30]', '[1-2]', 'none'),
      },
      { requiredKeys: [] },
    ),
    region: fc.constantFrom(undefined, 'eu', 'us'),
  })
  .map(({ hostname, attributes, region }) => ({
    hostname,
    authority: '127.0.0.1:5051',
    resources: {},
    attributes,
    ...(region !== undefined && { faultDomain: { region, zone: `${region}-1` } }),
  }))

function offered(spec: HostSpec): HostOffer {
  const domain = spec.faultDomain
  const offer = toOffer(
    {
      id: { value: 'O' },
      framework_id: { value: 'F' },
      agent_id: { value: 'S' },
      hostname: spec.hostname,
      attributes: attributesOf(spec),
      ...(domain && { domain: { fault_domain: { region: { name: domain.region }, zone: { name: domain.zone } } } }),
      allocation_info: { role: 'ci' },
    },
    NOW,
  )
  return { ...offer, offers: [offer.id] }
}

test('a master that is told keeps no host from us that we would take', () => {
  const anyTemplates = fc.array(fc.array(anyConstraint, { maxLength: 3 }), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(anyTemplates, anyHost, (templates, spec) => {
      const { constraints } = terms(...templates.map((one) => need('ci', one)))
      const takes = templates.some((one) => {
        const asked = new Needs().of(aTemplate({ constraints: one, role: 'ci' }), {})
        return !isRefused(offered(spec), asked, { now: NOW, hostBackoff: {} })
      })
      if (takes) expect(admits(constraints, 'ci', spec)).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

test('an offer that holds an agent is never too small', () => {
  const anyResources = fc.record(
    { cpus: fc.nat(4), mem: fc.nat(4), ports: fc.nat(2), gpus: fc.nat(1) },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(anyResources, { minLength: 1, maxLength: 5 }), anyResources, (leasts, free) => {
      const { filters } = terms(...leasts.map((least) => need('ci', [], least)))
      const alternatives = filters?.['ci']?.min_allocatable_resources?.quantities
      const big = (alternatives ?? [{}]).some(({ quantities = {} }) =>
        Object.entries(quantities).every(([name, { value }]) => (free[name as 'cpus'] ?? 0) >= value * 1000),
      )
      expect(big).toBe(leasts.some((least) => fits(least, free)))
    }),
    { numRuns: 1_000 },
  )
})
