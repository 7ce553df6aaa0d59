import type { Constraint, ConstraintOperator } from '../core/template.ts'
import { isRecord } from './inheritance.ts'
import type { TemplateInput } from './template-schema.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

/**
 * Attributes as a map, as the text `os:linux,rack:r1`, or as the text of a JSON object: both generations of the plugin
 * had a form of their own.
 * @returns `undefined` where the text is none of them
 */
export function readAttributes(attributes: TemplateInput['attributes'] = {}): Pairs | undefined {
  if (typeof attributes !== 'string') return Object.entries(attributes).map(([name, value]) => [name, String(value)])
  if (attributes.trimStart().startsWith('{')) return readJson(attributes)
  const pairs = attributes
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => {
      const colon = pair.indexOf(':')
      return [pair.slice(0, Math.max(0, colon)).trim(), pair.slice(colon + 1).trim()] as const
    })
  return pairs.every(([name, value]) => name !== '' && value !== '') ? pairs : undefined
}

function readJson(text: string): Pairs | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Whoever asks says so.
    return undefined
  }
  if (!isRecord(value)) return undefined
  const entries = Object.entries(value)
  if (!entries.every(([, each]) => ['string', 'number', 'boolean'].includes(typeof each))) return undefined
  return entries.map(([name, each]) => [name, String(each)])
}

/** Attributes that a host must have are constraints, too. */
export function constraintsOf({ attributes, constraints = [] }: TemplateInput): readonly Constraint[] {
  const pairs = readAttributes(attributes) ?? []
  return [
    ...pairs.map(([field, value]) => ({ field, operator: 'IS' as const, value })),
    ...constraints.map(([field, operator, value]) => ({
      // Marathon has both names.
      field: field === '@hostname' ? 'hostname' : String(field),
      operator: String(operator) as ConstraintOperator,
      value: value === undefined ? undefined : String(value),
    })),
  ]
}
