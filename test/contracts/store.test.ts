import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from '@jest/globals'
import { FileStore } from '../../src/store/file-store.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { describeStore } from '../store/store-contract.ts'

describe('the store in memory', () => {
  describeStore(async () => ({
    open: async () => new MemoryStore(),
    reopen: async (store) => {
      await store.close()
      return new MemoryStore(await store.load())
    },
  }))
})

describe('the store in files, on a real disk', () => {
  let root: string
  let stores = 0
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'contract-store-'))
  })
  afterAll(() => rm(root, { recursive: true }))

  describeStore(async () => {
    const folder = join(root, String(stores++))
    const open = (): Promise<FileStore> =>
      FileStore.open({
        folder,
        onWarning: (message) => {
          throw new Error(`a good state folder was mended: ${message}`)
        },
      })
    return {
      open,
      reopen: async (store) => {
        await store.close()
        return await open()
      },
    }
  })
})
