import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from '../core/code-of.ts'
import { makeFolder } from './folder.ts'

/** What the file store asks of a disk. Every promise resolves only when a power cut cannot undo it any more. */
export interface Disk {
  /** `undefined`: no such file. */
  readonly read: (path: string) => Promise<Buffer | undefined>
  readonly openLog: (path: string) => Promise<LogFile>
  /** The old content or the new one, never half of each. */
  readonly replace: (path: string, text: string) => Promise<void>
}

export interface LogFile {
  /** A file that was deleted takes what is written like any other, and nobody ever reads it. */
  readonly isThere: () => Promise<boolean>
  readonly append: (text: string) => Promise<void>
  readonly truncate: (bytes: number) => Promise<void>
  readonly close: () => Promise<void>
}

export const realDisk: Disk = {
  read: async (path) => {
    try {
      return await readFile(path)
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return undefined
      throw thrown
    }
  },

  openLog: async (path) => {
    const file = await open(path, 'a', 0o600)
    await file.chmod(0o600)
    await syncFolder(dirname(path))
    return {
      isThere: async () => (await file.stat()).nlink > 0,
      append: async (text) => {
        await file.appendFile(text)
        await file.sync()
      },
      truncate: async (bytes) => {
        await file.truncate(bytes)
        await file.sync()
      },
      close: () => file.close(),
    }
  },

  replace: async (path, text) => {
    const temporary = `${path}.new`
    try {
      await withFile(temporary, 'w', async (file) => {
        await file.writeFile(text)
        await file.sync()
      })
    } catch (thrown) {
      await rm(temporary, { force: true }) // on a full disk it would keep the room that the next try needs
      throw thrown
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  },
}

/** The folder is there, for this user alone where it was made. */
export async function makeFolderToStay(path: string): Promise<void> {
  const made = makeFolder(path)
  if (made !== undefined) await syncFolder(dirname(made))
}

/** A new or renamed file is there after a power cut only if its folder was synced too. */
function syncFolder(path: string): Promise<void> {
  return withFile(path, 'r', (folder) => folder.sync())
}

async function withFile(path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags, 0o600)
  try {
    await use(file)
  } finally {
    await file.close()
  }
}
