import { describe, expect, test } from '@jest/globals'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

describe('invariant 7: what is not stored has not happened', () => {
  test.each(['fails', 'hangs'] as const)(
    'a store that %s: nothing is launched, offers go back in time, health says so, and it goes on afterwards',
    async (how) => {
      const farm = await start()
      await farm.advance(5_000)
      const gate = farm.store.break(how)
      farm.job('a', 10_000)
      await farm.advance(40_000)
      expect(farm.launched).toEqual([])
      expect(farm.agentNodes).toEqual([])
      expect(farm.calls('ACCEPT')).toEqual([])
      expect(farm.view.health.status).toBe('store')

      gate.mend()
      await farm.allSucceed(60_000)
      await farm.empty(90_000)
      expect(farm.view.health.status).toBe('ok')
    },
  )

  test.each(['fails', 'hangs'] as const)(
    'a store that %s while an agent starts: no status is acknowledged until it is stored, then all are',
    async (how) => {
      const farm = await start({ startMs: 3_000 })
      farm.job('a', 30_000)
      await farm.until(() => farm.launched.length === 1, 20_000, 'a launch')
      await farm.advance(1_000)
      const gate = farm.store.break(how)
      await farm.advance(60_000)
      expect(farm.calls('ACKNOWLEDGE')).toEqual([])
      expect(farm.results).toEqual(['SUCCESS'])

      gate.mend()
      await farm.advance(60_000)
      expect(farm.calls('ACKNOWLEDGE').length).toBeGreaterThanOrEqual(2)
      await farm.empty(120_000)
      expect(farm.launched).toHaveLength(1)
    },
  )

  test.each(['fails', 'hangs'] as const)(
    'a store that %s: an idle agent is not reaped until it can be stored',
    async (how) => {
      const farm = await start()
      farm.job('a', 5_000)
      await farm.allSucceed(30_000)
      const gate = farm.store.break(how)
      await farm.advance(120_000)
      expect(farm.onlineAgents).toBe(1)
      expect(farm.calls('KILL')).toEqual([])

      gate.mend()
      await farm.empty(120_000)
    },
  )
})
