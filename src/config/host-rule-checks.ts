import { hint } from '../core/nearest.ts'
import { readPattern } from '../core/pattern.ts'
import { readAttributes } from './host-rules.ts'
import type { NamedTemplate } from './templates.ts'

/** Which hosts an agent may be placed on. */
export function checkHostRules({ input, tell }: NamedTemplate): void {
  if (readAttributes(input.attributes) === undefined) {
    tell.mistake(['attributes'], 'must be a map, or text such as os:linux,rack:r1')
  }
  for (const [index, [field, operator, value]] of (input.constraints ?? []).entries()) {
    const path = ['constraints', String(index)]
    const wrong = wrongField(field) ?? wrongOperator(operator)
    if (wrong !== undefined) tell.mistake(path, wrong)
    else if (isOperator(operator)) {
      const whyNot = wrongValue(operator, value === undefined ? undefined : String(value))
      if (whyNot !== undefined) tell.mistake(path, whyNot)
    }
  }
}

/** Marathon's operators, and whether they take a value. */
const OPERATORS = {
  UNIQUE: 'none',
  CLUSTER: 'maybe text',
  GROUP_BY: 'maybe a number',
  LIKE: 'an expression',
  UNLIKE: 'an expression',
  MAX_PER: 'a number',
  IS: 'text',
} as const
type Operator = keyof typeof OPERATORS

function isOperator(value: unknown): value is Operator {
  return typeof value === 'string' && Object.hasOwn(OPERATORS, value)
}

const PSEUDO_FIELDS: readonly string[] = ['@hostname', '@region', '@zone']

function wrongField(field: unknown): string | undefined {
  const name = String(field)
  if (name.trim() === '') return 'needs the name of an attribute first'
  if (!name.startsWith('@') || PSEUDO_FIELDS.includes(name)) return undefined
  return `${JSON.stringify(name)} is not known${hint(name, PSEUDO_FIELDS)}; known are ${PSEUDO_FIELDS.join(', ')}`
}

function wrongOperator(operator: unknown): string | undefined {
  if (isOperator(operator)) return undefined
  const known = Object.keys(OPERATORS)
  return `has no operator of Marathon in the middle${hint(String(operator), known)}; known are ${known.join(', ')}`
}

function wrongValue(operator: Operator, value: string | undefined): string | undefined {
  const takes = OPERATORS[operator]
  if (takes === 'none') return value === undefined ? undefined : `${operator} takes no value`
  if (value === undefined) return takes.startsWith('maybe') ? undefined : `${operator} needs a value: ${takes}`
  if (takes.endsWith('number')) {
    return /^[1-9]\d{0,8}$/.test(value) ? undefined : `the value of ${operator} must be a whole number, 1 or more`
  }
  if (takes.endsWith('text')) return value === '' ? `the value of ${operator} must not be empty` : undefined
  const pattern = readPattern(value)
  return typeof pattern === 'string' ? `the regular expression of ${operator} cannot be read: ${pattern}` : undefined
}
