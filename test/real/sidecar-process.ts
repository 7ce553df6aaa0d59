import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { request } from 'undici'
import type { View } from '../../src/loop/view-types.ts'
import { AGENT_OPENS } from './controller/java.ts'
import { Child, type Exit, until } from './controller/process.ts'

const MAIN = resolve('dist/src/main.js')
const WITHIN_MS = 30_000

/** An embedded Mesos as a process of its own, so that the program beside it can be killed. */
export class MesosProcess {
  readonly #child: Child
  readonly url: string

  private constructor(child: Child, url: string) {
    this.#child = child
    this.url = url
  }

  static async start(folder: string): Promise<MesosProcess> {
    mkdirSync(folder, { recursive: true })
    const child = await Child.start({
      command: process.execPath,
      args: [MAIN, 'embedded-mesos', '--state', folder],
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder },
      logFile: join(folder, 'mesos.log'),
      pidFile: join(folder, 'mesos.pid'),
    })
    const url = await until(
      'the embedded Mesos to say where it is',
      WITHIN_MS,
      async () => /MESOS_MASTER=(\S+)/.exec(child.log())?.[1],
    )
    return new MesosProcess(child, url)
  }

  /** Tasks of all frameworks that the master knows of. */
  async tasks(): Promise<readonly { readonly id: string; readonly state: string }[]> {
    const { body } = await request(`${this.url}/master/state`)
    const { frameworks } = (await body.json()) as {
      frameworks: readonly { tasks: readonly { id: string; state: string }[] }[]
    }
    return frameworks.flatMap(({ tasks }) => tasks)
  }

  stop(): Promise<Exit> {
    return this.#child.stop(15_000)
  }
}

export interface SidecarOptions {
  readonly folder: string
  readonly jenkinsUrl: string
  readonly mesosUrl: string
  /** Over `AGENT`, by name; [one for the label linux] */
  readonly templates?: Readonly<Record<string, object>>
  /** Of the server for secrets: the same after a restart, as agents that start still ask there. */
  readonly agentPort: number
  /** Settings beside those that every sidecar here has. */
  readonly environment?: Readonly<Record<string, string>>
}

/** What all agents of the real controller need: little, and a Java that is opened for it. */
const AGENT = {
  executors: { min: 1, max: 1 },
  cpus: { agent: 0.1, perExecutor: 0.1 },
  memMib: { agent: 128, perExecutor: 64, factor: 1.1 },
  heapMib: 128,
  maxAgents: 2,
  idleTimeoutSeconds: 15,
  connectTimeoutSeconds: 90,
  jvmArgs: AGENT_OPENS,
}

function environmentOf(options: SidecarOptions): NodeJS.ProcessEnv {
  const { folder, jenkinsUrl, mesosUrl, agentPort, templates = { linux: { labels: ['linux'] } } } = options
  const whole = Object.entries(templates).map(([name, template]): [string, object] => [name, { ...AGENT, ...template }])
  return {
    PATH: process.env['PATH'],
    JENKINS_URL: jenkinsUrl,
    MESOS_MASTER: mesosUrl,
    MESOS_USER: process.env['USER'] ?? 'root',
    STATE_URL: `file:${join(folder, 'state')}`,
    TEMPLATES: JSON.stringify({ templates: Object.fromEntries(whole) }),
    POLL_INTERVAL_MS: '500',
    HTTP_PORT: '0',
    AGENT_HTTP_HOST: '127.0.0.1',
    AGENT_HTTP_PORT: String(agentPort),
    SIDECAR_URL: `http://127.0.0.1:${agentPort}`,
    ...options.environment,
  }
}

/** A command of the program that ends by itself. @returns its exit code and all that it said */
export async function runCommand(
  args: readonly string[],
  options: SidecarOptions,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const { folder } = options
  mkdirSync(folder, { recursive: true })
  const name = args.join('-')
  const logFile = join(folder, `${name}.log`)
  rmSync(logFile, { force: true })
  const child = await Child.start({
    command: process.execPath,
    args: [MAIN, ...args],
    cwd: folder,
    env: environmentOf(options),
    logFile,
    pidFile: join(folder, `${name}.pid`),
  })
  const { code } = await child.exited
  return { code, said: child.log() }
}

/** The program as a user starts it, with a real Jenkins. */
export class SidecarProcess {
  readonly #child: Child
  readonly #url: string

  private constructor(child: Child, url: string) {
    this.#child = child
    this.#url = url
  }

  static async start(options: SidecarOptions): Promise<SidecarProcess> {
    const { folder } = options
    mkdirSync(folder, { recursive: true })
    const logFile = join(folder, 'sidecar.log')
    const before = existsSync(logFile) ? readFileSync(logFile, 'utf8').length : 0
    const child = await Child.start({
      command: process.execPath,
      args: [MAIN],
      cwd: folder,
      env: environmentOf(options),
      logFile,
      pidFile: join(folder, 'sidecar.pid'),
    })
    // The log goes on where an earlier process of this folder ended.
    const url = await until('the program to say where its page is', WITHIN_MS, async () => {
      const said = child.log().slice(before)
      if (!child.running) throw new Error(`the program ended by itself: ${said.slice(-2000)}`)
      return /"url":"(\S+?)","version"/.exec(said)?.[1]
    })
    return new SidecarProcess(child, url)
  }

  async state(): Promise<View> {
    return (await this.get('/api/v1/state')) as View
  }

  /** What a path of the API answers. @throws Error on any other status than 200 */
  async get(path: string): Promise<unknown> {
    const { statusCode, body } = await request(this.#url + path)
    if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${await body.text()}`)
    return body.json()
  }

  /** An operator's call. @throws Error on any other status than 200 */
  async act(action: string, input: Readonly<Record<string, string>> = {}): Promise<void> {
    const { statusCode, body } = await request(`${this.#url}/api/v1/actions/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
    })
    const said = await body.text()
    if (statusCode !== 200) throw new Error(`${action} answered ${statusCode}: ${said}`)
  }

  get url(): URL {
    return new URL(this.#url)
  }

  /** @param token where one is wanted */
  async metrics(token?: string): Promise<string> {
    const { body } = await request(`${this.#url}/metrics`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
    return body.text()
  }

  log(): string {
    return this.#child.log()
  }

  /** As a crash does: nothing is told to anybody. */
  kill(): Promise<Exit> {
    process.kill(this.#child.pid, 'SIGKILL')
    return this.#child.exited
  }

  stop(): Promise<Exit> {
    return this.#child.stop(15_000)
  }
}
