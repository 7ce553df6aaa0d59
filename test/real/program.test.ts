import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../support/need.ts'
import { freePort } from './controller/free-port.ts'
import { until } from './controller/process.ts'
import { type RealBuild, RealController } from './controller/real-controller.ts'
import { MesosProcess, SidecarProcess } from './sidecar-process.ts'

const WITHIN_MS = 120_000

describeWith(['java', 'mvn'], 'the program with a real controller and real agents', () => {
  let folder: string
  let controller: RealController
  let mesos: MesosProcess
  let agentPort: number
  let sidecar: SidecarProcess
  const ending: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'real-program-'))
    controller = await RealController.start({ home: join(folder, 'controller') })
    ending.push(() => controller.stop())
    await controller.setMasterExecutors(0)
    mesos = await MesosProcess.start(join(folder, 'mesos'))
    ending.push(() => mesos.stop())
    agentPort = await freePort()
    await startSidecar()
    ending.push(() => sidecar.stop())
  })

  afterAll(async () => {
    for (const end of ending.reverse()) await end()
    rmSync(folder, { recursive: true, force: true })
  })

  async function startSidecar(): Promise<void> {
    sidecar = await SidecarProcess.start({
      folder: join(folder, 'sidecar'),
      jenkinsUrl: controller.url,
      mesosUrl: mesos.url,
      agentPort,
    })
  }

  const ended = (job: string, number = 1): Promise<RealBuild> =>
    until(`${job} #${number} to end`, WITHIN_MS, async () => {
      const build = await controller.lastBuild(job)
      return build?.number === number && !build.building ? build : undefined
    })

  const running = (job: string): Promise<RealBuild> =>
    until(`${job} to run`, WITHIN_MS, async () => {
      const build = await controller.lastBuild(job)
      return build?.building === true ? build : undefined
    })

  const reaped = (): Promise<true> =>
    until('the agents to be reaped', WITHIN_MS, async () => {
      const { agents } = await sidecar.state()
      const nodes = await controller.nodes()
      const tasks = await mesos.tasks()
      const anchorsOnly = nodes.every(({ displayName }) => displayName.startsWith('anchor-'))
      return agents.length === 0 && anchorsOnly && tasks.length === 0 ? true : undefined
    })

  test('twice as many builds as executors run on agents that it provisions and reaps; one label stays unserved', async () => {
    const jobs = ['a', 'b', 'c', 'd']
    for (const name of jobs) {
      await controller.createFreestyleJob({ name, label: 'linux', shell: `echo "hello from ${name}"; sleep 3` })
    }
    await controller.createFreestyleJob({ name: 'lonely', label: 'solaris', shell: 'echo never' })
    for (const name of [...jobs, 'lonely']) await controller.build(name)

    const builds = await Promise.all(jobs.map((name) => ended(name)))
    expect(builds.map(({ result }) => result)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS', 'SUCCESS'])
    for (const name of jobs) expect(await controller.console(name, 1)).toContain(`hello from ${name}`)
    expect(builds.every(({ builtOn }) => builtOn.startsWith('mesos-linux-'))).toBe(true)
    expect(new Set(builds.map(({ builtOn }) => builtOn)).size).toBeLessThanOrEqual(2)

    const { queue, problems } = await sidecar.state()
    expect(queue).toMatchObject([{ job: 'lonely', state: 'unserved', label: 'solaris' }])
    expect(problems.some((problem) => problem.includes('solaris'))).toBe(true)
    await reaped()
    expect(await sidecar.metrics()).toMatch(/^jenkins_mesos_reaps_total\{template="linux",reason="idle"\} [12]$/m)
  })

  test('invariants 1 and 8: a build that runs when the program is killed ends well, and its agent is adopted', async () => {
    await controller.createFreestyleJob({ name: 'long', label: 'linux', shell: 'sleep 12; echo survived' })
    await controller.build('long')
    const { builtOn } = await running('long').then(() => agentOf('long'))
    await sidecar.kill()
    await startSidecar()
    const build = await ended('long')
    expect(build).toMatchObject({ result: 'SUCCESS', builtOn })
    expect(await controller.console('long', 1)).toContain('survived')
    const { agents } = await sidecar.state()
    expect(agents.map(({ agentId }) => agentId)).toEqual([builtOn])
    await reaped()
  })

  test('a controller that is restarted under an idle agent: the next build runs', async () => {
    await controller.createFreestyleJob({ name: 'again', label: 'linux', shell: 'echo "run $BUILD_NUMBER"' })
    await controller.build('again')
    await ended('again')
    await controller.restart()
    await controller.build('again')
    expect(await ended('again', 2)).toMatchObject({ result: 'SUCCESS' })
    await reaped()
  })

  async function agentOf(job: string): Promise<{ readonly builtOn: string }> {
    return until('the program to see the build', WITHIN_MS, async () => {
      const { agents } = await sidecar.state()
      const agent = agents.find(({ builds }) => builds.some((name) => name.includes(job)))
      return agent === undefined ? undefined : { builtOn: agent.agentId }
    })
  }
})
