import { readdir, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf } from '../../../core/code-of.ts'
import type { TaskFolders } from './sandbox.ts'

/** With the folders above it that nobody else uses, `meta` being the last. */
export async function removeCheckpoint({ checkpoint, executor }: TaskFolders): Promise<void> {
  await rm(checkpoint, { recursive: true, force: true })
  await removeEmptyAbove(checkpoint, executor === undefined ? 8 : 10)
}

/**
 * With the folders above it that nobody else uses, `slaves` being the last. The sandbox of an executor goes, with the
 * volumes in it, once no container of the group has one any more.
 */
export async function removeSandbox({ sandbox, executor }: TaskFolders): Promise<void> {
  await rm(sandbox, { recursive: true, force: true })
  if (executor === undefined) {
    await removeEmptyAbove(sandbox, 7)
    return
  }
  await removeEmptyAbove(sandbox, 1)
  if ((await namesIn(dirname(sandbox))).length > 0) return
  await rm(executor, { recursive: true, force: true })
  await removeEmptyAbove(executor, 7)
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
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
