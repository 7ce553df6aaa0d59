import { readFileSync } from 'node:fs'
import { readDefinition } from '../../src/marathon/definition.ts'
import { applyPatch } from '../../src/marathon/patch.ts'
import { showMistake } from '../../src/marathon/path.ts'

/** One of the files of `marathon/`. */
export function ours(name: string): unknown {
  return JSON.parse(readFileSync(`marathon/${name}`, 'utf8')) as unknown
}

/** What is said of a file of ours after a change; the change may add to lists only by replacing them. */
export function mistakesOf(name: string, patch: unknown): readonly string[] {
  const { value, mistakes } = applyPatch(ours(name), patch)
  if (mistakes.length > 0) throw new Error(mistakes.map(showMistake).join(' '))
  const reading = readDefinition(value)
  return reading.ok ? [] : reading.mistakes.map(showMistake)
}
