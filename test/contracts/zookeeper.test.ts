import { afterAll, beforeAll, describe } from '@jest/globals'
import type { Ensemble } from '../../src/core/ensemble.ts'
import { listenEnsemble } from '../../src/embedded/zookeeper/listen-ensemble.ts'
import { systemClock } from '../../src/system-clock.ts'
import { SimulatedEnsemble } from '../support/zookeeper/simulated-ensemble.ts'
import { describeZooKeeper } from '../zookeeper/zookeeper-contract.ts'
import { given, tellUnlessReal } from './variables.ts'

tellUnlessReal('TEST_ZOOKEEPER', 'ZooKeeper')

describe('ZooKeeper', () => {
  let servers: Ensemble['servers'] = []
  let close = async (): Promise<void> => undefined

  beforeAll(async () => {
    const real = given('TEST_ZOOKEEPER')
    if (real !== undefined) {
      servers = real.split(',').map(readServer)
      return
    }
    const simulated = new SimulatedEnsemble({ clock: systemClock })
    const listening = await listenEnsemble(simulated)
    servers = listening.servers
    close = async () => {
      simulated.close()
      await listening.close()
    }
  })
  afterAll(() => close())

  // A suite of its own: its end comes before the end of the servers.
  describe('by the contract', () => {
    describeZooKeeper(() => servers)
  })
})

function readServer(text: string): Ensemble['servers'][number] {
  const { hostname, port } = new URL(`zk://${text}`)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 2181) }
}
