import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { systemChance } from '../../src/chance.ts'
import { compose } from '../../src/compose.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { FrameworkId } from '../../src/core/model.ts'
import { Secret } from '../../src/core/secret.ts'
import type { Template } from '../../src/core/template.ts'
import type { Program } from '../../src/program.ts'
import { FileStore } from '../../src/store/file-store.ts'
import { readStateOnly } from '../../src/store/read-state.ts'
import { systemClock } from '../../src/system-clock.ts'
import { until } from '../real/controller/process.ts'
import { onPath } from '../support/need.ts'
import { Frameworks } from './framework.ts'
import { JenkinsAdmin } from './jenkins-admin.ts'
import { readFrameworks, type ShownFramework } from './master-pages.ts'
import { type JenkinsSystem, type MesosSystem, missingForJobs, startJenkins, startMesos } from './systems.ts'
import { describeIf, given, tellUnlessReal } from './variables.ts'

tellUnlessReal('TEST_MESOS_MASTER', 'Mesos')
tellUnlessReal('TEST_JENKINS_URL', 'Jenkins')

const RUN = `contract-${randomBytes(4).toString('hex')}`
const MAX_AGENTS = 2
const JOBS = Array.from({ length: 2 * MAX_AGENTS }, (_, index) => `${RUN}-job-${index + 1}`)
const WITHIN_MS = 100_000
const ENDED = /^TASK_(FINISHED|FAILED|KILLED|ERROR|LOST|DROPPED|GONE)/

describeIf([...missingForJobs(), ...missingJava()], 'the whole program', () => {
  let folder: string
  let mesos: MesosSystem
  let jenkins: JenkinsSystem
  let admin: JenkinsAdmin
  let program: Program
  let templates: readonly Template[]
  const cleanUps: (() => Promise<unknown>)[] = []
  const problems: string[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'contract-program-'))
    cleanUps.push(async () => {
      rmSync(folder, { recursive: true, force: true })
    })
    mesos = await startMesos(folder)
    cleanUps.push(() => mesos.close())
    jenkins = await startJenkins(mesos.ourAddress)
    cleanUps.push(() => jenkins.close())
    admin = new JenkinsAdmin(jenkins)
    cleanUps.push(() => admin.close())
    cleanUps.push(() => admin.removeAll(RUN))
    cleanUps.push(endFramework)
    program = await start()
    cleanUps.push(() => program.stop('kill'))
  })

  afterAll(async () => {
    const failures: unknown[] = []
    for (const cleanUp of cleanUps.reverse()) await cleanUp().catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, 'something may be left behind')
  })

  async function start(): Promise<Program> {
    const template = {
      labels: [RUN],
      mode: 'EXCLUSIVE',
      executors: 1,
      cpus: { agent: 0.1, perExecutor: 0.1 },
      memMib: { agent: 64, perExecutor: 64, factor: 1 },
      idleTimeoutSeconds: 3,
      maxAgents: MAX_AGENTS,
      connectTimeoutSeconds: 90,
      killGraceSeconds: 2,
      ...(jenkins.agentCommand !== undefined && { agentCommand: jenkins.agentCommand }),
    }
    const agentUrl = given('TEST_JENKINS_AGENT_URL')
    const reading = readConfig(
      {
        JENKINS_URL: jenkins.url.href,
        JENKINS_USER: jenkins.user,
        JENKINS_TOKEN: jenkins.token,
        ...(agentUrl !== undefined && { JENKINS_AGENT_URL: agentUrl }),
        MESOS_MASTER: mesos.origin,
        ...mesos.login.settings,
        MESOS_USER: mesos.user,
        MESOS_ROLES: mesos.role,
        MESOS_FRAMEWORK_NAME: RUN,
        MESOS_FAILOVER_TIMEOUT_SECONDS: '60',
        // The port is known once it listens: `secretBaseUrl` below.
        SIDECAR_URL: `http://${mesos.ourAddress}:8091`,
        STATE_URL: `file:${folder}`,
        POLL_INTERVAL_MS: '500',
        TEMPLATES: JSON.stringify({ templates: { [RUN]: template } }),
      },
      (file) => {
        throw new Error(`no file ${file} here`)
      },
    )
    if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
    const { config } = reading
    templates = config.templates
    let secretBaseUrl = ''
    const jenkinsToken = new Secret(jenkins.token)
    const quiet = (): void => undefined
    const complain = (_: object, message: string): void => {
      problems.push(message)
    }
    const composed = compose({
      config,
      endpoints: {
        jenkinsUrl: jenkins.url,
        jenkinsUser: jenkins.user,
        jenkinsToken: () => jenkinsToken,
        agentUrl: agentUrl === undefined ? undefined : new URL(agentUrl),
        masters: [mesos.origin],
        mesosUser: mesos.user,
      },
      store: await FileStore.open({ folder: storeFolder() }),
      clock: systemClock,
      chance: systemChance,
      log: { debug: quiet, info: quiet, warn: complain, error: complain },
      version: 'contract',
      templates: () => templates,
      secretBaseUrl: () => secretBaseUrl,
    })
    secretBaseUrl = await composed.secretApp.listen({ host: mesos.ourAddress, port: 0 })
    await composed.start()
    return composed
  }

  function storeFolder(): string {
    return join(folder, 'sidecar')
  }

  /** The program as the master shows it; its name is this run's own. */
  async function ourFramework(): Promise<ShownFramework | undefined> {
    return (await readFrameworks(mesos)).find(({ name }) => name === RUN)
  }

  /** Whatever became of the program: its framework goes, and its tasks with it. */
  async function endFramework(): Promise<void> {
    const left = await ourFramework()
    if (left === undefined) return
    const frameworks = new Frameworks(mesos)
    await frameworks.open({ id: left.id as FrameworkId }).subscribed()
    await frameworks.end()
  }

  /** Tasks of the program that run by what the master says. */
  async function runningTasks(): Promise<readonly string[]> {
    const tasks = (await ourFramework())?.tasks ?? []
    return tasks.filter(({ state }) => !ENDED.test(state)).map(({ id }) => id)
  }

  async function ourNodes(): Promise<readonly string[]> {
    return (await admin.nodeNames()).filter((name) => name.includes(RUN))
  }

  test('makes an anchor, and nothing else while nothing waits', async () => {
    const [anchor] = await until('the anchor', WITHIN_MS, async () => {
      const nodes = await ourNodes()
      return nodes.length > 0 ? nodes : undefined
    })
    expect(anchor).toBe(`anchor-${RUN}`)
    const stored = await until('the framework id in the store', WITHIN_MS, storedFramework)
    expect((await ourFramework())?.id).toBe(stored)
    expect(await runningTasks()).toEqual([])
  })

  test('provisions agents for builds that wait, no more than it may, and all builds succeed', async () => {
    for (const job of JOBS) await admin.createJob(job, RUN, 'sleep 2')
    for (const job of JOBS) await admin.build(job)
    let most = 0
    const seen = new Set<string>()
    const builds = await until('the builds to end', WITHIN_MS, async () => {
      const tasks = await runningTasks()
      most = Math.max(most, tasks.length)
      for (const task of tasks) seen.add(task)
      const last = await Promise.all(JOBS.map((job) => admin.lastBuild(job)))
      return last.every((build) => build !== undefined && build.result !== null) ? last : undefined
    })
    expect(builds.map((build) => build?.result)).toEqual(JOBS.map(() => 'SUCCESS'))
    expect(most).toBe(MAX_AGENTS)
    // Each build ran on a node that was a task of the same name.
    for (const build of builds) expect([...seen]).toContain(build?.builtOn)
  })

  test('reaps the agents when they fall idle', async () => {
    await until('the agents to go', WITHIN_MS, async () =>
      program.view().agents.length === 0 && (await runningTasks()).length === 0 ? true : undefined,
    )
    expect(await ourNodes()).toEqual([`anchor-${RUN}`])
    expect(program.view().problems).toEqual([])
    expect(problems).toEqual([])
  })

  test('removes the anchor with its template', async () => {
    templates = []
    await until('the anchor to go', WITHIN_MS, async () => ((await ourNodes()).length === 0 ? true : undefined))
  })

  test('ended, it leaves nothing at Mesos, and no agent and no framework in its store', async () => {
    await program.stop('kill')
    expect(await ourFramework()).toBeUndefined()
    const store = await FileStore.open({ folder: storeFolder() })
    try {
      expect(await store.load()).toMatchObject({ framework: undefined, agents: new Map() })
    } finally {
      await store.close()
    }
    await admin.removeAll(RUN)
    expect((await admin.jobNames()).filter((name) => name.includes(RUN))).toEqual([])
  })

  async function storedFramework(): Promise<FrameworkId | undefined> {
    return existsSync(storeFolder()) ? (await readStateOnly(storeFolder())).framework?.frameworkId : undefined
  }
})

/** Agents of a real Jenkins are Java; with the embedded Mesos they run on this machine. */
function missingJava(): readonly string[] {
  const here = given('TEST_JENKINS_URL') !== undefined && given('TEST_MESOS_MASTER') === undefined
  return here && !onPath('java') ? ['java on the PATH'] : []
}
