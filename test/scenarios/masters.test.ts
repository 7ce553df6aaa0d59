import { describe, expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { type FarmOptions, mastersOf } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const [A, B] = mastersOf(2) as [string, string]
/** Of a master with ZooKeeper: so long the znode of a dead one stays, and the others point to it. */
const SESSION_MS = 8_000
/** The sidecar, where it looks for masters. */
const CLIENT = 'sidecar-1 to masters'

/** A build runs: the trouble may begin. */
async function running(options: FarmOptions): Promise<Farm> {
  const farm = await start({ masters: 2, ...options })
  farm.job('long', 180_000)
  await farm.until(() => farm.running === 1, 60_000, 'a running build')
  return farm
}

function connected(farm: Farm): boolean {
  return farm.mesos.snapshot().frameworks.some(({ connected }) => connected)
}

/** Whatever was: every build succeeds, each on an agent of its own, and all go. */
async function allIsWell(farm: Farm, agents: number): Promise<void> {
  farm.job('after', 5_000)
  await farm.allSucceed(400_000)
  await farm.empty(300_000)
  expect(farm.launched.length).toBe(agents)
}

/** What a person reads, without the times. */
function told(farm: Farm): readonly string[] {
  const lines = farm.logged.filter((line) => / (?:warn|error) | info subscribed/.test(line))
  return lines.map((line) => line.slice(13).replace(/"frameworkId":"[^"]*",/, ''))
}

const subscribed = (master: string): string => `info subscribed to Mesos {"master":"${master}","version":"1.12.0"}`
const ended = expect.stringMatching(/^warn the subscription to Mesos ended /) as unknown
const notSubscribed = expect.stringMatching(/^warn not subscribed to Mesos /) as unknown
const recovering = expect.stringContaining('503 Master has not finished recovery') as unknown

describe('masters found over ZooKeeper', () => {
  test('the leader dies while a build runs: the next one is found, the build ends well, and it is said once', async () => {
    const farm = await running({ mastersBy: 'zookeeper' })
    const agents = farm.agentNodes
    farm.cluster.masters.killLeader()
    await farm.until(() => connected(farm), SESSION_MS + 5_000, 'a subscription')
    expect(farm.agentNodes).toEqual(agents)
    expect(farm.view.health.status).toBe('ok')
    await allIsWell(farm, 2)
    expect(told(farm)).toEqual([subscribed(A), ended, notSubscribed, recovering, subscribed(B)])
  })

  test('the leader stands still, its stream open: left as soon as ZooKeeper names another one', async () => {
    const farm = await running({ mastersBy: 'zookeeper' })
    farm.watch.silent = true
    const link = farm.cluster.link(A)
    link.silenceRequests()
    link.silenceAnswers()
    farm.cluster.masters.killLeader()
    await farm.until(() => connected(farm), SESSION_MS + 2_000, 'a subscription at the other one')
    farm.watch.silent = false
    link.heal()
    await allIsWell(farm, 2)
    const named = expect.stringContaining(`ZooKeeper names ${B} as the leading master`) as unknown
    expect(told(farm)).toEqual([subscribed(A), named, recovering, subscribed(B)])
  })

  test('the new leader has not recovered yet: asked until it has', async () => {
    const farm = await running({ mastersBy: 'zookeeper', election: { recoveryMs: 25_000 } })
    farm.cluster.masters.killLeader()
    await farm.until(() => connected(farm), SESSION_MS + 25_000 + 20_000, 'a subscription')
    await allIsWell(farm, 2)
    expect(told(farm)).toEqual([subscribed(A), ended, notSubscribed, recovering, subscribed(B)])
  })

  test('a leader that dies again and again, and comes back each time', async () => {
    const farm = await running({ mastersBy: 'zookeeper' })
    for (let turn = 0; turn < 3; turn++) {
      const dead = farm.cluster.masters.killLeader()
      await farm.advance(3_000)
      farm.cluster.masters.revive(dead)
      await farm.until(() => connected(farm), 60_000, 'a subscription')
      await farm.advance(5_000)
    }
    await allIsWell(farm, 2)
    expect(told(farm).filter((line) => line.includes('info subscribed'))).toHaveLength(4)
  })

  test('nobody is registered at the start: it waits, says so once, and begins when somebody is', async () => {
    const farm = await start({ masters: 2, mastersBy: 'zookeeper-later' })
    farm.job('early', 5_000)
    await farm.advance(90_000)
    expect(told(farm)).toEqual([expect.stringContaining('no Mesos master has ever been registered in ZooKeeper')])
    expect((await farm.life.ask('/health/ready')).statusCode).toBe(503)
    farm.registry?.open()
    await farm.until(() => connected(farm), 10_000, 'a subscription')
    await farm.allSucceed(60_000)
    await allIsWell(farm, 1)
    expect(told(farm).slice(1)).toEqual([subscribed(A)])
  })

  describe.each<[string, (farm: Farm) => void, (farm: Farm) => void]>([
    [
      'no quorum',
      (farm) => {
        farm.ensemble.loseQuorum()
      },
      (farm) => {
        farm.ensemble.regainQuorum()
      },
    ],
    [
      'all servers frozen',
      (farm) => {
        for (const server of farm.ensemble.servers.keys()) farm.ensemble.freeze(server)
      },
      (farm) => {
        for (const server of farm.ensemble.servers.keys()) farm.ensemble.thaw(server)
      },
    ],
    [
      'cut off from the sidecar',
      (farm) => {
        farm.ensemble.blockClient(CLIENT)
      },
      (farm) => {
        farm.ensemble.unblockClient(CLIENT)
      },
    ],
  ])('ZooKeeper gone for a minute: %s', (_, lose, regain) => {
    test('the subscription stays, builds go on, new agents are launched', async () => {
      const farm = await running({ mastersBy: 'zookeeper' })
      lose(farm)
      await farm.advance(30_000)
      farm.job('meanwhile', 5_000)
      await farm.until(() => farm.launched.length === 2, 10_000, 'a launch')
      await farm.advance(30_000)
      expect(farm.results).toEqual(['running', 'SUCCESS'])
      regain(farm)
      await farm.advance(20_000)
      expect(farm.calls('SUBSCRIBE')).toHaveLength(1)
      await allIsWell(farm, 3)
      expect(told(farm)).toEqual([
        subscribed(A),
        expect.stringMatching(/^warn connection to ZooKeeper lost/),
        expect.stringMatching(/^warn ZooKeeper server not reached; trying on/),
        expect.stringMatching(/^warn ZooKeeper session expired/),
        expect.stringMatching(/^warn ZooKeeper server not reached; trying on/), // in a session of its own
      ])
    })
  })

  test('the session expires: the subscription stays, and the next change is seen', async () => {
    const farm = await running({ mastersBy: 'zookeeper' })
    farm.ensemble.expire()
    await farm.advance(20_000)
    expect(farm.calls('SUBSCRIBE')).toHaveLength(1)
    farm.cluster.masters.killLeader()
    await farm.until(() => connected(farm), SESSION_MS + 5_000, 'a subscription')
    await allIsWell(farm, 2)
  })

  test('the leader dies while the sidecar does not reach ZooKeeper: nothing is lost, and it follows afterwards', async () => {
    const farm = await running({ mastersBy: 'zookeeper' })
    farm.ensemble.blockClient(CLIENT)
    farm.cluster.masters.killLeader()
    await farm.advance(60_000)
    expect(connected(farm)).toBe(false)
    expect(farm.view.health.status).toBe('disconnected')
    farm.ensemble.unblockClient(CLIENT)
    await farm.until(() => connected(farm), 20_000, 'a subscription')
    await allIsWell(farm, 2)
  })

  test('masters and sidecar lose ZooKeeper: nobody leads, builds go on, and one leads again', async () => {
    const farm = await running({ mastersBy: 'zookeeper' })
    farm.ensemble.loseQuorum()
    farm.cluster.masters.loseZooKeeper()
    await farm.advance(60_000)
    expect(connected(farm)).toBe(false)
    farm.ensemble.regainQuorum()
    farm.cluster.masters.returnZooKeeper()
    await farm.until(() => connected(farm), 30_000, 'a subscription')
    await allIsWell(farm, 2)
  })
})

describe('masters by their addresses', () => {
  test('the leader dies while a build runs: followers point to the dead one for a while; the next one is found', async () => {
    const farm = await running({ environment: { MESOS_MASTER: mastersOf(2).join(',') } })
    const agents = farm.agentNodes
    farm.cluster.masters.killLeader()
    await farm.until(() => connected(farm), 60_000, 'a subscription')
    expect(farm.agentNodes).toEqual(agents)
    await allIsWell(farm, 2)
    expect(told(farm).filter((line) => line.includes('info subscribed'))).toEqual([subscribed(A), subscribed(B)])
  })

  test('only a follower is known: it points to the leader, and to the next one', async () => {
    const [, , third] = mastersOf(3)
    const farm = await running({ masters: 3, environment: { MESOS_MASTER: third ?? '' } })
    expect(told(farm)).toEqual([subscribed(A)])
    farm.cluster.masters.killLeader()
    await farm.until(() => connected(farm), 60_000, 'a subscription')
    await allIsWell(farm, 2)
    expect(told(farm).at(-1)).toBe(subscribed(B))
  })

  test('started while followers still point to a dead leader', async () => {
    const farm = await running({ environment: { MESOS_MASTER: mastersOf(2).join(',') } })
    farm.crashSidecar()
    farm.cluster.masters.killLeader()
    await farm.startSidecar()
    await farm.until(() => connected(farm), 60_000, 'a subscription')
    await allIsWell(farm, 2)
  })
})
