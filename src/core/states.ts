import type { ItemState } from './snapshot.ts'

/** The compiler refuses a list that leaves one out. */
export function all<T extends string>() {
  return <const V extends readonly T[]>(
    values: V & ([T] extends [V[number]] ? unknown : readonly ['missing', Exclude<T, V[number]>]),
  ): V => values
}

/** Where items of the queue may stand. */
export const ITEM_STATES = all<ItemState>()([
  'not_demand',
  'served',
  'starting',
  'waiting_offer',
  'capped',
  'backed_off',
  'paused',
  'rate_limited',
  'tied',
  'unserved',
  'vetoed',
  'unreadable',
  'not_understood',
])
