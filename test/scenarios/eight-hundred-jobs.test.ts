import { describe, expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { LINUX } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

const JOBS = 800
const HOSTS = 19
/** Each host has room for four agents. */
const ROOM = 4 * HOSTS
const HOST = { resources: { cpus: 1.25, memMib: 8192, diskMib: 1000 } }

/** Some seconds on a machine that has nothing else to do. */
const TIMEOUT_MS = 90_000

/** All at once, as when Jenkins comes back after a night. */
function queueAll(farm: Farm, labels: readonly string[]): void {
  for (let job = 0; job < JOBS; job++) farm.job(`job-${job}`, 5_000, labels[job % labels.length])
}

/** Looks at each instant: a node that no placed agent owns is one that waits for an offer, as the old plugin's did. */
async function untilAllHaveEnded(farm: Farm, limitMs: number): Promise<{ readonly mostNodes: number }> {
  let mostNodes = 0
  const isOver = (): boolean => {
    const { agentNodes } = farm
    const placed = new Set(farm.records.flatMap(({ agentId, hostname }) => (hostname === undefined ? [] : [agentId])))
    const alone = agentNodes.filter((name) => !placed.has(name as never))
    if (alone.length > 0) throw new Error(`nodes without a place: ${alone.join()}`)
    mostNodes = Math.max(mostNodes, agentNodes.length)
    return farm.running === 0 && farm.queued === 0
  }
  await farm.until(isOver, limitMs, 'the end of all builds')
  return { mostNodes }
}

async function everythingIsWell(farm: Farm, anchors: readonly string[]): Promise<void> {
  expect(farm.results).toEqual(Array<string>(JOBS).fill('SUCCESS'))
  await farm.empty(120_000)
  const creations = farm.steps.filter(({ name }) => name.endsWith('/computer/doCreateItem'))
  expect(creations).toHaveLength(anchors.length + farm.launched.length)
  expect(farm.logged.length).toBeLessThan(10 * farm.launched.length)
  expect(farm.jenkins.nodes.map(({ name }) => name).sort()).toEqual(anchors)
  expect(farm.records).toEqual([])
  expect(farm.mesos.snapshot().frameworks[0]).toMatchObject({ outstandingOffers: 0, suppressedRoles: ['*'] })
}

describe('800 jobs at once on 19 hosts, which left 700 offline nodes and brought Jenkins down', () => {
  test(
    'never make more nodes than agents were placed, and all end',
    async () => {
      const farm = await start({
        hosts: HOSTS,
        host: HOST,
        templates: { linux: { ...LINUX, maxAgents: JOBS } },
        environment: { MAX_AGENTS: String(JOBS) },
      })
      queueAll(farm, ['linux'])
      const { mostNodes } = await untilAllHaveEnded(farm, 600_000)
      expect([mostNodes, farm.launched.length]).toEqual([ROOM, ROOM])
      await everythingIsWell(farm, ['anchor-linux'])
    },
    TIMEOUT_MS,
  )

  test(
    'invariant 3: stay within the caps of two templates and of all',
    async () => {
      const caps = { one: 15, two: 30, all: 40 }
      const farm = await start({
        hosts: HOSTS,
        host: HOST,
        templates: {
          one: { ...LINUX, labels: ['one'], maxAgents: caps.one },
          two: { ...LINUX, labels: ['two'], maxAgents: caps.two },
        },
        environment: { MAX_AGENTS: String(caps.all) },
      })
      queueAll(farm, ['one', 'two'])
      const { mostNodes } = await untilAllHaveEnded(farm, 900_000)
      expect(mostNodes).toBeLessThanOrEqual(caps.all)
      expect(farm.watch.peakInAll.get('agents')).toBe(caps.all)
      expect(farm.watch.peak.get('one')).toBeLessThanOrEqual(caps.one)
      expect(farm.watch.peak.get('two')).toBeLessThanOrEqual(caps.two)
      await everythingIsWell(farm, ['anchor-one', 'anchor-two'])
    },
    TIMEOUT_MS,
  )
})
