import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import { systemChance } from '../../chance.ts'
import { getJson } from '../fetched.ts'
import type { MarathonStage } from './marathon.ts'
import { freePort, MAIN, quoted } from './places.ts'
import type { Stage } from './stage.ts'

const ADMIN = 'admin'
export const TOKEN = 'the-token-of-the-sidecar'
const ADMIN_TOKEN = 'the-token-of-the-administrator'

/** The program in place of Jenkins, with its home outside of any sandbox. */
export function jenkinsCommand(home: string, port: string): string {
  const program = [process.execPath, MAIN, 'embedded-jenkins', '--state', home].map(quoted).join(' ')
  return `echo $$ > ${quoted(join(home, 'pid'))}; exec ${program} --port "${port}"`
}

/** Users and tokens that it will have: whoever speaks with it must know them before. */
export function prepareHome(folder: string): string {
  const home = join(folder, 'jenkins-home')
  mkdirSync(join(home, 'jenkins'), { recursive: true })
  writeFileSync(
    join(home, 'jenkins', 'keys.json'),
    JSON.stringify({ secretKey: 'of this tutorial alone', token: TOKEN, adminToken: ADMIN_TOKEN }),
  )
  writeFileSync(join(home, 'token'), TOKEN, { mode: 0o600 })
  return home
}

/** What people do with Jenkins, over HTTP. */
export class JenkinsSite {
  readonly url: string
  readonly #home: string

  constructor(url: string, home: string) {
    this.url = url
    this.#home = home
  }

  /** The classic app, with the embedded Jenkins in place of the war; returns once it is healthy. */
  static async byMarathon(stage: Stage, marathon: MarathonStage): Promise<JenkinsSite> {
    const home = prepareHome(stage.folder)
    // Another tutorial on this machine may be about to take the first one, too.
    const port = await freePort(31_000 + Math.floor(systemChance.fraction() * 900), 31_999)
    await marathon.deploy('jenkins-on-mesos.json', {
      cmd: jenkinsCommand(home, '$PORT0'),
      fetch: null,
      env: null,
      mem: 256,
      backoffSeconds: 1,
      requirePorts: true,
      portDefinitions: [{ name: 'jenkins', port, protocol: 'tcp' }],
      healthChecks: [
        {
          protocol: 'MESOS_HTTP',
          path: '/login',
          portIndex: 0,
          gracePeriodSeconds: 60,
          delaySeconds: 0,
          intervalSeconds: 1,
          timeoutSeconds: 20,
          maxConsecutiveFailures: 20,
        },
      ],
    })
    return new JenkinsSite(`http://127.0.0.1:${port}/`, home)
  }

  /** Of the process that serves now. */
  get pid(): number {
    return Number(readFileSync(join(this.#home, 'pid'), 'utf8'))
  }

  /** Builds that run as far as its file says: what it would know after a crash. */
  writtenDown(): number {
    const { jobs } = JSON.parse(readFileSync(join(this.#home, 'jenkins', 'jenkins.json'), 'utf8')) as {
      readonly jobs: readonly { readonly builds: readonly { readonly result: string | null }[] }[]
    }
    return jobs.flatMap(({ builds }) => builds).filter(({ result }) => result === null).length
  }

  /** A job of one shell step. */
  async createJob(name: string, label: string, shell: string): Promise<void> {
    const escaped = shell.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    await this.#post(
      `createItem?name=${name}`,
      `<project><assignedNode>${label}</assignedNode><builders><hudson.tasks.Shell><command>${escaped}</command></hudson.tasks.Shell></builders></project>`,
    )
  }

  /** Without the quiet period. */
  async build(job: string): Promise<void> {
    await this.#post(`job/${job}/build?delay=0sec`)
  }

  /** Results of the last builds: `running`, `none` where there is no build yet. */
  async results(jobs: readonly string[]): Promise<string> {
    const builds = await Promise.all(jobs.map((job) => this.#lastBuild(job)))
    return builds.map((build) => (build === null ? 'none' : (build.result ?? 'running'))).join(' ')
  }

  /** Names of the nodes that are there for agents; anchors keep label expressions known and run nothing. */
  async nodes(): Promise<readonly string[]> {
    const { computer } = (await this.#get('computer/api/json?tree=computer[displayName]')) as {
      readonly computer: readonly { readonly displayName: string }[]
    }
    return computer.map(({ displayName }) => displayName).filter((name) => !/^anchor-|Built-In/.test(name))
  }

  async #lastBuild(job: string): Promise<{ readonly result: string | null } | null> {
    const { lastBuild } = (await this.#get(`job/${job}/api/json?tree=lastBuild[result]`)) as {
      readonly lastBuild: { readonly result: string | null } | null
    }
    return lastBuild
  }

  #get(path: string): Promise<unknown> {
    return getJson(this.url + path, AS_ADMIN)
  }

  async #post(path: string, body = ''): Promise<void> {
    const headers = { ...AS_ADMIN, 'content-type': 'application/xml' }
    const { statusCode, body: answer } = await request(this.url + path, { method: 'POST', headers, body })
    const text = await answer.text()
    if (statusCode >= 400) throw new Error(`POST ${this.url}${path} answered ${statusCode}: ${text.slice(0, 200)}`)
  }
}

const AS_ADMIN = { authorization: `Basic ${Buffer.from(`${ADMIN}:${ADMIN_TOKEN}`).toString('base64')}` }
