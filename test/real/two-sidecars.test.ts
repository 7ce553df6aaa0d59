import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { request } from 'undici'
import type { View } from '../../src/loop/view-types.ts'
import { JenkinsAdmin } from '../contracts/jenkins-admin.ts'
import { demoCommand } from '../contracts/systems.ts'
import { freePort } from './controller/free-port.ts'
import { Child, until } from './controller/process.ts'
import { MesosProcess } from './sidecar-process.ts'
import { missingForEnsemble, RealEnsemble } from './zookeeper/ensemble.ts'

const MAIN = resolve('dist/src/main.js')
const WITHIN_MS = 120_000
const missing = missingForEnsemble()
if (missing.length > 0) {
  console.warn(`SKIPPED: two sidecars on a real ZooKeeper: ${missing.join(' and ')} missing. Nothing of it was tested.`)
  test.skip(`two sidecars on a real ZooKeeper (needs ${missing.join(' and ')})`, () => undefined)
}
const describeReal = missing.length > 0 ? (): void => undefined : describe

/** From when an instance said that it leads until it said that it does not, or was ended. */
interface Reign {
  readonly name: string
  readonly from: number
  to: number
}

/** One process of the program on the shared state. */
class Instance {
  readonly name: string
  readonly child: Child
  readonly url: string
  endedAt = Number.POSITIVE_INFINITY

  private constructor(name: string, child: Child, url: string) {
    this.name = name
    this.child = child
    this.url = url
  }

  static async start(root: string, name: string, env: NodeJS.ProcessEnv): Promise<Instance> {
    const port = await freePort()
    const folder = join(root, name)
    mkdirSync(folder, { recursive: true })
    const child = await Child.start({
      command: process.execPath,
      args: [MAIN],
      cwd: folder,
      env: { ...env, AGENT_HTTP_PORT: String(port), SIDECAR_URL: `http://127.0.0.1:${port}` },
      logFile: join(folder, 'log'),
      pidFile: join(folder, 'pid'),
    })
    const url = await until(
      `${name} to say where its page is`,
      WITHIN_MS,
      async () => /"url":"(\S+?)","version"/.exec(child.log())?.[1],
    )
    return new Instance(name, child, url)
  }

  async view(): Promise<View> {
    const { body } = await request(`${this.url}/api/v1/state`)
    return (await body.json()) as View
  }

  async kill(): Promise<void> {
    this.child.signal('SIGKILL')
    await this.child.exited
    this.endedAt = Date.now()
  }

  get reigns(): readonly Reign[] {
    const reigns: Reign[] = []
    for (const line of this.child.log().split('\n')) {
      if (!line.startsWith('{')) continue
      const { time, msg } = JSON.parse(line) as { time: number | string; msg: string }
      const at = new Date(time).getTime()
      const last = reigns.at(-1)
      if (msg === 'leading') reigns.push({ name: this.name, from: at, to: this.endedAt })
      if (msg === 'standing by' && last?.to === this.endedAt) last.to = at
    }
    return reigns
  }
}

describeReal('two sidecars on three real ZooKeeper servers', () => {
  let root: string
  let ensemble: RealEnsemble
  let mesos: MesosProcess
  let admin: JenkinsAdmin
  let environment: NodeJS.ProcessEnv
  const instances: Instance[] = []
  const ending: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'two-sidecars-'))
    ensemble = await RealEnsemble.start({ folder: join(root, 'zookeeper') })
    ending.push(() => ensemble.stop())
    mesos = await MesosProcess.start(join(root, 'mesos'))
    ending.push(() => mesos.stop())
    const jenkins = await startJenkins()
    const servers = ensemble.servers.map(({ host, port }) => `${host}:${port}`).join(',')
    environment = {
      PATH: process.env['PATH'],
      ...jenkins,
      MESOS_MASTER: mesos.url,
      MESOS_USER: process.env['USER'] ?? 'root',
      STATE_URL: `zk://${servers}/sidecar`,
      POLL_INTERVAL_MS: '500',
      HTTP_PORT: '0',
      AGENT_HTTP_HOST: '127.0.0.1',
      TEMPLATES: JSON.stringify({
        templates: {
          linux: {
            labels: ['linux'],
            executors: 1,
            cpus: { agent: 0.1, perExecutor: 0.1 },
            memMib: { agent: 64, perExecutor: 64, factor: 1 },
            maxAgents: 2,
            idleTimeoutSeconds: 5,
            connectTimeoutSeconds: 60,
            agentCommand: demoCommand(),
          },
        },
      }),
    }
  })

  afterAll(async () => {
    for (const { child } of instances) if (child.running) await child.stop(15_000)
    for (const end of ending.reverse()) await end()
    rmSync(root, { recursive: true, force: true })
  })

  async function startJenkins(): Promise<NodeJS.ProcessEnv> {
    const folder = join(root, 'jenkins')
    mkdirSync(folder, { recursive: true })
    const child = await Child.start({
      command: process.execPath,
      args: [MAIN, 'embedded-jenkins', '--state', folder],
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder },
      logFile: join(folder, 'log'),
      pidFile: join(folder, 'pid'),
    })
    ending.push(() => child.stop(15_000))
    const [, url, user, token, adminUser, adminToken] = await until('the embedded Jenkins', WITHIN_MS, async () => {
      const pattern = /JENKINS_URL=(\S+) JENKINS_USER=(\S+) JENKINS_TOKEN=(\S+)[^]*administrator: (\S+), token (\S+)/
      return pattern.exec(child.log()) ?? undefined
    })
    const system = { url: new URL(url ?? ''), admin: { user: adminUser ?? '', token: adminToken ?? '' } }
    admin = new JenkinsAdmin(system as unknown as ConstructorParameters<typeof JenkinsAdmin>[0])
    ending.push(() => admin.close())
    return { JENKINS_URL: url, JENKINS_USER: user, JENKINS_TOKEN: token }
  }

  async function start(name: string): Promise<Instance> {
    const instance = await Instance.start(root, name, environment)
    instances.push(instance)
    return instance
  }

  const role = async (instance: Instance): Promise<string> => (await instance.view()).leadership.role

  const leading = (): Promise<Instance> =>
    until('one to lead', WITHIN_MS, async () => {
      for (const instance of instances) {
        if (instance.child.running && (await role(instance)) === 'leader') return instance
      }
      return undefined
    })

  const succeeded = (job: string): Promise<true> =>
    until(`${job} to end well`, WITHIN_MS, async () =>
      (await admin.lastBuild(job))?.result === 'SUCCESS' ? true : undefined,
    )

  async function build(job: string, seconds: number): Promise<void> {
    await admin.createJob(job, 'linux', `sleep ${seconds}`)
    await admin.build(job)
  }

  test('invariants 8 and 9: kill -9 of the leader during provisioning, of the leading server, and one that is frozen', async () => {
    const first = await start('first')
    expect(await leading()).toBe(first)
    const second = await start('second')
    await until('the second to stand by', WITHIN_MS, async () =>
      (await second.view()).health.status === 'standby' ? true : undefined,
    )

    await build('a', 8)
    // Before it runs it fetches its secret from the leader: killed earlier, the launch fails and another one is made.
    const launched = await until('a launch', WITHIN_MS, async () =>
      (await mesos.tasks()).find(({ state }) => state === 'TASK_RUNNING'),
    )
    const killedAt = Date.now()
    await first.kill()
    expect(await leading()).toBe(second)
    console.log(`kill -9 of the leader: the other leads after ${Date.now() - killedAt} ms`)
    await until('its agents to be adopted', WITHIN_MS, async () =>
      (await second.view()).agents.some(({ agentId }) => agentId === launched.id) ? true : undefined,
    )
    await succeeded('a')

    const third = await start('third')
    await until('the third to stand by', WITHIN_MS, async () =>
      (await third.view()).health.status === 'standby' ? true : undefined,
    )
    const server = await ensemble.leader()
    await ensemble.kill(server)
    await build('b', 3)
    await succeeded('b')
    await ensemble.start(server)

    const other = await ensemble.leader()
    ensemble.freeze(other)
    await build('c', 3)
    await succeeded('c')
    ensemble.thaw(other)
    await leading()

    await until('everything to be gone', WITHIN_MS, async () => {
      const { agents } = await (await leading()).view()
      return agents.length === 0 && (await mesos.tasks()).length === 0 ? true : undefined
    })
    const reigns = instances.flatMap((instance) => instance.reigns).sort((one, next) => one.from - next.from)
    console.log(reigns.map(({ name, from, to }) => `${name} led from ${from} to ${to}`).join('\n'))
    for (const [index, { from }] of reigns.entries()) {
      expect(reigns[index - 1]?.to ?? 0).toBeLessThanOrEqual(from)
    }
  })
})
