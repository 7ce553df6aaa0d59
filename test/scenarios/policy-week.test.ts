import { expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const timezone = 'Europe/Berlin'

const SCHEDULED = {
  ...LINUX,
  minIdle: 1,
  idleTimeoutSeconds: 30,
  schedules: [
    { cron: '0 8 * * 1-5', timezone, minIdle: 3 },
    { cron: '0 18 * * 1-5', timezone, minIdle: 0 },
    { cron: '30 2 * * 0', timezone, minIdle: 2, durationMinutes: 60 },
    { cron: '0 9 * * 3', timezone, minIdle: 5, maxAgents: 4, durationMinutes: 120 },
    { cron: '0 12 * * 1-5', timezone, minIdle: 4, idleTimeoutSeconds: 10, durationMinutes: 60 },
  ],
}

/**
 * A week, of which the hours in which nothing changes are left out: the clock is set to a minute before each of these
 * times. There nothing has changed yet; two minutes later so many agents are idle.
 */
async function walk(farm: Farm, times: readonly (readonly [utc: string, agents: number])[]): Promise<void> {
  for (const [utc, agents] of times) {
    const before = farm.onlineAgents
    farm.clock.offsetMs = Date.parse(utc) - 60_000 - farm.virtual.now()
    await farm.advance(55_000)
    expect([utc, 'before', farm.onlineAgents]).toEqual([utc, 'before', before])
    await farm.advance(125_000)
    expect([utc, 'after', farm.onlineAgents]).toEqual([utc, 'after', agents])
  }
}

async function weekFarm(): Promise<Farm> {
  const farm = await start({ hosts: 4, templates: { linux: SCHEDULED } })
  farm.jenkins.createJob({ name: 'any', label: 'linux', durationMs: 1_000 })
  return farm
}

test('a week over the night in which summer time begins in Berlin', async () => {
  const farm = await weekFarm()
  // The farm begins on 1 January, a Thursday, at 01:00 in Berlin: the evening before still holds
  expect(farm.onlineAgents).toBe(0)
  await walk(farm, [
    ['2026-03-27T07:00:00Z', 3], // Friday 08:00
    ['2026-03-27T11:00:00Z', 4], // 12:00
    ['2026-03-27T12:00:00Z', 3], // 13:00: the day still holds beneath the lunch that is over
    ['2026-03-27T17:00:00Z', 0], // 18:00
    ['2026-03-29T00:30:00Z', 0], // Sunday 01:30
    ['2026-03-29T01:00:00Z', 2], // 03:00: 02:30 is left out in this night
    ['2026-03-29T02:00:00Z', 0], // 04:00: an hour later, and Friday's evening holds again
    ['2026-03-30T06:00:00Z', 3], // Monday 08:00, an hour earlier by UTC
    ['2026-03-30T16:00:00Z', 0],
    ['2026-04-01T06:00:00Z', 3], // Wednesday
    ['2026-04-01T07:00:00Z', 4], // 09:00: five are wanted, four may be
    ['2026-04-01T09:00:00Z', 3],
    ['2026-04-01T16:00:00Z', 0],
  ])
  expect(farm.view.templates).toMatchObject([{ scheduled: '0 18 * * 1-5 Europe/Berlin', maxAgents: 5 }])
})

test('a week over the night in which summer time ends', async () => {
  const farm = await weekFarm()
  await walk(farm, [
    ['2026-10-23T06:00:00Z', 3], // Friday 08:00
    ['2026-10-23T16:00:00Z', 0], // 18:00
    ['2026-10-25T00:30:00Z', 2], // Sunday 02:30, for the first time
    ['2026-10-25T01:30:00Z', 0], // 02:30 again, an hour later: it is over, and does not begin anew
    ['2026-10-26T07:00:00Z', 3], // Monday 08:00, an hour later by UTC
    ['2026-10-26T17:00:00Z', 0],
  ])
})

test('a clock that is set back takes the schedule of that time, and builds go on', async () => {
  const farm = await weekFarm()
  await walk(farm, [
    ['2026-03-30T06:00:00Z', 3],
    ['2026-03-30T16:00:00Z', 0],
  ])
  farm.clock.offsetMs -= 4 * 3_600_000 // 14:00
  farm.jenkins.build('any')
  await farm.until(() => farm.onlineAgents === 3, 60_000, 'the pool of the day')
  await farm.allSucceed(60_000)
})
