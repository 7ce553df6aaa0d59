import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { request } from 'undici'
import { endProcessesIn } from '../../support/end-processes.ts'
import { fetchWar } from '../controller/controller-command.ts'
import { ControllerHttp } from '../controller/controller-http.ts'
import { freestyleJobXml } from '../controller/freestyle-job.ts'
import { Child, until } from '../controller/process.ts'
import type { RealBuild } from '../controller/real-controller.ts'
import { MesosProcess } from '../sidecar-process.ts'
import { type PodOptions, podOf } from './definition.ts'

const WITHIN_MS = 120_000

export interface PodShown {
  readonly status: string
  readonly instances: readonly {
    readonly id: string
    readonly status: string
    readonly containers: readonly { readonly name: string; readonly status: string }[]
  }[]
  readonly terminationHistory: readonly unknown[]
}

/** Jenkins and sidecar as one pod of an embedded Marathon over an embedded Mesos, each a process of its own. */
export class PodFarm {
  readonly folder: string
  readonly mesos: MesosProcess
  readonly #marathon: Child
  readonly #url: string
  readonly #war: string

  private constructor(folder: string, war: string, mesos: MesosProcess, marathon: { child: Child; url: string }) {
    this.folder = folder
    this.mesos = mesos
    this.#war = war
    this.#marathon = marathon.child
    this.#url = marathon.url
  }

  static async start(folder: string): Promise<PodFarm> {
    const war = await fetchWar()
    mkdirSync(join(folder, 'jenkins', 'tmp'), { recursive: true })
    const mesos = await MesosProcess.start(join(folder, 'mesos'))
    const home = join(folder, 'marathon')
    mkdirSync(home, { recursive: true })
    const child = await Child.start({
      command: process.execPath,
      args: [resolve('dist/src/main.js'), 'embedded-marathon', '--mesos', mesos.url, '--state', home],
      cwd: home,
      env: { PATH: process.env['PATH'], HOME: home },
      logFile: join(home, 'marathon.log'),
      pidFile: join(home, 'marathon.pid'),
    })
    const said = async () => /MARATHON_URL=(\S+)/.exec(child.log())?.[1]
    const url = await until('the embedded Marathon to say where it is', WITHIN_MS, said)
    return new PodFarm(folder, war, mesos, { child, url })
  }

  /** PUTs the pod, and waits for the end of the deployment. */
  async put(options: Pick<PodOptions, 'port' | 'instances' | 'environment'>): Promise<void> {
    const pod = podOf({ folder: this.folder, war: this.#war, mesosUrl: this.mesos.url, ...options })
    const { statusCode, body } = await request(`${this.#url}/v2/pods${pod.id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(pod),
    })
    const said = await body.text()
    if (statusCode !== 200) throw new Error(`Marathon answered ${statusCode}: ${said}`)
    await until('the deployment to end', WITHIN_MS, async () => {
      const deployments = (await this.#get('/v2/deployments')) as readonly unknown[]
      return deployments.length === 0 ? true : undefined
    })
  }

  async pod(): Promise<PodShown> {
    return (await this.#get('/v2/pods/ci/jenkins::status')) as PodShown
  }

  async #get(path: string): Promise<unknown> {
    const { statusCode, body } = await request(this.#url + path)
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${text}`)
    return JSON.parse(text)
  }

  /** The controller, once it answers at this port. */
  async jenkins(port: number): Promise<ControllerHttp> {
    const http = new ControllerHttp(`http://127.0.0.1:${port}`)
    await until(`Jenkins to answer at port ${port}`, WITHIN_MS, async () => {
      const answer = await http.send('GET', '/api/json').catch(() => undefined)
      return answer?.status === 200 ? true : undefined
    })
    return http
  }

  /** A job for the sidecar's agents, that builds until `finish` is called. */
  async createJob(http: ControllerHttp, name: string): Promise<void> {
    const shell = `while [ ! -e ${this.#finishFile(name)} ]; do sleep 0.2; done; echo finished`
    await http.post(`/createItem?name=${name}`, 'application/xml', freestyleJobXml({ name, label: 'linux', shell }))
  }

  async build(http: ControllerHttp, name: string): Promise<void> {
    await http.post(`/job/${name}/build?delay=0sec`)
  }

  /** What comes out of the last build of the job, once it has begun, or ended. */
  async lastBuild(http: ControllerHttp, name: string, is: (build: RealBuild) => boolean): Promise<RealBuild> {
    return await until(`a build of ${name}`, WITHIN_MS, async () => {
      const { status, text } = await http.send('GET', `/job/${name}/lastBuild/api/json`)
      const build = status === 200 ? (JSON.parse(text) as RealBuild) : undefined
      return build !== undefined && is(build) ? build : undefined
    })
  }

  finish(name: string): void {
    mkdirSync(this.#finishFile(name))
  }

  #finishFile(name: string): string {
    return join(this.folder, `finish-${name}`)
  }

  /** What the containers of that name wrote, of all instances, in the order of their folders' names. */
  output(name: string): string {
    const hosts = join(this.folder, 'mesos')
    const files = readdirSync(hosts, { recursive: true, encoding: 'utf8' })
    return files
      .filter((file) => /\/containers\/[^/]+\/(stdout|stderr)$/.test(file) && !file.includes('/meta/'))
      .map((file) => readFileSync(join(hosts, file), 'utf8'))
      .filter((text) => (name === 'sidecar') === /"msg"|the sidecar ended/.test(text))
      .join('')
  }

  async stop(): Promise<void> {
    await this.#marathon.stop(15_000)
    await this.mesos.stop()
    endProcessesIn(this.folder)
  }
}
