import { type TSchema, Type } from 'typebox'
import { now } from './schemas/parts.ts'

/** The answer of a list. */
export const pageSchema = <S extends TSchema>(items: S) =>
  Type.Object({
    now,
    total: Type.Integer({ description: 'All that match' }),
    offset: Type.Integer({ description: 'So many of these were left out at the beginning' }),
    items: Type.Array(items),
  })

/** The answer of a list that is never long. */
export const allSchema = <S extends TSchema>(items: S) => Type.Object({ now, items: Type.Array(items) })

export const NOTHING = Type.Object({}, { additionalProperties: false })

export const longName = (name: string): string => `${name} is text of at least 1 and at most 300 characters.`

export const WRONG_PAGE = 'limit is a whole number from 1 to 1000, not "all".'
export const WRONG_PARAMETER = 'of is not known here: there may be none.'
