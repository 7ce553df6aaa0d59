import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { JenkinsAdmin } from '../contracts/jenkins-admin.ts'
import type { JenkinsSystem } from '../contracts/systems.ts'
import { demoCommand } from '../contracts/systems.ts'
import { endProcessesIn } from '../support/end-processes.ts'
import { freePort } from './controller/free-port.ts'
import { Child, until } from './controller/process.ts'
import { SidecarProcess } from './sidecar-process.ts'

const MAIN = resolve('dist/src/main.js')
const WITHIN_MS = 60_000

/** The program on its own Mesos, beside an embedded Jenkins that is a process of its own and so can be stopped. */
export class EmbeddedFarm {
  readonly sidecar: SidecarProcess
  readonly admin: JenkinsAdmin
  readonly #folder: string
  readonly #port: number
  #jenkins: Child

  private constructor(
    parts: { readonly sidecar: SidecarProcess; readonly admin: JenkinsAdmin; readonly jenkins: Child },
    where: { readonly folder: string; readonly port: number },
  ) {
    this.sidecar = parts.sidecar
    this.admin = parts.admin
    this.#jenkins = parts.jenkins
    this.#folder = where.folder
    this.#port = where.port
  }

  static async start(folder: string, environment: Readonly<Record<string, string>> = {}): Promise<EmbeddedFarm> {
    const port = await freePort()
    const jenkins = await startJenkins(folder, port)
    const [, url = '', user = '', token = '', adminUser = '', adminToken = ''] = await until(
      'Jenkins',
      WITHIN_MS,
      async () => {
        const pattern = /JENKINS_URL=(\S+) JENKINS_USER=(\S+) JENKINS_TOKEN=(\S+)[^]*administrator: (\S+), token (\S+)/
        return pattern.exec(jenkins.log()) ?? undefined
      },
    )
    const system = { url: new URL(url), admin: { user: adminUser, token: adminToken } }
    const admin = new JenkinsAdmin(system as unknown as JenkinsSystem)
    const sidecar = await SidecarProcess.start({
      folder: join(folder, 'sidecar'),
      jenkinsUrl: url,
      mesosUrl: 'embedded',
      agentPort: await freePort(),
      templates: {
        linux: {
          labels: ['linux'],
          executors: 1,
          cpus: { agent: 0.1, perExecutor: 0.1 },
          memMib: { agent: 64, perExecutor: 64, factor: 1 },
          jvmArgs: '',
          maxAgents: 2,
          idleTimeoutSeconds: 60,
          agentCommand: demoCommand(),
        },
      },
      environment: { JENKINS_USER: user, JENKINS_TOKEN: token, ...environment },
    })
    return new EmbeddedFarm({ sidecar, admin, jenkins }, { folder, port })
  }

  /** @param load as the demo agent understands it: `seconds=10 cpu=1 mem=200` */
  async build(job: string, load: string): Promise<void> {
    await this.admin.createJob(job, 'linux', `# load ${load} exit=0`)
    await this.admin.build(job)
  }

  async stopJenkins(): Promise<void> {
    await this.#jenkins.stop(15_000)
  }

  async startJenkins(): Promise<void> {
    this.#jenkins = await startJenkins(this.#folder, this.#port)
  }

  async stop(): Promise<void> {
    await this.sidecar.stop()
    await this.admin.close()
    if (this.#jenkins.running) await this.stopJenkins()
    endProcessesIn(this.#folder)
  }
}

async function startJenkins(root: string, port: number): Promise<Child> {
  const folder = join(root, 'jenkins')
  mkdirSync(folder, { recursive: true })
  return await Child.start({
    command: process.execPath,
    args: [MAIN, 'embedded-jenkins', '--state', folder, '--port', String(port)],
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    logFile: join(folder, 'log'),
    pidFile: join(folder, 'pid'),
  })
}
