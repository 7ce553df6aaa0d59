import { readPattern } from '../core/pattern.ts'
import { fits, fromMilli } from '../core/resources.ts'
import type { Constraint } from '../core/template.ts'
import { capabilitiesOf, type HostNeed, type Terms, type Wants } from './framework-info.ts'
import type { WireAttributeConstraint, WireLeast } from './protocol.ts'

/** @param roles of the framework: a master refuses constraints for others */
export function toTerms(wants: Wants, roles: readonly string[]): Terms {
  const ofRole = (role: string): readonly HostNeed[] => (wants.needs ?? []).filter((need) => need.role === role)
  const asked = roles.map((role) => [role, ofRole(role)] as const).filter(([, needs]) => needs.length > 0)
  const filters = asked.map(([role, needs]) => [role, { min_allocatable_resources: leastOf(needs) }] as const)
  const constraints = asked.flatMap(([role, needs]) => {
    const groups = groupsOf(needs)
    return groups === undefined ? [] : [[role, { groups }] as const]
  })
  return {
    capabilities: capabilitiesOf(wants),
    filters: filters.length === 0 ? undefined : Object.fromEntries(filters),
    constraints: constraints.length === 0 ? undefined : { role_constraints: Object.fromEntries(constraints) },
  }
}

/** An offer with less than the smallest agent of any template needs is of no use. */
function leastOf(needs: readonly HostNeed[]): WireLeast {
  const smallest = needs
    .map(({ least }) => least)
    .filter((one, at, all) => !all.some((other, index) => fits(other, one) && (index < at || !fits(one, other))))
  const quantities = smallest.map((least) =>
    Object.fromEntries(
      Object.entries(least)
        .filter(([, milli]) => milli > 0)
        .map(([name, milli]) => [name, { value: fromMilli(milli) }]),
    ),
  )
  // One that asks for nothing takes anything.
  if (quantities.some((one) => Object.keys(one).length === 0)) return {}
  return { quantities: unique(quantities).map((one) => ({ quantities: one })) }
}

/** One group a template; `undefined` where one of them can use any host. */
function groupsOf(
  needs: readonly HostNeed[],
): readonly { readonly attribute_constraints: readonly WireAttributeConstraint[] }[] | undefined {
  const groups = unique(needs.map(({ constraints }) => unique(constraints.flatMap(toWire))))
  if (groups.some((group) => group.length === 0)) return undefined
  return groups.map((group) => ({ attribute_constraints: group }))
}

const PSEUDO: Readonly<Record<string, 'HOSTNAME' | 'REGION' | 'ZONE'>> = {
  hostname: 'HOSTNAME',
  '@hostname': 'HOSTNAME',
  '@region': 'REGION',
  '@zone': 'ZONE',
}

/**
 * Never less than what the planner itself would take: a master compares texts only, and takes hosts whose attribute is
 * of another type; where the agents are it is not told, as that changes with each of them.
 */
function toWire({ field, operator, value }: Constraint): readonly WireAttributeConstraint[] {
  const pseudo = Object.hasOwn(PSEUDO, field) ? PSEUDO[field] : undefined
  const selector = pseudo === undefined ? { attribute_name: field } : { pseudoattribute_type: pseudo }
  switch (operator) {
    case 'LIKE':
      return canSay(value) ? [{ selector, predicate: { text_matches: { regex: value } } }] : exists(selector)
    case 'UNLIKE':
      return canSay(value) ? [{ selector, predicate: { text_not_matches: { regex: value } } }] : []
    case 'IS':
      return [{ selector, predicate: { text_equals: { value: value ?? '' } } }]
    case 'CLUSTER':
      return value === undefined ? exists(selector) : [{ selector, predicate: { text_equals: { value } } }]
    case 'UNIQUE':
    case 'GROUP_BY':
    case 'MAX_PER':
      return exists(selector)
  }
}

/** Every host has a name. */
function exists(selector: WireAttributeConstraint['selector']): readonly WireAttributeConstraint[] {
  return selector.pseudoattribute_type === 'HOSTNAME' ? [] : [{ selector, predicate: { exists: {} } }]
}

/** A master takes small regular expressions only [100 steps of RE2], and refuses all constraints for one too big. */
const LONGEST_REGEX = 80

function canSay(regex: string | undefined): regex is string {
  return regex !== undefined && regex.length <= LONGEST_REGEX && typeof readPattern(regex) !== 'string'
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]
}
