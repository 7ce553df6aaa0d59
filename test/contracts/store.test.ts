import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from '@jest/globals'
import { FileStore } from '../../src/store/file-store.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { ZooKeeperStore } from '../../src/store/zookeeper-store.ts'
import { makePath } from '../../src/zookeeper/make-path.ts'
import { describeStore } from '../store/store-contract.ts'
import { FakeEnsemble } from '../support/fake-ensemble.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

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

describe('the store in ZooKeeper, on an ensemble in memory', () => {
  describeStore(async () => {
    const clock = new VirtualClock()
    const ensemble = new FakeEnsemble(clock)
    const open = async (): Promise<ZooKeeperStore> => {
      const session = ensemble.open()
      await settle()
      await makePath(session, '/sidecar/leader')
      const node = await session.create('/sidecar/leader/c-', Buffer.from(''), { ephemeral: true, sequential: true })
      const store = new ZooKeeperStore({ path: '/sidecar', fence: () => ({ session, node }), clock })
      await store.load()
      return store
    }
    return {
      open,
      reopen: async (store) => {
        await store.close()
        return await open()
      },
    }
  })
})
