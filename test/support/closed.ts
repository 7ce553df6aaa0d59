import { type TSchema, Type } from 'typebox'

/** The same schema, but no object may have a field that it does not name. */
export function closed(schema: TSchema): TSchema {
  return close(schema) as TSchema
}

function close(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(close)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, each]) => [key, close(each)] as const)
  const isClosed = Type.IsObject(value)
  return { ...Object.fromEntries(entries), ...(isClosed && { additionalProperties: false }) }
}
