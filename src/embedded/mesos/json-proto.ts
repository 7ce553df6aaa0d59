import { parseJson } from './json-text.ts'

/**
 * JSON to protobuf as Mesos converts it: names as in the .proto, unknown fields ignored, `null` is unset, enums by
 * name, bytes in base64, numbers also as text, one value where a list is due.
 */
export type Field = {
  readonly type: 'string' | 'double' | 'int' | 'bool' | 'bytes' | EnumType | (() => Message)
  readonly required?: true
  readonly repeated?: true
  /** A protobuf map: a JSON object of values of this type. */
  readonly map?: true
}

export interface EnumType {
  readonly values: readonly string[]
}

export type Message = Readonly<Record<string, Field>>

export class ConversionError extends Error {
  override readonly name = 'ConversionError'
}

/** @throws {ConversionError} in Mesos' words */
export function convert(message: Message, json: unknown): unknown {
  const result = convertMessage(message, json)
  const missing = missingFields(message, result, '')
  if (missing.length > 0) throw new ConversionError(`Missing required fields: ${missing.join(', ')}`)
  return result
}

type Values = Record<string, unknown>

function isObject(json: unknown): json is Values {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

function convertMessage(message: Message, json: unknown): Values {
  if (!isObject(json)) throw new ConversionError('Expecting a JSON object')
  const result: Values = {}
  for (const [name, value] of Object.entries(json)) {
    const field = Object.hasOwn(message, name) ? message[name] : undefined
    if (field === undefined || value === null || value === undefined) continue
    if (field.map) {
      if (!isObject(value)) throw unexpected(value, name)
      result[name] = Object.fromEntries(
        Object.entries(value).map(([key, one]) => [key, convertValue(field, one, 'value')]),
      )
    } else if (field.repeated) {
      const list = Array.isArray(value) ? (value as unknown[]) : [value]
      result[name] = list.map((one) => convertValue(field, one, name)).filter((one) => one !== undefined)
    } else {
      const converted = convertValue(field, value, name)
      if (converted !== undefined) result[name] = converted
    }
  }
  return result
}

function convertValue(field: Field, value: unknown, name: string): unknown {
  const { type } = field
  if (typeof type === 'function') {
    if (!isObject(value)) throw unexpected(value, name)
    return convertMessage(type(), value)
  }
  if (typeof type === 'object') {
    if (typeof value !== 'string') throw unexpected(value, name)
    if (type.values.includes(value)) return value
    if (field.required) throw new ConversionError(`Failed to find enum for '${value}'`)
    return undefined
  }
  switch (type) {
    case 'string':
      if (typeof value !== 'string') throw unexpected(value, name)
      return value
    case 'bytes':
      if (typeof value !== 'string') throw unexpected(value, name)
      checkBase64(value, name)
      return value
    case 'bool':
      if (value === true || value === 'true') return true
      if (value === false || value === 'false') return false
      throw unexpected(value, name)
    case 'double':
    case 'int':
      return number(type, value, name)
  }
}

function number(type: 'double' | 'int', value: unknown, name: string): number {
  if (typeof value === 'number') return type === 'int' ? Math.trunc(value) : value
  if (typeof value !== 'string') throw unexpected(value, name)
  if (type === 'double' && (value === 'Infinity' || value === '-Infinity')) return Number(value)
  const parsed = parseJson(value)
  if ('error' in parsed) {
    throw new ConversionError(`Failed to parse '${value}' as a JSON number for field '${name}': ${parsed.error}`)
  }
  return number(type, typeof parsed.value === 'string' ? undefined : parsed.value, name)
}

function checkBase64(text: string, name: string): void {
  const wrong = /[^A-Za-z0-9+/=\s]/.exec(text)?.[0]
  if (wrong !== undefined) {
    throw new ConversionError(`Failed to base64 decode bytes field '${name}': Invalid character '${wrong}'`)
  }
}

function unexpected(value: unknown, name: string): ConversionError {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : typeof value
  return new ConversionError(`Not expecting a JSON ${kind} for field '${name}'`)
}

/** Own fields first, then those of the messages within, each by its full path. */
function missingFields(message: Message, values: Values, prefix: string): string[] {
  const own = Object.entries(message)
    .filter(([name, field]) => field.required && !Object.hasOwn(values, name))
    .map(([name]) => `${prefix}${name}`)
  const nested = Object.entries(message).flatMap(([name, { type, map, repeated }]) => {
    const value = values[name]
    if (typeof type !== 'function' || value === undefined) return []
    if (map) {
      return Object.values(value as Values).flatMap((one, index) =>
        missingFields(type(), one as Values, `${prefix}${name}[${index}].value.`),
      )
    }
    if (repeated) {
      return (value as Values[]).flatMap((one, index) => missingFields(type(), one, `${prefix}${name}[${index}].`))
    }
    return missingFields(type(), value as Values, `${prefix}${name}.`)
  })
  return [...own, ...nested]
}
