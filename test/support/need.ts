import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, test } from '@jest/globals'
import { codeOf } from '../../src/core/code-of.ts'

/**
 * A `describe` for tests that need other programs. Where one of them is missing, the tests do not pass in silence:
 * a warning names what is missing, and they count as skipped.
 */
export function describeWith(programs: readonly string[], name: string, tests: () => void): void {
  const missing = programs.filter((program) => !onPath(program))
  if (missing.length === 0) {
    describe(name, tests)
    return
  }
  console.warn(`SKIPPED: ${name}: needs ${missing.join(' and ')} on the PATH. Nothing of it was tested.`)
  test.skip(`${name} (needs ${missing.join(' and ')})`, () => undefined)
}

/** Whether the program can be run by its name alone. */
export function onPath(program: string, path = process.env['PATH'] ?? ''): boolean {
  return path.split(delimiter).some((folder) => folder !== '' && executable(join(folder, program)))
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return false
    throw thrown
  }
}
