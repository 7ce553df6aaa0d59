import { expect, jest, test } from '@jest/globals'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const HOUR_MS = 3_600_000

/** An hour of rounds, on a machine that may be busy. */
jest.setTimeout(90_000)

/** Lines that a log has unless it is told to write more. */
const written = (logged: readonly string[]): readonly string[] =>
  logged.filter((line) => !/^[\d:.]+ (?:\S+ )?debug /.test(line))

test('an hour in which nothing happens is no line in the log', async () => {
  const farm = await start()
  farm.jenkins.createJob({ name: 'any', label: 'linux', durationMs: 1_000 })
  await farm.until(() => farm.view.health.status === 'ok', 30_000)
  await farm.advance(60_000)
  const before = written(farm.logged).length
  await farm.advance(HOUR_MS)
  expect(written(farm.logged).slice(before)).toEqual([])
})

test('an hour of a full farm, where builds run and more wait, is a few lines: none a round', async () => {
  const farm = await start({ templates: { linux: { ...LINUX, maxAgents: 3 } } })
  for (let build = 0; build < 6; build++) farm.job(`long-${build}`, 2 * HOUR_MS)
  await farm.until(() => farm.running === 3, 60_000, 'all agents busy')
  await farm.advance(60_000)
  const before = written(farm.logged).length
  await farm.advance(HOUR_MS)
  expect(written(farm.logged).slice(before)).toEqual([])
})

test('an hour of builds that come and go has lines for what changed, and no more', async () => {
  const farm = await start({ templates: { linux: { ...LINUX, maxAgents: 3, idleTimeoutSeconds: 600 } } })
  farm.jenkins.createJob({ name: 'often', label: 'linux', durationMs: 20_000 })
  await farm.until(() => farm.view.health.status === 'ok', 30_000)
  const before = written(farm.logged).length
  for (let minute = 0; minute < 60; minute++) {
    farm.jenkins.build('often')
    await farm.advance(60_000)
  }
  const builds = farm.results.length
  expect(builds).toBeGreaterThanOrEqual(60)
  // The agent that comes for the first one stays for all of them.
  expect(farm.launched.length).toBeLessThanOrEqual(2)
  expect(written(farm.logged).length - before).toBeLessThan(20)
})

test('what Jenkins cannot do for an agent is said once an agent and reason, however often it is tried', async () => {
  const farm = await start({ templates: { linux: { ...LINUX, maxAgents: 2 } } })
  farm.job('a', 5_000)
  await farm.allSucceed(60_000)
  farm.down('http://jenkins.test:8080')
  const before = written(farm.logged).length
  await farm.advance(HOUR_MS)
  expect(written(farm.logged).length - before).toBeLessThan(8)
  farm.up('http://jenkins.test:8080')
  await farm.empty(180_000)
})
