import { describe, expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { type FarmOptions, mastersOf } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const [A, B] = mastersOf(2) as [string, string]
const hostOf = (origin: string): string => new URL(origin).host
/** Of the master's session with ZooKeeper: so long its znode outlives it. */
const SESSION_MS = 8_000
const CLIENT = 'sidecar-1 to masters'

/** A build runs, and the trouble begins. */
async function running(options: FarmOptions): Promise<Farm> {
  const farm = await start({ masters: 2, ...options })
  farm.job('long', 120_000)
  await farm.until(() => farm.running === 1, 60_000, 'a running build')
  return farm
}

/** Whatever was: every build succeeds, each on one agent, and all go. */
async function allIsWell(farm: Farm, agents: number): Promise<void> {
  farm.job('after', 5_000)
  await farm.allSucceed(300_000)
  await farm.empty(300_000)
  expect(farm.launched).toHaveLength(agents)
}

/** What a person reads of it: message, and reason. */
function said(farm: Farm, since = 0): readonly string[] {
  return farm.logged
    .slice(since)
    .filter((line) => / (?:warn|error) /.test(line) || / info (?:subscribed|leading|standing)/.test(line))
    .map((line) => line.slice(13))
}

test('probe', async () => {
  const farm = await running({ mastersBy: 'zookeeper' })
  farm.cluster.masters.killLeader()
  await allIsWell(farm, 2)
  console.log(said(farm).join('\n'))
})
