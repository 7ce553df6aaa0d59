import type { Farm } from '../support/farm.ts'

export type Chance = () => number

/** What undoes it; a trouble without one is over at once. `undefined`: there was nothing to be done to. */
type End = () => void | Promise<void>
export type Begun = End | 'over' | undefined

/** Something that goes wrong. What it does to builds it says to the checker before it does it. */
export interface Trouble {
  readonly name: string
  /** Its most, where it has an end. */
  readonly longestMs?: number
  readonly begin: (farm: Farm, chance: Chance) => Begun | Promise<Begun>
}

export function anyOf<T>(list: readonly T[], chance: Chance): T | undefined {
  return list[Math.floor(chance() * list.length)]
}

/** Whole milliseconds. */
export function upTo(ms: number, chance: Chance): number {
  return Math.floor(chance() * ms)
}

export const OVER: Begun = 'over'
