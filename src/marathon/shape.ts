import type { TSchema } from 'typebox'
import { hint } from '../core/nearest.ts'
import { entryName, isRecord, type Mistake, type Path } from './path.ts'

/** The parts of JSON Schema that pods and apps are described with, and `words` for what a pattern means. */
interface Shape extends TSchema {
  readonly type?: string
  readonly words?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly TSchema[]
  readonly items?: TSchema
  readonly properties?: Readonly<Record<string, TSchema>>
  readonly patternProperties?: Readonly<Record<string, TSchema>>
  readonly required?: readonly string[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
}

/**
 * Every field that is not as Marathon wants it, in words, all at once. Values are never repeated: one may be a secret
 * in the wrong place.
 */
export function shapeMistakes(schema: TSchema, value: unknown, path: Path = []): readonly Mistake[] {
  const options = optionsOf(schema)
  const shape = options.find((each) => isKind(each, value))
  if (shape === undefined) return [{ path, words: `must be ${[...new Set(options.map(describe))].join(' or ')}` }]
  if (Array.isArray(value)) return listMistakes(shape, value, path)
  if (isRecord(value)) return fieldMistakes(shape, value, path)
  const words = typeof value === 'number' ? numberWords(shape, value) : textWords(shape, value)
  return words === undefined ? [] : [{ path, words }]
}

function listMistakes(shape: Shape, list: readonly unknown[], path: Path): readonly Mistake[] {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = shape
  const few = list.length < minItems ? [{ path, words: `must have at least ${entries(minItems)}` }] : []
  const many = list.length > maxItems ? [{ path, words: `must have at most ${entries(maxItems)}` }] : []
  if (items === undefined) return [...few, ...many]
  const own = list.flatMap((entry, index) => shapeMistakes(items, entry, [...path, entryName(entry, index)]))
  return [...few, ...many, ...own]
}

function entries(count: number): string {
  return count === 1 ? 'one entry' : `${count} entries`
}

function fieldMistakes(shape: Shape, value: Readonly<Record<string, unknown>>, path: Path): readonly Mistake[] {
  const known = shape.properties ?? {}
  const [[pattern, any] = []] = Object.entries(shape.patternProperties ?? {})
  // A type without any fields is one that is not looked into.
  const isOpen = Object.keys(known).length === 0 && any === undefined
  const present = Object.entries(value).flatMap(([name, field]): readonly Mistake[] => {
    const at = [...path, name]
    if (Object.hasOwn(known, name)) return shapeMistakes(known[name] ?? {}, field, at)
    if (isOpen) return []
    if (any === undefined) return [{ path: at, words: `is not known${hint(name, Object.keys(known))}` }]
    if (pattern !== undefined && !new RegExp(pattern).test(name)) {
      return [{ path: at, words: 'has a name that no variable may have: letters, digits and _, no digit first' }]
    }
    return shapeMistakes(any, field, at)
  })
  const missing = (shape.required ?? [])
    .filter((name) => !Object.hasOwn(value, name))
    .map((name) => ({ path: [...path, name], words: 'is missing' }))
  return [...present, ...missing]
}

function optionsOf(schema: TSchema): readonly Shape[] {
  const shape: Shape = schema
  return shape.anyOf?.flatMap(optionsOf) ?? [shape]
}

function isKind({ type, enum: words }: Shape, value: unknown): boolean {
  if (words !== undefined) return typeof value === 'string'
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isRecord(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

function describe({ type, enum: words }: Shape): string {
  if (words !== undefined) return oneOf(words)
  const kinds: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'an object',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    string: 'text (in quotes)',
  }
  return kinds[type ?? ''] ?? 'something else'
}

function numberWords({ minimum, maximum }: Shape, value: number): string | undefined {
  if (minimum !== undefined && value < minimum) return `must be ${minimum} or more`
  return maximum !== undefined && value > maximum ? `must be ${maximum} or less` : undefined
}

function textWords(shape: Shape, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const {
    enum: allowed,
    words = 'something else',
    pattern,
    minLength = 0,
    maxLength = Number.POSITIVE_INFINITY,
  } = shape
  if (allowed !== undefined) return allowed.includes(value) ? undefined : `must be ${oneOf(allowed)}`
  if (pattern !== undefined && !(new RegExp(pattern).test(value) && value.length <= maxLength))
    return `must be ${words}`
  if (value.length < minLength) return 'must not be empty'
  return value.length > maxLength ? `must have at most ${maxLength} characters` : undefined
}

function oneOf(words: readonly unknown[]): string {
  return words.length === 1 ? `"${String(words[0])}"` : `one of ${words.join(', ')}`
}
