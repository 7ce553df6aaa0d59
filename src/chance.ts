import { randomBytes, randomInt } from 'node:crypto'
import type { Chance } from './loop/context.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Real chance. */
export const systemChance: Chance = {
  letters: (length) => Array.from({ length }, () => LETTERS.charAt(randomInt(LETTERS.length))).join(''),
  token: () => randomBytes(24).toString('base64url'),
  fraction: Math.random,
}
