import { describe, expect, test } from '@jest/globals'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

describe('the sidecar ends and begins', () => {
  test('it leaves: builds go on without it, and the next one takes the agents over', async () => {
    const farm = await start()
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    await farm.life.stop()
    await farm.advance(20_000)
    expect(farm.running).toBe(1)
    await farm.startSidecar()
    await farm.until(() => farm.view.agents[0]?.state === 'online', 10_000, 'the agent taken over')
    farm.job('b', 5_000)
    await farm.allSucceed(90_000)
    expect(farm.launched).toHaveLength(2)
    await farm.empty(90_000)
    expect(farm.mesos.snapshot().frameworks).toHaveLength(1)
  })

  test('it kills: nodes, tasks and framework go at once', async () => {
    const farm = await start()
    farm.job('a', 60_000)
    await farm.until(() => farm.running === 1, 30_000)
    farm.checker.removal.forced = true
    await farm.life.stop('kill')
    await farm.advance(1_000)
    expect(farm.agentNodes).toEqual([])
    expect(farm.tasks).toEqual([])
    expect(farm.mesos.snapshot().frameworks).toEqual([])
  })

  test('it drains: running builds end well, waiting ones get no agent any more', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, maxAgents: 1 } } })
    farm.job('a', 60_000).job('b', 5_000)
    await farm.until(() => farm.running === 1, 30_000)
    let drained = false
    void farm.life.program.drain(new AbortController().signal).then(() => {
      drained = true
    })
    expect(farm.view.problems).toEqual(['this sidecar is being shut down: no agent is started any more'])
    await farm.until(() => drained, 120_000, 'the drain')
    expect(farm.results).toEqual(['SUCCESS', 'queued'])
    expect(farm.agentNodes).toEqual([])
    expect(farm.launched).toHaveLength(1)
  })

  test('an hour without a sidecar: agents that were idle are reaped after the next start, those with builds stay', async () => {
    const farm = await start()
    farm.job('long', 4_000_000).job('short', 5_000)
    await farm.until(() => farm.results.includes('SUCCESS') && farm.running === 1, 30_000)
    farm.crashSidecar()
    await farm.advance(3_600_000)
    expect(farm.onlineAgents).toBe(2)
    await farm.startSidecar()
    await farm.until(() => farm.agentNodes.length === 1, 90_000, 'the idle one reaped')
    expect(farm.running).toBe(1)
    await farm.allSucceed(600_000)
    await farm.empty(90_000)
  })

  test('the first two rounds after a start take nothing away: who was idle for too long goes in the third', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    const [agent = ''] = farm.agentNodes
    await farm.advance(15_000) // until the store knows since when it is idle
    const crashed = farm.life
    farm.crashSidecar()
    await farm.advance(3_600_000)
    const takenIn: number[] = []
    farm.faults.before = ({ path }) => {
      if (!path.startsWith(`/computer/${agent}/toggleOffline`)) return
      takenIn.push(farm.life === crashed ? 0 : farm.view.round.number)
    }
    await farm.startSidecar()
    const seen = new Map<number, string>()
    const look = (): boolean => {
      const { round, agents } = farm.view
      const since = agents[0]?.idleSince
      const isDue = since !== undefined && farm.clock.now() - since > 30_000
      seen.set(round.number, `${agents[0]?.state ?? 'none'}, ${isDue ? 'due' : 'not due'}, held: ${round.held ?? 'no'}`)
      return takenIn.length > 0
    }
    await farm.until(look, 90_000, 'the reaping')
    const spared = 'online, due, held: the first rounds after a start take nothing away'
    expect([seen.get(1), seen.get(2), takenIn]).toEqual([spared, spared, [3]])
    await farm.empty(30_000)
  })

  test('a changed template makes the anchor anew, and agents of the old one finish their builds', async () => {
    const farm = await start()
    farm.job('a', 30_000)
    await farm.until(() => farm.running === 1, 30_000)
    await farm.restartSidecar({
      TEMPLATES: JSON.stringify({ templates: { linux: { ...LINUX, labels: ['linux', 'docker'] } } }),
    })
    farm.job('b', 5_000, 'docker')
    await farm.allSucceed(90_000)
    await farm.empty(90_000)
    const anchors = farm.jenkins.nodes.filter(({ name }) => name.startsWith('anchor-'))
    expect(anchors.map(({ labelString }) => labelString)).toEqual(['linux docker'])
  })

  test('DRY_RUN plans and tells, and makes nothing', async () => {
    const farm = await start({ environment: { DRY_RUN: 'true' } })
    farm.job('a', 5_000)
    await farm.advance(60_000)
    expect(farm.jenkins.nodes).toEqual([])
    expect(farm.launched).toEqual([])
    expect(farm.calls('ACCEPT')).toEqual([])
    expect(farm.logged.join('\n')).toContain('make the anchor anchor-linux')
  })

  test('invariant 9: DRY_RUN beside agents of a real sidecar is another framework, and leaves theirs alone', async () => {
    const farm = await start()
    farm.job('a', 120_000)
    await farm.until(() => farm.running === 1, 30_000)
    await farm.life.stop()
    const [framework] = farm.mesos.snapshot().frameworks
    farm.store.lose() // a dry run has a store of its own, and it is empty
    await farm.startSidecar({ DRY_RUN: 'true' })
    await farm.advance(30_000)
    expect(farm.mesos.snapshot().frameworks).toMatchObject([
      { id: framework?.id, connected: false },
      { connected: true },
    ])
    await farm.life.stop()
    expect(farm.mesos.snapshot().frameworks.map(({ id }) => id)).toEqual([framework?.id])
    await farm.allSucceed(120_000)
    expect(farm.tasks).toHaveLength(1)
  })
})
