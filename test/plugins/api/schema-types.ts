import type { Static, TSchema } from 'typebox'

/** What stands in JSON of a value: what may be `undefined` may be left out, and an id is text. */
export type Plain<T> = [T] extends [string]
  ? T extends { readonly __brand: unknown }
    ? string
    : T
  : T extends number | boolean | null
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Plain<Item>[]
      : T extends object
        ? { readonly [K in keyof T]-?: Plain<Exclude<T[K], undefined>> }
        : T

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? (keyof A extends keyof B ? true : false) : false) : false

/**
 * Compiles only if a schema has exactly the fields of what is answered by it, however deep; which of them may be left
 * out is a matter of the tests that look at answers.
 */
export function describes<Value, Schema extends TSchema>(
  ..._same: Same<Plain<Value>, Plain<Static<Schema>>> extends true ? [Schema] : [Plain<Value>, Plain<Static<Schema>>]
): void {}
