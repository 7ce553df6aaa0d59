import { redact } from '../core/secret.ts'

const DEEPEST = 4
const MOST_ELEMENTS = 50
const LONGEST = 2_000

/** Fields of a log line as plain values, of bounded size: of errors only what people read. */
export function plainFields(fields: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entriesOf(fields).map(([key, value]) => [key, plain(value, 1)]))
}

function plain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return value.length > LONGEST ? shortened(value) : value
    case 'number':
    case 'boolean':
    case 'undefined':
      return value
    case 'object':
      return value === null ? null : plainObject(value, depth)
    default:
      return String(value)
  }
}

/** A secret that is cut in two would not be known again: it is taken out before. */
function shortened(text: string): string {
  const hidden = redact(text)
  return hidden.length > LONGEST ? `${hidden.slice(0, LONGEST)}…` : hidden
}

function plainObject(value: object, depth: number): unknown {
  if (value instanceof Error) return plainError(value, depth)
  if (depth >= DEEPEST) return '…'
  if (Symbol.iterator in value) {
    const elements = [...(value as Iterable<unknown>)]
    const shown = elements.slice(0, MOST_ELEMENTS).map((element) => plain(element, depth + 1))
    return elements.length > MOST_ELEMENTS ? [...shown, `and ${elements.length - MOST_ELEMENTS} more`] : shown
  }
  // A secret, an address or a time says itself what it shows.
  if (hasJson(value)) return plain(value.toJSON(), depth + 1)
  return Object.fromEntries(entriesOf(value).map(([key, element]) => [key, plain(element, depth + 1)]))
}

function hasJson(value: object): value is { readonly toJSON: () => unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}

function plainError(error: Error, depth: number): object {
  const { code, cause } = error as Error & { readonly code?: unknown }
  return {
    type: error.name,
    ...(typeof code === 'string' && { code }),
    message: plain(error.message, depth),
    ...(cause instanceof Error && depth < DEEPEST && { cause: plainError(cause, depth + 1) }),
  }
}

function entriesOf(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).slice(0, MOST_ELEMENTS)
}

/** The same with every text, and every number whose digits are changed, as `change` has it. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (typeof value === 'number') return change(String(value)) === String(value) ? value : change(String(value))
  if (Array.isArray(value)) return value.map((element) => mapTexts(element, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [change(key), mapTexts(one, change)]))
}
