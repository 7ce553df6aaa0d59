import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { DEMO_COMMAND } from '../../config/template.ts'
import type { View } from '../../loop/view-types.ts'
import { getJson, getText, sumOf } from '../fetched.ts'
import type { Cluster } from './cluster.ts'
import { type JenkinsSite, TOKEN } from './jenkins.ts'
import { freePort, MAIN } from './places.ts'
import type { Stage } from './stage.ts'

const COMMON = {
  executors: 1,
  maxAgents: 2,
  connectTimeoutSeconds: 60,
  killGraceSeconds: 2,
  agentCommand: DEMO_COMMAND,
}

/** The story's template, with agents of one executor, and two that differ by label. */
export function templatesJson(idleTimeoutSeconds: number): string {
  const common = { ...COMMON, idleTimeoutSeconds }
  return JSON.stringify({
    templates: {
      mesos: {
        labels: ['mesos'],
        cpus: { agent: 0.2, perExecutor: 0.1 },
        memMib: { agent: 512, perExecutor: 128, factor: 1.1 },
        ...common,
      },
      small: {
        labels: ['small'],
        cpus: { agent: 0.1, perExecutor: 0.1 },
        memMib: { agent: 128, perExecutor: 128, factor: 1.1 },
        ...common,
      },
      big: {
        labels: ['big'],
        cpus: { agent: 1, perExecutor: 1 },
        memMib: { agent: 1024, perExecutor: 1024, factor: 1.1 },
        ...common,
      },
    },
  })
}

/** What a person sees of a sidecar, over HTTP. */
export class SidecarPage {
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(url: string, token?: string) {
    this.#url = url
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  }

  async view(): Promise<View> {
    return (await getJson(`${this.#url}/api/v1/state`, this.#headers)) as View
  }

  /** Builds that run on its agents, and items that a cap keeps waiting. */
  async counts(): Promise<{ readonly running: number; readonly capped: number; readonly agents: number }> {
    const { agents, queue } = await this.view()
    return {
      running: agents.reduce((sum, { builds }) => sum + builds.length, 0),
      capped: queue.filter(({ state }) => state === 'capped').length,
      agents: agents.length,
    }
  }

  /** `0.6 CPU, 1408 MiB`: what its agents have now. */
  async allocated(): Promise<string> {
    const metrics = await getText(`${this.#url}/metrics`, this.#headers)
    const cpus = Math.round(sumOf(metrics, 'jenkins_mesos_allocated_cpus') * 1000) / 1000
    return `${cpus} CPU, ${sumOf(metrics, 'jenkins_mesos_allocated_mem_bytes') / 1024 / 1024} MiB`
  }
}

/** The sidecar as a process of its own. */
export class Sidecar {
  readonly #env: NodeJS.ProcessEnv
  readonly #stage: Stage
  #child: ChildProcess | undefined
  #page: SidecarPage | undefined

  private constructor(stage: Stage, env: NodeJS.ProcessEnv) {
    this.#stage = stage
    this.#env = env
  }

  /** Returns once it says where its page is. */
  static async start(
    stage: Stage,
    { zooKeeper }: Cluster,
    { url }: JenkinsSite,
    idleTimeoutSeconds: number,
  ): Promise<Sidecar> {
    const port = await freePort()
    const sidecar = new Sidecar(stage, {
      PATH: process.env['PATH'],
      JENKINS_URL: url,
      JENKINS_USER: 'sidecar',
      JENKINS_TOKEN: TOKEN,
      MESOS_MASTER: zooKeeper,
      MESOS_USER: userInfo().username,
      STATE_URL: `file:${join(stage.folder, 'sidecar')}`,
      TEMPLATES: templatesJson(idleTimeoutSeconds),
      POLL_INTERVAL_MS: '500',
      HTTP_PORT: '0',
      AGENT_HTTP_HOST: '127.0.0.1',
      AGENT_HTTP_PORT: String(port),
      SIDECAR_URL: `http://127.0.0.1:${port}`,
    })
    stage.atEnd(() => sidecar.kill())
    await sidecar.run()
    return sidecar
  }

  get page(): SidecarPage {
    if (this.#page === undefined) throw new Error('the sidecar does not run')
    return this.#page
  }

  /** Starts it, also after a kill. */
  async run(): Promise<void> {
    let said = ''
    const child = spawn(process.execPath, ['--max-semi-space-size=4', MAIN], {
      cwd: this.#stage.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => {
        said = (said + text).slice(-100_000)
      })
    }
    const url = await this.#stage.until(
      'the sidecar says where its page is',
      async () => /"url":"(\S+?)","version"/.exec(said)?.[1] ?? (isOver(child) ? `ended: ${said}` : ''),
      (found) => found !== '',
    )
    if (isOver(child)) throw new Error(`the sidecar ended by itself: ${said.slice(-2_000)}`)
    this.#page = new SidecarPage(url)
  }

  /** As kill -9: nothing is told to anybody. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || isOver(child)) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** `check` with the same settings. */
  async check(): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
    const child = spawn(process.execPath, [MAIN, 'check'], {
      cwd: this.#stage.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#stage.atEnd(async () => child.kill('SIGKILL'))
    let said = ''
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (text: string) => {
      said += text
    })
    const [code] = (await once(child, 'close')) as [number | null]
    return { code: code ?? 1, lines: said.trimEnd().split('\n') }
  }
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}
