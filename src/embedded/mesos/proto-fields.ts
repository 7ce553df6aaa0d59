import type { EnumType, Field, Message } from './json-proto.ts'

/** Fields and messages that the schemas of calls are written with. */
export const STRING: Field = { type: 'string' }
export const NEEDED: Field = { type: 'string', required: true }
export const DOUBLE: Field = { type: 'double' }
export const BOOL: Field = { type: 'bool' }
export const INT: Field = { type: 'int' }

export function one(message: Message): Field {
  return { type: () => message }
}
export function need(message: Message): Field {
  return { type: () => message, required: true }
}
export function many(message: Message): Field {
  return { type: () => message, repeated: true }
}
export function oneOf(...values: string[]): EnumType {
  return { values }
}

export const ID: Message = { value: NEEDED }

export const SECRET: Message = {
  type: { type: oneOf('UNKNOWN', 'REFERENCE', 'VALUE') },
  reference: one({ name: NEEDED, key: STRING }),
  value: one({ data: { type: 'bytes', required: true } }),
}
