import { describe, expect, test } from '@jest/globals'
import { NODE_TYPES, nodeForm } from '../../src/jenkins/node-form.ts'
import type { DryRunReport } from '../../src/loop/dry-run-ledger.ts'
import type { Farm, SidecarName } from '../support/farm.ts'
import { asAdmin } from '../support/farm-jenkins.ts'
import { MESOS } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()
const MINUTE = 60_000
const HOUR = 60 * MINUTE

async function reportOf(farm: Farm, name: SidecarName = 'a'): Promise<DryRunReport> {
  const answer = await farm.sidecar(name).life.ask('/api/v1/dry-run')
  return JSON.parse(answer.body) as DryRunReport
}

/** A node that somebody else made. */
async function aNodeOfOthers(farm: Farm, name: string, labels: readonly string[]): Promise<void> {
  const spec = {
    name,
    description: 'of others',
    remoteFs: '/home/ci',
    executors: 1,
    mode: 'NORMAL' as const,
    labels,
    connection: 'auto' as const,
  }
  await asAdmin(farm.jenkins, 'POST', '/computer/doCreateItem', nodeForm(spec, NODE_TYPES[0], '2.541.3'))
}

/** Calls to Mesos by which a framework of its own changes nothing for anybody else. */
const ITS_OWN = new Set(['SUBSCRIBE', 'REVIVE', 'SUPPRESS', 'DECLINE', 'RECONCILE'])

/** What it did to the world beside. A commit would stand here, too. */
function changes(farm: Farm, name: SidecarName = 'a'): readonly string[] {
  return farm
    .sidecar(name)
    .steps.map((step) => step.name)
    .filter((step) => !ITS_OWN.has(step))
}

/** For how long offers were refused. */
function refusedFor(farm: Farm): readonly unknown[] {
  const calls = farm.calls('DECLINE').map(({ call }) => call as { decline?: { filters?: { refuse_seconds?: number } } })
  return [...new Set(calls.map(({ decline }) => decline?.filters?.refuse_seconds))]
}

describe('DRY_RUN alone', () => {
  const environment = { DRY_RUN: 'true' }

  test('decides once for each build, looks at offers once a minute at most, and changes nothing', async () => {
    const farm = await start({ environment, hosts: 1, host: { resources: { cpus: 0.7, memMib: 4096 } } })
    await aNodeOfOthers(farm, 'static', ['other'])
    farm.job('a', 5_000).job('b', 5_000).job('c', 5_000)
    await farm.advance(10 * MINUTE)

    const { counts, waiting } = await reportOf(farm)
    expect(counts).toMatchObject({ seen: 3, left: 0, launched: 2 })
    expect(waiting.map(({ job, hostname, template }) => [job, template, hostname])).toEqual([
      ['a', 'linux', 'host-1.test'],
      ['b', 'linux', 'host-1.test'],
      ['c', 'linux', undefined],
    ])
    expect(changes(farm)).toEqual([])
    expect(farm.calls('REVIVE').length).toBeGreaterThanOrEqual(9)
    expect(farm.calls('REVIVE').length).toBeLessThanOrEqual(11)
    expect(farm.calls('ACCEPT')).toEqual([])
    expect(refusedFor(farm)).toEqual([300])
    expect(farm.mesos.snapshot().frameworks).toMatchObject([{ suppressedRoles: ['*'], outstandingOffers: 0 }])
    expect(farm.logged.filter((line) => line.includes('an agent would be launched'))).toHaveLength(1)
  })

  test('asks for no offers while nothing waits, and none any more once all is decided', async () => {
    const farm = await start({ environment })
    await aNodeOfOthers(farm, 'static', ['other'])
    await farm.advance(10 * MINUTE)
    expect(farm.calls('REVIVE')).toEqual([])
    farm.job('a', 5_000)
    await farm.advance(10 * MINUTE)
    expect(farm.calls('REVIVE')).toHaveLength(1)
    expect((await reportOf(farm)).counts).toMatchObject({ seen: 1, launched: 1 })
  })

  test('a label that cannot be read without anchors is unknown, and not unserved; that of a freestyle job is read', async () => {
    const farm = await start({ environment })
    farm.jenkins.createJob({ name: 'pipeline', durationMs: 5_000 })
    farm.jenkins.build('pipeline', { label: 'linux' })
    farm.job('freestyle', 5_000)
    farm.job('elsewhere', 5_000, 'solaris')
    await farm.advance(5 * MINUTE)
    const { waiting, words } = await reportOf(farm)
    expect(waiting.map(({ job, state, hostname }) => [job, state, hostname !== undefined])).toEqual([
      ['pipeline', 'unreadable', false],
      ['freestyle', 'starting', true],
      ['elsewhere', 'unserved', false],
    ])
    expect(words).toContain('1 unknown, as their label cannot be read: `anchors create` mends that')
    expect(changes(farm)).toEqual([])
  })

  test('the one node of a label stands for it: unknown, unless the job tells the label', async () => {
    const farm = await start({ environment })
    await aNodeOfOthers(farm, 'old-agent', ['linux'])
    farm.jenkins.createJob({ name: 'pipeline', durationMs: 5_000 })
    farm.jenkins.build('pipeline', { label: 'linux' })
    farm.job('freestyle', 5_000)
    await farm.advance(5 * MINUTE)
    const { waiting } = await reportOf(farm)
    expect(waiting[1]?.words).toMatch(/^an agent of template linux would be started on host-/)
    expect(waiting.map(({ job, state, words }) => [job, state, words.includes('old-agent')])).toEqual([
      ['pipeline', 'unreadable', true],
      ['freestyle', 'starting', false],
    ])
  })

  test('goes on after the master was away, with another framework', async () => {
    const farm = await start({ environment })
    await aNodeOfOthers(farm, 'static', ['other'])
    farm.down(MESOS)
    await farm.advance(10 * MINUTE)
    farm.up(MESOS)
    farm.job('a', 5_000)
    await farm.advance(5 * MINUTE)
    expect((await reportOf(farm)).counts.launched).toBe(1)
    expect(farm.mesos.snapshot().frameworks.filter(({ connected }) => connected)).toHaveLength(1)
    expect(farm.logged.filter((line) => line.includes(' error '))).toEqual([])
  })

  test('says at its end what came of it, and leaves no framework', async () => {
    const farm = await start({ environment })
    await aNodeOfOthers(farm, 'static', ['other'])
    farm.job('a', 5_000)
    await farm.advance(MINUTE)
    await farm.life.stop()
    expect(farm.logged.join('\n')).toContain(
      'dry run, nothing is done: of 1 builds that waited, an agent would have been launched for 1',
    )
    expect(farm.mesos.snapshot().frameworks.filter(({ connected }) => connected)).toEqual([])
  })
})

describe('DRY_RUN beside a sidecar that works', () => {
  test('invariant 9: for six hours it takes nothing, changes nothing, and sees how long builds really wait', async () => {
    const farm = await start({ quiet: true, hosts: 2, environment: { POLL_INTERVAL_MS: '60000' } })
    await farm.advance(MINUTE)
    await farm.startSidecar({ DRY_RUN: 'true' }, 'b')
    const jobs = ['one', 'two', 'three']
    for (const name of jobs) farm.jenkins.createJob({ name, label: 'linux', durationMs: MINUTE, concurrent: true })
    for (let time = 0; time < 6; time += 1) {
      for (const name of jobs) farm.jenkins.build(name)
      await farm.advance(HOUR)
    }
    expect(farm.results).toEqual(Array(18).fill('SUCCESS'))
    expect(changes(farm, 'b')).toEqual([])
    const { counts, waitedSeconds } = await reportOf(farm, 'b')
    expect(counts.seen).toBe(counts.left)
    expect(counts.seen).toBeGreaterThan(6)
    expect(waitedSeconds?.max).toBeLessThan(300)
    expect(farm.mesos.snapshot().frameworks.map(({ connected }) => connected)).toEqual([true, true])
    const page = await farm.sidecar('b').life.ask('/api/v1/state')
    expect(page.body).toContain('dry run, nothing is done')
    expect(page.body).not.toContain('delete them')
    await farm.sidecar('b').stop()
    await farm.empty(10 * MINUTE)
  }, 120_000)
})
