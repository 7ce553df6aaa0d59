import { type TProperties, type TSchema, Type } from 'typebox'

/**
 * What answers are made of. Nothing here is closed: within `v1` answers may get more fields, and who reads them must
 * overlook what he does not know.
 */

/** Named ones stand once in the description of the API, under this name. */
export const named = <P extends TProperties>(title: string, description: string, properties: P) =>
  Type.Object(properties, { title, description })

export const text = (description: string) => Type.String({ description })

export const number = (description: string) => Type.Number({ description })

export const count = (description: string) => Type.Integer({ minimum: 0, description })

export const flag = (description: string) => Type.Boolean({ description })

export const instant = (description: string) =>
  Type.Number({ description: `${description}; milliseconds since 1970-01-01T00:00:00Z` })

export const list = <S extends TSchema>(items: S, description: string) => Type.Array(items, { description })

export const texts = (description: string) => list(Type.String(), description)

export const word = <const T extends string>(values: readonly T[], description: string) =>
  Type.Enum([...values], { description })

export const table = <S extends TSchema>(values: S, description: string) =>
  Type.Record(Type.String(), values, { description })

export const may = Type.Optional

export const now = instant('When this was true')

export const held = may(text('Why less is known than there could be, or why nothing is taken away'))
