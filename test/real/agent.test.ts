import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Jenkins } from '../../src/jenkins/jenkins.ts'
import { commandText } from '../../src/mesos/command.ts'
import { systemClock } from '../../src/system-clock.ts'
import { launchOf } from '../mesos/launches.ts'
import { describeWith } from '../support/need.ts'
import { AGENT_OPENS } from './controller/java.ts'
import { Child, until } from './controller/process.ts'
import { RealController } from './controller/real-controller.ts'

const WITHIN_MS = 60_000
const quiet = (): void => undefined

describeWith(['java', 'mvn'], 'an agent as the program makes it, with a real controller and a real Java', () => {
  let folder: string
  let controller: RealController
  let jenkins: Jenkins
  const agents: Child[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'real-agent-'))
    controller = await RealController.start({ home: join(folder, 'controller') })
    await controller.setMasterExecutors(0)
    const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
    jenkins = new Jenkins({ url: new URL(controller.url), user: undefined, token: undefined, clock: systemClock, log })
  })

  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.stop(5000)))
    await jenkins.close()
    await controller.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The command of its task, in a sandbox. */
  async function run(name: string, jvmArgs: readonly string[] = []): Promise<Child> {
    const sandbox = join(folder, name)
    mkdirSync(sandbox, { recursive: true })
    const { secret: _none, ...agent } = await jenkins.agentSecret(name, 'auto')
    writeFileSync(join(sandbox, 'agent.jar'), await controller.agentJar())
    const text = commandText(
      launchOf({
        agentId: name,
        agent: { ...agent, secret: '' },
        launch: { preflight: true, heapMib: 64, jvmArgs: [...AGENT_OPENS, ...jvmArgs] },
      }),
    )
    const child = await Child.start({
      command: '/bin/sh',
      args: ['-c', text],
      cwd: sandbox,
      env: { PATH: process.env['PATH'], MESOS_SANDBOX: sandbox, MESOS_TASK_ID: 'left out' },
      logFile: join(folder, `${name}.log`),
      pidFile: join(folder, `${name}.pid`),
    })
    agents.push(child)
    return child
  }

  async function create(name: string): Promise<void> {
    const properties = {
      environment: { SITE: 'home & "away"', EMPTY: '' },
      toolLocations: [
        { type: 'hudson.model.JDK', name: 'jdk 21', home: '/opt/jdk' },
        { type: 'hudson.tasks.Maven$MavenInstallation$DescriptorImpl', name: 'm@3', home: '/opt/maven' },
      ],
    }
    const node = { description: '', remoteFs: join(folder, name), executors: 1, mode: 'NORMAL' as const }
    const made = await jenkins.createNode({ ...node, name, labels: ['linux'], connection: 'auto', properties })
    expect(made).toBe('created')
  }

  test('the controller knows its variables and where its tools are', async () => {
    await create('properties')
    const said = await controller.script(
      [
        "hudson.model.Hudson.instance.getNode('properties').nodeProperties.each { property ->",
        '  if (property instanceof hudson.slaves.EnvironmentVariablesNodeProperty) println property.envVars',
        '  else property.locations.each { println "${it.type.class.name} ${it.name}: ${it.home}" }',
        '}',
        'null',
      ].join('\n'),
    )
    expect(said.trim().split('\n')).toEqual([
      '[EMPTY:, SITE:home & "away"]',
      'hudson.model.JDK$DescriptorImpl jdk 21: /opt/jdk',
      'hudson.tasks.Maven$MavenInstallation$DescriptorImpl m@3: /opt/maven',
    ])
    await jenkins.deleteNode('properties')
  })

  test('its builds have the variables of its node, and none of its task', async () => {
    await create('builds')
    await controller.createFreestyleJob({
      name: 'site',
      label: 'linux',
      shell: 'echo "site=$SITE task=$MESOS_TASK_ID"',
    })
    await controller.build('site')
    await run('builds')
    const build = await until('the build to end', WITHIN_MS, async () => {
      const last = await controller.lastBuild('site')
      return last?.building === false ? last : undefined
    })
    expect(build).toMatchObject({ result: 'SUCCESS', builtOn: 'builds' })
    expect(await controller.console('site', 1)).toContain('\nsite=home & "away" task=\n')
    await jenkins.deleteNode('builds')
  })

  test('a Java that does not take its flags ends the task before it connects, and says why', async () => {
    await create('flags')
    const child = await run('flags', ['-XX:+UseConcMarkSweepGC'])
    expect(await child.exited).toEqual({ code: 62, signal: null })
    expect(child.log()).toContain("Unrecognized VM option 'UseConcMarkSweepGC'")
    expect(child.log()).toContain('jenkins-mesos-sidecar: java does not start on this host: see above')
    await jenkins.deleteNode('flags')
  })
})
