import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { AgentExplanation, ItemDetails } from '../../src/core/explain-types.ts'
import type { DryRunReport } from '../../src/loop/dry-run-ledger.ts'
import { describeWith } from '../support/need.ts'
import { freePort } from './controller/free-port.ts'
import { until } from './controller/process.ts'
import { type RealBuild, RealController } from './controller/real-controller.ts'
import { MesosProcess, runCommand, type SidecarOptions, SidecarProcess } from './sidecar-process.ts'

const WITHIN_MS = 60_000
const ANCHORS = ['anchor-low', 'anchor-high']

describeWith(['java', 'mvn'], 'templates and what an operator may do, with a real controller', () => {
  let folder: string
  let controller: RealController
  let mesos: MesosProcess
  let options: SidecarOptions
  let sidecar: SidecarProcess
  const ending: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'real-policies-'))
    controller = await RealController.start({ home: join(folder, 'controller') })
    ending.push(() => controller.stop())
    await controller.setMasterExecutors(0)
    mesos = await MesosProcess.start(join(folder, 'mesos'))
    ending.push(() => mesos.stop())
    options = {
      folder: join(folder, 'sidecar'),
      jenkinsUrl: controller.url,
      mesosUrl: mesos.url,
      agentPort: await freePort(),
      templates: {
        low: { labels: ['linux'], maxAgents: 1, idleTimeoutSeconds: 2 },
        high: { labels: ['linux'], priority: 10, maxAgents: 1, maxBuilds: 2 },
      },
    }
    await controller.createFreestyleJob({ name: 'quick', label: 'linux', shell: 'echo done' })
    await controller.createFreestyleJob({ name: 'slow', label: 'linux', shell: 'sleep 8' })
  })

  afterAll(async () => {
    for (const end of ending.reverse()) await end()
    rmSync(folder, { recursive: true, force: true })
  })

  const ended = (job: string, number: number): Promise<RealBuild> =>
    until(`${job} #${number} to end`, WITHIN_MS, async () => {
      const build = await controller.lastBuild(job)
      return build?.number === number && !build.building ? build : undefined
    })

  const nodes = async (): Promise<readonly string[]> =>
    (await controller.nodes()).map(({ displayName }) => displayName).sort()

  /** The nodes as the controller keeps them on its disk. */
  const slaves = (): string => {
    const text = readFileSync(join(controller.home, 'config.xml'), 'utf8')
    return /<slaves>[^]*<\/slaves>/.exec(text)?.[0] ?? text
  }

  const agentsGone = (): Promise<true> =>
    until('all agents to be gone', WITHIN_MS, async () => {
      const { agents } = await sidecar.state()
      const left = agents.length + (await mesos.tasks()).length
      return left === 0 && (await nodes()).length === ANCHORS.length ? true : undefined
    })

  const waitingItem = (state: string): Promise<ItemDetails> =>
    until(`an item to be ${state}`, WITHIN_MS, async () => {
      const [item] = (await sidecar.state()).queue
      if (item?.state !== state) return undefined
      const answer = await sidecar.get(`/api/v1/explain?item=${encodeURIComponent(item.itemId)}`)
      return (answer as { readonly item: ItemDetails }).item
    })

  test('anchors are made by a command; a second time nothing is done', async () => {
    const first = await runCommand(['anchors', 'create'], options)
    expect(first.said).toMatch(/low +anchor-low +linux +made/)
    expect(first.said).toMatch(/high +anchor-high +linux +made/)
    expect(first.code).toBe(0)
    expect(await controller.nodes()).toMatchObject(
      [...ANCHORS].sort().map((displayName) => ({ displayName, offline: true, temporarilyOffline: true })),
    )
    const before = slaves()
    const second = await runCommand(['anchors', 'create'], options)
    expect(second.said.match(/was there/g)).toHaveLength(2)
    expect(second.code).toBe(0)
    expect(slaves()).toBe(before)
  })

  test('a dry run beside the sidecar decides too, and changes no node and no state', async () => {
    const dryOptions = {
      ...options,
      folder: join(folder, 'dry'),
      agentPort: await freePort(),
      environment: { DRY_RUN: 'true', FRAMEWORK_NAME: 'dry' },
    }
    const before = slaves()
    const dry = await SidecarProcess.start(dryOptions)
    ending.push(() => dry.stop())
    const counts = async () => ((await dry.get('/api/v1/dry-run')) as DryRunReport).counts
    await controller.build('quick')
    await until('the dry run to decide', WITHIN_MS, async () => ((await counts()).launched === 1 ? true : undefined))
    expect(await mesos.tasks()).toEqual([])
    expect(slaves()).toBe(before)

    sidecar = await SidecarProcess.start(options)
    ending.push(() => sidecar.stop())
    expect(await ended('quick', 1)).toMatchObject({
      result: 'SUCCESS',
      builtOn: expect.stringMatching(/^mesos-high-/),
    })
    await until('the dry run to see it leave', WITHIN_MS, async () => ((await counts()).left === 1 ? true : undefined))
    expect(await counts()).toMatchObject({ seen: 1, launched: 1, unknown: 0 })
    await dry.stop()
    expect(readdirSync(dryOptions.folder).filter((name) => name === 'state')).toEqual([])
  })

  test('the higher priority is served first, the lower one takes what is beyond its cap, and an agent goes after its last build', async () => {
    await controller.build('slow') // the second build of the agent that ran the first
    await controller.build('quick')
    const [slow, quick] = await Promise.all([ended('slow', 1), ended('quick', 2)])
    const ranFirst = /Building remotely on (\S+)/.exec(await controller.console('quick', 1))?.[1]
    expect(slow).toMatchObject({ result: 'SUCCESS', builtOn: ranFirst })
    expect(quick).toMatchObject({ result: 'SUCCESS', builtOn: expect.stringMatching(/^mesos-low-/) })
    await agentsGone()
    const metrics = await sidecar.metrics()
    expect(metrics).toContain('jenkins_mesos_reaps_total{template="high",reason="max_builds"} 1')
    expect(metrics).toContain('jenkins_mesos_reaps_total{template="low",reason="idle"} 1')
  })

  test('what is paused stays so over kill -9, builds say why they wait, and go on when it is resumed', async () => {
    await sidecar.act('pause')
    await sidecar.kill()
    sidecar = await SidecarProcess.start(options)
    await controller.build('quick')
    const item = await waitingItem('paused')
    expect(item.words).toContain('paused')
    expect(item.candidates?.candidates).toMatchObject([
      { template: 'high', outcome: 'paused' },
      { template: 'low', outcome: 'paused' },
    ])
    expect((await sidecar.state()).agents).toEqual([])
    await sidecar.act('resume')
    expect(await ended('quick', 3)).toMatchObject({
      result: 'SUCCESS',
      builtOn: expect.stringMatching(/^mesos-high-/),
    })
    const [{ agentId } = { agentId: '' }] = (await sidecar.state()).agents
    const agent = await until('its agent to be idle', WITHIN_MS, async () => {
      const answer = (await sidecar.get(`/api/v1/explain?agent=${agentId}`)) as { readonly agent: AgentExplanation }
      return answer.agent.keep === 'idle' ? answer.agent : undefined
    })
    expect(agent).toMatchObject({ template: 'high', provisioned: expect.stringContaining('quick') })
  })

  test('anchors are removed by a command once the sidecar has stopped, after it was told to', async () => {
    const [{ agentId } = { agentId: '' }] = (await sidecar.state()).agents
    await sidecar.act('drain', { agentId })
    await agentsGone()
    await sidecar.stop()
    const before = slaves()
    const asked = await runCommand(['anchors', 'remove'], options)
    expect(asked).toMatchObject({ code: 0, said: expect.stringContaining('Nothing was done.') })
    expect(slaves()).toBe(before)
    expect(await runCommand(['anchors', 'remove', '--yes'], options)).toMatchObject({ code: 0 })
    expect(await nodes()).toEqual([])
  })
})
