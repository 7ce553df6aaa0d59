import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf } from '../core/code-of.ts'
import { makeFolder } from '../store/folder.ts'

export interface NewFile {
  /** Relative to the folder. */
  readonly path: string
  readonly text: string
}

/** Only for its owner: passwords are to be filled in. */
const MODE = 0o600

/**
 * Writes all of the files or none: each is written beside its place and moved there only when all are written.
 * @returns those that were not there already with this very content
 * @throws FilesInTheWay unless `force`; what the file system says
 */
export function writeNewFiles(folder: string, files: readonly NewFile[], force: boolean): readonly string[] {
  const changed = files.filter(({ path, text }) => contentOf(join(folder, path)) !== text)
  const inTheWay = changed.filter(({ path }) => contentOf(join(folder, path)) !== undefined).map(({ path }) => path)
  if (inTheWay.length > 0 && !force) throw new FilesInTheWay(inTheWay)
  const temporary: { readonly from: string; readonly to: string }[] = []
  try {
    for (const { path, text } of changed) {
      const to = join(folder, path)
      makeFolder(dirname(to))
      const from = `${to}.${process.pid}.new`
      temporary.push({ from, to })
      writeFileSync(from, text, { mode: MODE, flag: 'wx', flush: true })
    }
    for (const { from, to } of temporary) renameSync(from, to)
  } finally {
    for (const { from } of temporary) rmSync(from, { force: true })
  }
  return changed.map(({ path }) => path)
}

export class FilesInTheWay extends Error {
  override readonly name = 'FilesInTheWay'
  readonly paths: readonly string[]

  constructor(paths: readonly string[]) {
    super(`other content is there already: ${paths.join(', ')}`)
    this.paths = paths
  }
}

/** `undefined`: nothing is there. Anything that is no file is never replaced. */
function contentOf(path: string): string | undefined {
  try {
    if (!lstatSync(path).isFile()) throw new Error(`${path} is there and is no file`)
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
