import type { ReadFile } from '../config/env.ts'
import { messageOf } from '../core/code-of.ts'
import { readAssignment } from '../marathon/assignment.ts'
import { type Definition, readDefinition } from '../marathon/definition.ts'
import { applyPatch } from '../marathon/patch.ts'
import { isRecord, showMistake } from '../marathon/path.ts'

export interface DefinitionFiles {
  readonly file: string
  readonly patches: readonly string[]
  readonly assignments: readonly string[]
}

export type FilesReading =
  | { readonly ok: true; readonly definition: Definition }
  | { readonly ok: false; readonly mistakes: readonly string[] }

/** The file with all that is merged into it, checked whole; every mistake says which file or option it is of. */
export function readDefinitionFiles({ file, patches, assignments }: DefinitionFiles, readFile: ReadFile): FilesReading {
  const mistakes: string[] = []
  let value = readJson(file, readFile, mistakes)
  const merge = (patch: unknown, from: string): void => {
    const patched = applyPatch(value, patch)
    value = patched.value
    mistakes.push(...patched.mistakes.map((mistake) => `${from}: ${showMistake(mistake)}`))
  }
  for (const path of patches) {
    const patch = readJson(path, readFile, mistakes)
    if (patch !== undefined) merge(patch, path)
  }
  for (const text of assignments) {
    const assignment = readAssignment(text)
    if ('mistake' in assignment) mistakes.push(assignment.mistake)
    else merge(assignment.patch, `--set ${text.slice(0, text.indexOf('='))}`)
  }
  // What is wrong there would be said of each field, and is said already.
  if (mistakes.length > 0) return { ok: false, mistakes }
  const reading = readDefinition(value)
  if (reading.ok) return reading
  return { ok: false, mistakes: reading.mistakes.map((mistake) => `${file}: ${showMistake(mistake)}`) }
}

function readJson(path: string, readFile: ReadFile, mistakes: string[]): unknown {
  let text: string
  try {
    text = readFile(path)
  } catch (thrown) {
    mistakes.push(`${path} cannot be read: ${messageOf(thrown)}.`)
    return undefined
  }
  try {
    const value = JSON.parse(text) as unknown
    if (isRecord(value)) return value
    mistakes.push(`${path} must hold one JSON object.`)
  } catch (thrown) {
    mistakes.push(`${path} is no JSON: ${placeOf(messageOf(thrown), text)}.`)
  }
  return undefined
}

/** Line and column, without the text around them: it may hold a secret. */
function placeOf(message: string, text: string): string {
  const [, position] = /position (\d+)/.exec(message) ?? []
  if (position === undefined) return 'it ends too early, or has something behind its end'
  const lines = text.slice(0, Number(position)).split('\n')
  return `see line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}
