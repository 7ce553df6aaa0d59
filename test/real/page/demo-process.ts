import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { request } from 'undici'
import { endProcessesIn } from '../../support/end-processes.ts'
import { Child, type Exit, until } from '../controller/process.ts'

const WITHIN_MS = 30_000

export interface AuditLine {
  readonly action: string
  readonly caller: string
  readonly ok: boolean
  readonly words: string
}

/** One small template whose agents start in a moment. */
export const SMALL = {
  labels: ['mesos'],
  executors: { min: 1, max: 1 },
  cpus: { agent: 0.1, perExecutor: 0.2 },
  memMib: { agent: 64, perExecutor: 64, factor: 1 },
  connectTimeoutSeconds: 60,
  killGraceSeconds: 2,
}

/** The program as `npm start` runs it: a Jenkins and a Mesos of its own, four jobs that are built now and again. */
export class DemoProcess {
  readonly #child: Child
  readonly #folder: string
  readonly url: string

  private constructor(child: Child, folder: string, url: string) {
    this.#child = child
    this.#folder = folder
    this.url = url
  }

  static async start(folder: string, environment: Readonly<Record<string, string>> = {}): Promise<DemoProcess> {
    mkdirSync(folder, { recursive: true })
    const logFile = join(folder, 'demo.log')
    const before = existsSync(logFile) ? readFileSync(logFile, 'utf8').length : 0
    const child = await Child.start({
      command: process.execPath,
      args: [resolve('dist/src/main.js')],
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        STATE_URL: `file:${join(folder, 'state')}`,
        HTTP_PORT: '0',
        AGENT_HTTP_PORT: '0',
        ...environment,
      },
      logFile,
      pidFile: join(folder, 'demo.pid'),
    })
    const url = await until('the program to say where its page is', WITHIN_MS, async () => {
      if (!child.running) throw new Error(`the program ended by itself: ${child.log().slice(-2000)}`)
      return /"url":"(\S+?)","version"/.exec(child.log().slice(before))?.[1]
    })
    return new DemoProcess(child, folder, url)
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const { statusCode, body } = await request(this.url + path, { headers })
    if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${await body.text()}`)
    return body.json()
  }

  log(): string {
    return this.#child.log()
  }

  /** What the log has of what operators did. */
  audited(): readonly AuditLine[] {
    return this.log()
      .split('\n')
      .filter((line) => line.includes('"an operator called"'))
      .map((line) => JSON.parse(line) as AuditLine)
  }

  /** As a machine that is switched off. */
  kill(): Promise<Exit> {
    this.#child.signal('SIGKILL')
    return this.#child.exited
  }

  async stop(): Promise<Exit> {
    const exit = await this.#child.stop(30_000)
    endProcessesIn(this.#folder) // agents of a program that was killed before
    return exit
  }
}
