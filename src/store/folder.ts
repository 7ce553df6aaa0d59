import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from '../core/code-of.ts'

const MODE = 0o700

/**
 * Makes a folder, for this user alone, and those above it where they are not there yet. Node's own `recursive` never
 * comes back from a file system that says "no such folder" of one that it does not want to make, as `/proc` does.
 * @returns the topmost one that was made; `undefined`: all were there
 * @throws what the file system says
 */
export function makeFolder(path: string): string | undefined {
  try {
    return make(path)
  } catch (thrown) {
    const above = dirname(path)
    if (codeOf(thrown) !== 'ENOENT' || above === path) throw thrown
    const topmost = makeFolder(above)
    const made = make(path)
    return topmost ?? made
  }
}

function make(path: string): string | undefined {
  try {
    mkdirSync(path, { mode: MODE })
    return path
  } catch (thrown) {
    // Whatever else is in the way: a root that is read-only says so even of folders that are there.
    if (isFolder(path)) return undefined
    throw thrown
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false // why it could not be made says more
  }
}
