import { describe, expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { JENKINS, LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

describe('Jenkins is away', () => {
  test('a restart with a build running and an agent idle: nothing is taken away, both agents come back', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, idleTimeoutSeconds: 120 } } })
    farm.job('short', 5_000).job('long', 120_000)
    await farm.until(() => farm.results.includes('SUCCESS') && farm.running === 1, 40_000, 'one idle, one busy')
    const agents = farm.agentNodes
    const session = farm.jenkins.session
    const restarted = farm.jenkins.restart({ downMs: 5_000, startingMs: 40_000 })
    await farm.advance(20_000)
    expect(farm.jenkins.phase).toBe('starting')
    expect(farm.view.jenkins.reachable).toBe(false)
    expect(farm.tasks).toHaveLength(2)
    await farm.until(() => farm.jenkins.phase === 'ready', 60_000, 'Jenkins')
    await restarted
    expect(farm.jenkins.session).not.toBe(session)
    await farm.until(() => farm.onlineAgents === 2, 60_000, 'both agents back')
    expect(farm.agentNodes).toEqual(agents)
    expect(farm.launched).toHaveLength(2)
    farm.job('after', 5_000)
    await farm.until(() => farm.results.at(-1) !== 'queued', 30_000, 'a build after the restart')
    await farm.until(() => farm.running === 0, 30_000, 'its end')
    expect(farm.launched).toHaveLength(2)
    await farm.empty(240_000)
  })

  test.each([
    [
      'refuses connections',
      (farm: Farm): void => {
        farm.down(JENKINS)
      },
      (farm: Farm): void => {
        farm.up(JENKINS)
      },
    ],
    [
      'does not answer',
      (farm: Farm): void => {
        farm.faults.freeze(JENKINS)
      },
      (farm: Farm): void => {
        farm.faults.thaw(JENKINS)
      },
    ],
  ] as const)(
    'invariant 6: Jenkins %s for ten minutes: no agent is reaped or started, no offer is kept',
    async (_how, break_, mend) => {
      const farm = await start({ templates: { linux: { ...LINUX, idleTimeoutSeconds: 60 } } })
      farm.job('a', 5_000)
      await farm.allSucceed(30_000)
      break_(farm)
      await farm.advance(600_000)
      expect(farm.tasks).toHaveLength(1)
      expect(farm.launched).toHaveLength(1)
      expect(farm.calls('KILL')).toEqual([])
      expect(farm.view.health.status).toBe('stalled')
      mend(farm)
      await farm.until(() => farm.view.health.status === 'ok', 60_000, 'health')
      farm.job('b', 5_000)
      await farm.until(() => farm.results.length === 2 && farm.running + farm.queued === 0, 60_000, 'another build')
      await farm.empty(400_000)
      expect(farm.results).toEqual(['SUCCESS', 'SUCCESS'])
    },
  )

  test('invariant 6: Jenkins shows no jobs to the user: an idle agent is not reaped on an empty queue', async () => {
    const farm = await start({ templates: { linux: { ...LINUX, idleTimeoutSeconds: 120 } } })
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    farm.faults.answer = ({ path }) =>
      path.startsWith('/api/json') && path.includes('jobs') ? JSON.stringify({ jobs: [] }) : undefined
    await farm.advance(600_000)
    expect(farm.agentNodes).toHaveLength(1)
    expect(farm.view.round.held).toContain('Job/Read')
    farm.faults.answer = () => undefined
    await farm.empty(600_000)
  })

  test('invariant 6: a reason to wait that is not understood holds back all removal, and is shown', async () => {
    const farm = await start()
    farm.job('a', 5_000)
    await farm.allSucceed(30_000)
    farm.job('odd', 5_000, 'nowhere')
    farm.faults.rewrite = (text) => text.replaceAll(/"why":"[^"]*"/g, '"why":"Es wartet, weil es wartet"')
    await farm.advance(120_000)
    expect(farm.agentNodes).toHaveLength(1)
    expect(farm.view.queue).toMatchObject([{ state: 'not_understood' }])
    farm.faults.rewrite = (text) => text
    await farm.until(() => farm.agentNodes.length === 0, 60_000, 'the reaping')
  })
})
