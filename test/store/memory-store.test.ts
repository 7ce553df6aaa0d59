import { describe } from '@jest/globals'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { describeStore } from './store-contract.ts'

describe('MemoryStore', () => {
  describeStore(async () => ({
    open: async () => new MemoryStore(),
    reopen: async (store) => {
      await store.close()
      return new MemoryStore(await store.load())
    },
  }))
})
