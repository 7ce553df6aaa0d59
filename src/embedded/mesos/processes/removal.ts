import { rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from '../../../core/code-of.ts'
import type { TaskFolders } from './sandbox.ts'

/** With the folders above it that nobody else uses, `meta` being the last. */
export async function removeCheckpoint({ checkpoint }: TaskFolders): Promise<void> {
  await rm(checkpoint, { recursive: true, force: true })
  await removeEmptyAbove(checkpoint, 8)
}

/** With the folders above it that nobody else uses, `slaves` being the last. */
export async function removeSandbox({ sandbox }: TaskFolders): Promise<void> {
  await rm(sandbox, { recursive: true, force: true })
  await removeEmptyAbove(sandbox, 7)
}

/** `levels` folders above `path`, as long as they are empty. */
async function removeEmptyAbove(path: string, levels: number): Promise<void> {
  let folder = path
  for (let level = 0; level < levels; level++) {
    folder = dirname(folder)
    try {
      await rmdir(folder)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOENT') return
      throw error
    }
  }
}
