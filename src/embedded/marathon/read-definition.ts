import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { messageOf } from '../../core/code-of.ts'
import { Refusal, unreadable } from './refusal.ts'

/** @throws {Refusal} 400 */
export function parseBody(body: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch (error) {
    throw new Refusal(400, { message: 'Invalid JSON', details: messageOf(error) })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unreadable([{ path: '/', errors: ['error.expected.jsobject'] }])
  }
  return value as Readonly<Record<string, unknown>>
}

/**
 * With all defaults.
 * @throws {Refusal} 400 where types are wrong, all of them at once
 */
export function readDefinition<T extends TSchema>(schema: T, body: unknown): Static<T> {
  const value: unknown = Value.Default(schema, structuredClone(body))
  const errors = [...Value.Errors(schema, value)]
  if (errors.length > 0) {
    throw unreadable(errors.map(({ instancePath, message }) => ({ path: placeOf(instancePath), errors: [message] })))
  }
  return value as Static<T>
}

/** `/containers/0/name` as `/containers(0)/name`. */
function placeOf(pointer: string): string {
  return pointer === '' ? '/' : pointer.replaceAll(/\/(\d+)(?=\/|$)/g, '($1)')
}
