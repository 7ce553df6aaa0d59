import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from '@jest/globals'
import { describeZooKeeper } from '../../zookeeper/zookeeper-contract.ts'
import { RealEnsemble } from './ensemble.ts'

describe('three real ZooKeeper servers', () => {
  let folder: string
  let ensemble: RealEnsemble

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'real-zookeeper-'))
    ensemble = await RealEnsemble.start({ folder })
  })
  afterAll(async () => {
    await ensemble.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  // A suite of its own: its end comes before the end of the servers.
  describe('by the contract', () => {
    describeZooKeeper(() => ensemble.servers)
  })
})
