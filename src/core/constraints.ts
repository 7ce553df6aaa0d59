import type { TemplateName } from './model.ts'
import type { Attribute, FaultDomain } from './offer.ts'
import { type Pattern, readPattern } from './pattern.ts'
import type { Standing } from './standings.ts'
import type { Constraint } from './template.ts'

/** A host, as far as rules can ask for it. */
export interface RuledHost {
  readonly hostname: string
  readonly attributes: readonly Attribute[]
  readonly domain: FaultDomain | undefined
}

/** A constraint of a template, ready to be asked of many hosts. */
export interface Rule {
  readonly constraint: Constraint
  /** It looks at where the template's agents are: what it refuses now may be right later. */
  readonly counts: boolean
  /** Of a host that has the field. `standing` is of the rule's field and template. */
  readonly allows: (value: Value, standing: Standing | undefined) => boolean
}

interface Value {
  readonly type: Attribute['type']
  readonly text: string
}

/** Two scalars that differ by less are the same. */
const SCALAR_NEAR = 0.001
/** Regular expressions are not asked of longer values. */
const LONGEST_VALUE = 1_000

/** What Marathon means by them. A rule that cannot be read holds nowhere. */
export function toRules(constraints: readonly Constraint[]): readonly Rule[] {
  return constraints.map((constraint) => ({ constraint, ...ruleOf(constraint) }))
}

function ruleOf({ operator, value }: Constraint): Pick<Rule, 'counts' | 'allows'> {
  switch (operator) {
    case 'LIKE':
      return matching(readPattern(value ?? ''), true)
    case 'UNLIKE':
      return matching(readPattern(value ?? ''), false)
    case 'IS':
      return { counts: false, allows: (found) => isSame(found, value ?? '') }
    case 'CLUSTER':
      return value === undefined
        ? { counts: true, allows: ({ text }, standing) => isTheOnly(text, standing) }
        : { counts: false, allows: (found) => isSame(found, value) }
    case 'UNIQUE':
      return atMost(1)
    case 'MAX_PER':
      return atMost(wholeNumber(value) ?? 0)
    case 'GROUP_BY':
      return { counts: true, allows: ({ text }, standing) => isAmongFewest(text, wholeNumber(value) ?? 0, standing) }
  }
}

function matching(pattern: Pattern | string, wanted: boolean): Pick<Rule, 'counts' | 'allows'> {
  return {
    counts: false,
    allows: ({ text }) =>
      typeof pattern !== 'string' && text.length <= LONGEST_VALUE && pattern.matches(text) === wanted,
  }
}

/** An agent of which nobody knows where it is may be there. */
function atMost(limit: number): Pick<Rule, 'counts' | 'allows'> {
  return {
    counts: true,
    allows: ({ text }, standing) => (standing?.of(text) ?? 0) + (standing?.unknown ?? 0) < limit,
  }
}

function isTheOnly(text: string, standing: Standing | undefined): boolean {
  if (standing === undefined || standing.agents === 0) return true
  return standing.unknown === 0 && standing.of(text) === standing.agents
}

/** A value without an agent may always have one; else there must be enough values, and none with fewer agents. */
function isAmongFewest(text: string, least: number, standing: Standing | undefined): boolean {
  const here = standing?.of(text) ?? 0
  if (standing === undefined || here === 0) return true
  return standing.values >= least && here === standing.fewest
}

function isSame({ type, text }: Value, wanted: string): boolean {
  switch (type) {
    case 'TEXT':
      return text === wanted
    case 'SCALAR':
      return wanted.trim() !== '' && Math.abs(Number(text) - Number(wanted)) < SCALAR_NEAR
    case 'RANGES':
    case 'SET':
      return inOrder(text) === inOrder(wanted)
  }
}

/** `{b, a}` and `{a,b}` are the same. */
function inOrder(list: string): string {
  const [, open, inside = '', close] = /^([[{])(.*)([\]}])$/s.exec(list.trim()) ?? []
  if (open === undefined || close === undefined) return list
  const parts = inside.split(',').map((part) => part.replaceAll(/\s/g, ''))
  return `${open}${parts.sort().join()}${close}`
}

function wholeNumber(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
}

/** The first rule that a host breaks: those that it breaks for ever come first. */
export function brokenRule(
  host: RuledHost,
  rules: readonly Rule[],
  standingOf: (field: string) => Standing | undefined,
): Rule | undefined {
  let passing: Rule | undefined
  for (const rule of rules) {
    if (isAllowed(host, rule, standingOf)) continue
    if (!isPassing(host, rule)) return rule
    passing ??= rule
  }
  return passing
}

function isAllowed(host: RuledHost, rule: Rule, standingOf: (field: string) => Standing | undefined): boolean {
  const { field, operator } = rule.constraint
  const value = valueOf(host, field)
  if (value === undefined) return operator === 'UNLIKE'
  return rule.allows(value, rule.counts ? standingOf(field) : undefined)
}

/** It is broken for now, as agents stand, and not for what the host is. */
export function isPassing(host: RuledHost, { counts, constraint }: Rule): boolean {
  return counts && valueOf(host, constraint.field) !== undefined
}

/** Of several attributes of one name the first counts, as it does for the master. */
function valueOf({ hostname, attributes, domain }: RuledHost, field: string): Value | undefined {
  switch (field) {
    case 'hostname':
    case '@hostname':
      return { type: 'TEXT', text: hostname }
    case '@region':
      return domain && { type: 'TEXT', text: domain.region }
    case '@zone':
      return domain && { type: 'TEXT', text: domain.zone }
    default: {
      const found = attributes.find(({ name }) => name === field)
      return found && { type: found.type, text: found.value }
    }
  }
}

/** `rack_id LIKE r[12]` */
export function showConstraint({ field, operator, value }: Constraint): string {
  return [field, operator, value].filter((part) => part !== undefined).join(' ')
}

/** `host-3 has rack_id=r9, the rule is rack_id LIKE r[12]`: what a host has, and what it should have. */
export function ruleWords(
  host: RuledHost,
  { constraint, counts }: Rule,
  template: TemplateName | undefined,
  standing: Standing | undefined,
): string {
  const { field, operator, value } = constraint
  const found = valueOf(host, field)
  const rule = `the rule is ${showConstraint(constraint)}`
  if (found === undefined) return `${host.hostname} has no ${field}, ${rule}`
  const has = isHostname(field) ? host.hostname : `${host.hostname} has ${field}=${found.text}`
  const wrong = (operator === 'LIKE' || operator === 'UNLIKE') && readPattern(value ?? '')
  if (typeof wrong === 'string') return `${has}, ${rule}, which cannot be read: ${wrong}`
  return counts ? `${has} ${standingWords(found.text, template, standing, field)}, ${rule}` : `${has}, ${rule}`
}

function standingWords(
  text: string,
  template: TemplateName | undefined,
  standing: Standing | undefined,
  field: string,
): string {
  const here = standing?.of(text) ?? 0
  const all = standing?.agents ?? 0
  const unknown = standing?.unknown ?? 0
  const where = unknown === 0 ? '' : ` (of ${unknown} of them nobody knows the ${field})`
  return `with ${here} of ${all} agents of template ${template ?? '?'}${where}`
}

function isHostname(field: string): boolean {
  return field === 'hostname' || field === '@hostname'
}
