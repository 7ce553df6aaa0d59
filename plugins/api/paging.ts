import { Type } from 'typebox'

const MOST = 1_000
const USUAL = 100

/** Parameters of every list. */
export const paging = {
  offset: Type.Integer({
    minimum: 0,
    maximum: 10_000_000,
    default: 0,
    description: 'So many of those that match are left out at the beginning',
  }),
  limit: Type.Integer({ minimum: 1, maximum: MOST, default: USUAL, description: 'At most so many are answered' }),
}

export interface Paging {
  readonly offset: number
  readonly limit: number
}

export interface Page<T> {
  /** All that match. */
  readonly total: number
  readonly offset: number
  readonly items: readonly T[]
}

export function pageOf<T>(matching: readonly T[], { offset, limit }: Paging): Page<T> {
  return { total: matching.length, offset, items: matching.slice(offset, offset + limit) }
}
