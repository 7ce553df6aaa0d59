import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../support/need.ts'
import { freePort } from './controller/free-port.ts'
import { until } from './controller/process.ts'
import { RealController } from './controller/real-controller.ts'
import { MesosProcess, runCommand, type SidecarOptions, SidecarProcess } from './sidecar-process.ts'

const READ = 'hudson.model.Hudson.Read'
const JOB_READ = 'hudson.model.Item.Read'
const DELETE = 'hudson.model.Computer.Delete'
const CONFIGURE = 'hudson.model.Computer.Configure'
const ADMINISTER = 'hudson.model.Hudson.Administer'
const OF_NODES = 'Agent/Connect, Agent/Disconnect, Agent/Delete'

/**
 * A controller of 2011 knows no Agent/Create, Connect and Disconnect: nodes are made and taken offline with
 * Overall/Administer there. It has no API tokens, and its agents fetch their file as anonymous.
 */
describeWith(['java', 'mvn'], 'a real controller with a matrix of rights', () => {
  let folder: string
  let controller: RealController
  let options: SidecarOptions
  const ending: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'real-permissions-'))
    controller = await RealController.start({ home: join(folder, 'controller') })
    ending.push(() => controller.stop())
    await controller.setMasterExecutors(0)
    await controller.createFreestyleJob({ name: 'hello', label: 'linux', shell: 'echo "hello from $JOB_NAME"' })
    const mesos = await MesosProcess.start(join(folder, 'mesos'))
    ending.push(() => mesos.stop())
    options = {
      folder: join(folder, 'sidecar'),
      jenkinsUrl: controller.url,
      mesosUrl: mesos.url,
      agentPort: await freePort(),
      environment: { JENKINS_USER: 'sidecar', JENKINS_TOKEN: 'sidecar' },
    }
    await controller.secure({ sidecar: [] })
  })

  afterAll(async () => {
    for (const end of ending.reverse()) await end()
    rmSync(folder, { recursive: true, force: true })
  })

  const nodes = async (): Promise<readonly string[]> => (await controller.nodes()).map(({ displayName }) => displayName)

  test.each([
    [[], `missing: Overall/Read; could not be tried: Job/Read, Agent/Create, ${OF_NODES}`],
    [[READ], `missing: Job/Read, Overall/Administer; could not be tried: ${OF_NODES}`],
    [[READ, JOB_READ, CONFIGURE, DELETE], `missing: Overall/Administer; could not be tried: ${OF_NODES}`],
    [[ADMINISTER], undefined],
  ])('check with %j', async (rights, said) => {
    await controller.secure({ sidecar: rights })
    const check = await runCommand(['check'], options)
    const line = /Jenkins: rights +(.*)/.exec(check.said)?.[1]
    expect({ code: check.code, line }).toEqual({ code: said === undefined ? 0 : 1, line: said })
    expect(await nodes()).toEqual([])
  })

  test('a wrong password is told as such', async () => {
    const check = await runCommand(['check'], {
      ...options,
      environment: { JENKINS_USER: 'sidecar', JENKINS_TOKEN: 'wrong' },
    })
    expect(check.code).toBe(1)
    expect(check.said).toContain('401, Jenkins does not accept the credentials')
  })

  test('with these rights alone a build runs on an agent', async () => {
    await controller.secure({ sidecar: [ADMINISTER], anonymous: [READ] })
    const sidecar = await SidecarProcess.start(options)
    ending.push(() => sidecar.stop())
    await controller.build('hello')
    const build = await until('the build to end', 60_000, async () => {
      const last = await controller.lastBuild('hello')
      return last?.building === false ? last : undefined
    })
    expect(build).toMatchObject({ result: 'SUCCESS', builtOn: expect.stringMatching(/^mesos-linux-/) })
    expect(await controller.console('hello', 1)).toContain('hello from hello')
  })
})
