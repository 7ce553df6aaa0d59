import { expect, test } from '@jest/globals'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

test('what a person must put right stands among the problems once, is tried slowly, and goes when a launch succeeds', async () => {
  const farm = await start()
  farm.faults.task = () => 'fetch'
  farm.job('a', 5_000)
  await farm.until(() => farm.view.problems.length > 0, 30_000, 'the problem')
  await farm.advance(1_500_000)
  const said = (): readonly string[] => farm.logged.filter((line) => line.includes('something needs a look'))
  expect(farm.view.problems).toMatchObject([
    expect.stringMatching(/^template linux: its agents end .*Failed to fetch all URIs/),
  ])
  expect(farm.view.problems[0]).toMatch(/see that the hosts reach Jenkins \(agent.jar\), SIDECAR_URL/)
  expect(said()).toHaveLength(1)
  expect(farm.launched.length).toBeLessThan(8)
  farm.faults.task = () => undefined
  await farm.allSucceed(700_000)
  expect(farm.view.problems).toEqual([])
  await farm.empty(90_000)
})
