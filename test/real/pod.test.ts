import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../support/need.ts'
import type { ControllerHttp } from './controller/controller-http.ts'
import { CONTROLLER_OPENS } from './controller/java.ts'
import { until } from './controller/process.ts'
import { PodFarm } from './pod/pod-farm.ts'
import { pidIn } from './pod/pod-processes.ts'

const WITHIN_MS = 120_000
const MAIN = resolve('dist/src/main.js')
/** Within the ports of the embedded hosts, below those that the system gives out. */
const PORT = 31_000 + (process.pid % 400) + 500

const STORY = [
  'addresses that agents and hosts are told',
  'Jenkins cannot be read',
  'Jenkins can be read again',
  'agent launched',
  'the configuration has mistakes: nothing is done until they are mended',
  'stopped',
]

/** One pod all along: each test goes on where the one before ended. */
describeWith(['java', 'mvn'], 'the pod as a whole on one machine', () => {
  let folder: string
  let farm: PodFarm
  let jenkins: ControllerHttp

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'real-pod-')))
    farm = await PodFarm.start(folder)
    await farm.put({ port: PORT })
    jenkins = await farm.jenkins(PORT)
    await farm.createJob(jenkins, 'first')
    await farm.createJob(jenkins, 'second')
    await farm.createJob(jenkins, 'third')
  })

  afterAll(async () => {
    await farm.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Tasks that run and are not of the pod. */
  const agentTasks = async (): Promise<readonly string[]> =>
    (await farm.mesos.tasks())
      .filter(({ id, state }) => state === 'TASK_RUNNING' && !id.startsWith('ci_jenkins'))
      .map(({ id }) => id)
      .sort()
  const sidecarPid = (): Promise<number> =>
    until('the sidecar to run', WITHIN_MS, async () => pidIn(folder, 'sidecar', MAIN))
  const jenkinsPid = (): Promise<number> =>
    until('Jenkins to run', WITHIN_MS, async () => pidIn(folder, 'jenkins', CONTROLLER_OPENS[0] ?? ''))

  test('builds run on agents, and go on when the sidecar is killed and started again beside a Jenkins that goes on', async () => {
    await farm.build(jenkins, 'first')
    await farm.lastBuild(jenkins, 'first', ({ building }) => building)
    const agents = await agentTasks()
    const [before, controller] = [await sidecarPid(), await jenkinsPid()]
    process.kill(before, 'SIGKILL')
    await until('the sidecar to start again', WITHIN_MS, async () => {
      const pid = pidIn(folder, 'sidecar', MAIN)
      return pid !== undefined && pid !== before ? true : undefined
    })
    farm.finish('first')
    const build = await farm.lastBuild(jenkins, 'first', ({ building }) => !building)
    expect(build).toMatchObject({ number: 1, result: 'SUCCESS', builtOn: expect.stringMatching(/^mesos-linux-/) })
    expect(await agentTasks()).toEqual(expect.arrayContaining([...agents]))
    expect(await jenkinsPid()).toBe(controller)
    expect((await farm.pod()).terminationHistory).toEqual([])
    expect(farm.output('sidecar')).toMatch(/the sidecar ended with 137: it is started again/)
  })

  test('Jenkins killed during a build takes the pod down, which comes back and serves what is asked then', async () => {
    await farm.build(jenkins, 'second')
    await farm.lastBuild(jenkins, 'second', ({ building }) => building)
    const [before, controller] = [await sidecarPid(), await jenkinsPid()]
    process.kill(controller, 'SIGKILL')
    await until('the pod to come back', WITHIN_MS, async () => {
      const pids = [pidIn(folder, 'sidecar', MAIN), pidIn(folder, 'jenkins', CONTROLLER_OPENS[0] ?? '')]
      return pids.every((pid) => pid !== undefined && pid !== before && pid !== controller) ? true : undefined
    })
    expect((await farm.pod()).terminationHistory).toHaveLength(1)
    await farm.jenkins(PORT)
    farm.finish('second')
    await farm.build(jenkins, 'second')
    const build = await farm.lastBuild(jenkins, 'second', ({ result }) => result === 'SUCCESS')
    expect(build.builtOn).not.toBe('')
  })

  test('invariant 12: moved to another port with a bad configuration, Jenkins runs and the sidecar says what is wrong', async () => {
    await farm.put({ port: PORT + 1, environment: { POLL_INTERVAL_MS: 'often' } })
    jenkins = await farm.jenkins(PORT + 1)
    await until('the sidecar to say what is wrong', WITHIN_MS, async () =>
      farm.output('sidecar').includes('POLL_INTERVAL_MS') ? true : undefined,
    )
    const { status, instances, terminationHistory } = await farm.pod()
    expect([status, instances.map((instance) => instance.status)]).toEqual(['STABLE', ['STABLE']])
    expect(terminationHistory).toHaveLength(2)
  })

  test('moved back with a good one, builds are served, and agents outlive the pod when it is scaled to nothing', async () => {
    await farm.put({ port: PORT })
    jenkins = await farm.jenkins(PORT)
    await farm.build(jenkins, 'third')
    await farm.lastBuild(jenkins, 'third', ({ building }) => building)
    const agents = await agentTasks()
    await farm.put({ port: PORT, instances: 0 })
    expect(pidIn(folder, 'sidecar', MAIN)).toBeUndefined()
    expect(await farm.pod()).toMatchObject({ status: 'TERMINAL', instances: [] })
    expect(agents).not.toEqual([])
    expect(await agentTasks()).toEqual(agents)
    // The whole day, told by the sidecars of all these instances.
    const log = farm.output('sidecar')
    for (const words of STORY) expect(log).toContain(`"msg":"${words}`)
  })
})
