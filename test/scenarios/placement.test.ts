import { describe, expect, test } from '@jest/globals'
import type { HostSpec } from '../../src/embedded/mesos/host-spec.ts'
import type { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

function aHost(n: number, attributes: HostSpec['attributes'] = {}, slots = 4): HostSpec {
  const resources = { cpus: slots, memMib: slots * 1024, diskMib: 10_000 }
  return { hostname: `added-${n}.test`, authority: `10.0.1.${n}:5051`, resources, attributes }
}

/** So many quarters of a host. */
const taking = (quarters: number) => ({
  ...LINUX,
  cpus: { agent: 0, perExecutor: quarters },
  memMib: { agent: quarters * 1024 - 128, perExecutor: 128, factor: 1 },
  maxAgents: 50,
})

const hostsOf = (farm: Farm, template: string): readonly (string | undefined)[] =>
  farm.view.agents.filter((agent) => agent.template === template).map(({ hostname }) => hostname)

describe('rules on hosts', () => {
  test('hold whatever waits, the master keeps other hosts back, and people are told', async () => {
    const constraints = [
      ['rack', 'LIKE', 'r[12]'],
      ['hostname', 'MAX_PER', 1],
    ]
    const farm = await start({ hosts: 0, templates: { linux: { ...LINUX, constraints } } })
    for (const [index, rack] of ['r1', 'r2', 'r9'].entries()) await farm.mesos.addHost(aHost(index + 1, { rack }))
    for (const name of ['a', 'b', 'c', 'd']) farm.job(name, 60_000)
    await farm.until(() => farm.running === 2, 30_000, 'two builds')
    expect([...hostsOf(farm, 'linux')].sort()).toEqual(['added-1.test', 'added-2.test'])
    await farm.advance(10_000)
    const waits = farm.view.queue.map(({ words }) => words)
    expect(waits[0]).toMatch(/added-\d.test with 1 of 2 agents of template linux, the rule is hostname MAX_PER 1/)
    const offered = farm.mesos.snapshot().offers.map(({ hostname }) => hostname)
    expect(offered).not.toContain('added-3.test')
    await farm.until(() => farm.running > 0 && farm.queued === 0, 600_000, 'the last builds')
    expect(hostsOf(farm, 'linux')).not.toContain('added-3.test')
    await farm.allSucceed(600_000)
    await farm.empty(90_000)
  })

  test('that no host keeps are told with what the hosts have, after a look at all of them', async () => {
    const windows = { ...LINUX, constraints: [['os', 'IS', 'windows']] }
    const farm = await start({ hosts: 0, templates: { windows } })
    await farm.mesos.addHost(aHost(1, { os: 'linux' }))
    farm.job('a', 10_000)
    await farm.advance(20_000)
    expect(farm.view.queue[0]?.words).toMatch(/no host has offered .* os IS windows/)
    await farm.advance(20_000)
    expect(farm.view.queue[0]?.words).toMatch(/added-1.test has os=linux, the rule is os IS windows/)
    await farm.mesos.addHost(aHost(2, { os: 'windows' }))
    await farm.allSucceed(60_000)
    await farm.empty(90_000)
  })
})

test('a build comes back to the host of the last one of its job, where the template says so', async () => {
  const farm = await start({ hosts: 4, templates: { linux: { ...LINUX, affinity: true, packing: 'spread' } } })
  const hostOf = (job: string): string | undefined =>
    farm.view.agents.find(({ builds }) => builds.some((name) => name.startsWith(`${job} `)))?.hostname
  farm.job('busy', 900_000)
  await farm.until(() => hostOf('busy') !== undefined, 30_000, 'a build')
  farm.job('a', 30_000)
  await farm.until(() => hostOf('a') !== undefined, 30_000, 'the build of a')
  const before = hostOf('a')
  await farm.until(() => farm.onlineAgents === 1, 120_000, 'the end of its agent')
  farm.job('filler', 900_000)
  await farm.until(() => hostOf('filler') !== undefined, 30_000, 'a build beside')
  expect(hostOf('filler')).toBe(before)
  farm.jenkins.build('a')
  await farm.until(() => hostOf('a') !== undefined, 30_000, 'the build of a again')
  expect(hostOf('a')).toBe(before)
  await farm.allSucceed(1_200_000)
  await farm.empty(90_000)
})

test('a big agent is not starved by small ones that fill each hole', async () => {
  const small = { ...taking(1), oneShot: true }
  const big = { ...taking(4), labels: ['big'] }
  const farm = await start({ hosts: 0, templates: { small, big } })
  for (const n of [1, 2]) await farm.mesos.addHost(aHost(n))
  const work = async (from: number, count: number): Promise<void> => {
    for (let n = from; n < from + count; n++) farm.job(`small-${n}`, 40_000 + ((n * 37) % 11) * 9_000)
    await farm.advance(20_000)
  }
  await work(0, 12)
  farm.job('huge', 30_000, 'big')
  let n = 12
  while (n < 200 && hostsOf(farm, 'big').length === 0) {
    await work(n, 2)
    n += 2
  }
  expect(hostsOf(farm, 'big')).toHaveLength(1)
  expect(n).toBeLessThan(80)
  expect(farm.launched.length).toBeGreaterThan(10)
  await farm.allSucceed(3_600_000)
  await farm.empty(120_000)
})
