import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { hint } from '../core/nearest.ts'

export type Path = readonly string[]
/** A sentence without subject and full stop: `must be a whole number`. */
export type Report = (path: Path, sentence: string) => void

/** The parts of JSON Schema that templates are described with. */
interface Shape extends TSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly TSchema[]
  readonly items?: TSchema
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly patternProperties?: Readonly<Record<string, TSchema>>
  readonly required?: readonly string[]
  readonly minItems?: number
  readonly maxItems?: number
}

/** `part`: fields that are missing may come from elsewhere; those of a list's entries may not. */
type Extent = 'whole' | 'part'

/**
 * Reports every field that is wrong, in words, where a validator stops after a few and says what each branch of a
 * choice wants. Values are never repeated: one may be a secret in the wrong place.
 */
export function reportShape(
  schema: TSchema,
  value: unknown,
  path: Path,
  report: Report,
  extent: Extent = 'whole',
): void {
  const options = optionsOf(schema)
  const shape = options.find((each) => isKind(each, value))
  if (shape === undefined) {
    report(path, `must be ${[...new Set(options.map(describe))].join(' or ')}`)
  } else if (Array.isArray(value)) {
    const { minItems = 0, maxItems = value.length } = shape
    if (value.length < minItems || value.length > maxItems) {
      report(path, `must have ${minItems} to ${maxItems} entries`)
    }
    for (const [index, item] of value.entries()) {
      if (shape.items !== undefined) reportShape(shape.items, item, [...path, String(index)], report)
    }
  } else if (typeof value === 'object' && value !== null) {
    reportFields(shape, value, path, report, extent)
  } else {
    const [first] = Value.Errors(shape, value)
    if (first !== undefined) report(path, sentence(first))
  }
}

function reportFields(shape: Shape, value: object, path: Path, report: Report, extent: Extent): void {
  const known = shape.properties ?? {}
  const [any] = Object.values(shape.patternProperties ?? {})
  for (const [name, field] of Object.entries(value)) {
    const schema = Object.hasOwn(known, name) ? known[name] : any
    if (schema === undefined) report([...path, name], `is not known${hint(name, Object.keys(known))}`)
    else reportShape(schema, field, [...path, name], report, extent)
  }
  if (extent === 'part') return
  for (const name of shape.required ?? []) {
    if (!Object.hasOwn(value, name)) report(path, `needs the field ${name}`)
  }
}

function optionsOf(schema: TSchema): readonly Shape[] {
  const shape: Shape = schema
  return shape.anyOf?.flatMap(optionsOf) ?? [shape]
}

function isKind({ type, enum: words }: Shape, value: unknown): boolean {
  if (words !== undefined) return typeof value === 'string'
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

function describe({ type, enum: words }: Shape): string {
  if (words !== undefined) return `one of ${words.join(', ')}`
  const kinds: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'a map',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    string: 'text',
  }
  return kinds[type ?? ''] ?? 'something else'
}

/** What a validator says of a single value, in words. */
export function sentence(problem: {
  readonly keyword: string
  readonly message?: string
  readonly params: object
}): string {
  const { keyword, message = 'is wrong' } = problem
  const params: { readonly allowedValues?: readonly string[]; readonly limit?: number } = problem.params
  if (params.allowedValues !== undefined) return `must be one of ${params.allowedValues.join(', ')}`
  const limit = params.limit ?? ''
  const byKeyword: Readonly<Record<string, string>> = {
    minimum: `must be ${limit} or more`,
    maximum: `must be ${limit} or less`,
    exclusiveMinimum: `must be more than ${limit}`,
    minLength: 'must not be empty',
  }
  const byMessage: Readonly<Record<string, string>> = {
    'must be boolean': 'must be true or false',
    'must be integer': 'must be a whole number',
    'must be number': 'must be a number',
  }
  return byKeyword[keyword] ?? byMessage[message] ?? message
}
