import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, messageOf } from '../../../src/core/code-of.ts'
import { controllerArgs, fetchWar } from './controller-command.ts'
import { ControllerHttp, FORM } from './controller-http.ts'
import { freePort } from './free-port.ts'
import { type FreestyleJob, freestyleJobXml } from './freestyle-job.ts'
import { Child, type Exit, endLeftover, until } from './process.ts'

/** A cold start takes about 10 s, on a busy machine several times that. */
const START_WITHIN_MS = 120_000
const STOP_GRACE_MS = 15_000

export interface RealControllerOptions {
  /** Folder of the controller's own: its data, its log (`controller.log`) and its pid file. Made if missing. */
  readonly home: string
  /** Default: one that is free now. */
  readonly port?: number
}

/** What `/queue/api/json` of this controller says of an item. There is no id. */
export interface RealQueueItem {
  readonly blocked: boolean
  readonly buildable: boolean
  readonly stuck: boolean
  readonly why: string | null
  readonly task: { readonly name: string; readonly url: string }
  readonly buildableStartMilliseconds?: number
}

export interface RealBuild {
  readonly number: number
  readonly building: boolean
  /** `null` while the build runs. */
  readonly result: 'SUCCESS' | 'UNSTABLE' | 'FAILURE' | 'NOT_BUILT' | 'ABORTED' | null
  /** Display name of the node it ran on; empty for the controller itself. */
  readonly builtOn: string
}

export interface RealNode {
  readonly displayName: string
  readonly offline: boolean
  readonly temporarilyOffline: boolean
  readonly idle: boolean
  readonly numExecutors: number
}

export interface InboundNode {
  readonly name: string
  readonly labels: readonly string[]
  readonly remoteFs: string
  readonly executors?: number
  readonly description?: string
}

/**
 * A real controller of 2011, the direct ancestor of today's, in a process of its own on 127.0.0.1, without security.
 * Needs `java` (17) and, the first time, `mvn`.
 */
export class RealController {
  readonly url: string
  readonly home: string
  readonly #war: string
  readonly #port: number
  readonly #http: ControllerHttp
  #child: Child | undefined

  private constructor(home: string, war: string, port: number) {
    this.home = home
    this.url = `http://127.0.0.1:${port}`
    this.#http = new ControllerHttp(this.url)
    this.#war = war
    this.#port = port
  }

  /**
   * Gets the war if it is not in the cache, ends what a crashed run left in this home, starts the controller and
   * waits until it answers.
   *
   * @throws Error with the end of the log when it ends by itself or does not answer in time
   */
  static async start(options: RealControllerOptions): Promise<RealController> {
    const war = await fetchWar()
    mkdirSync(join(options.home, 'tmp'), { recursive: true })
    await endLeftover(pidFileOf(options.home), STOP_GRACE_MS)
    const controller = new RealController(options.home, war, options.port ?? (await freePort()))
    await controller.#launch()
    return controller
  }

  get pid(): number {
    return this.#running().pid
  }

  /** Everything that the controller has written so far, over its restarts. */
  log(): string {
    return this.#running().log()
  }

  /** Ends the controller's own process and waits until it is gone. */
  async stop(): Promise<Exit> {
    return this.#running().stop(STOP_GRACE_MS)
  }

  /** Ends it and starts it again on the same port and home; the port for agents changes. */
  async restart(): Promise<void> {
    await this.stop()
    await this.#launch()
  }

  async createFreestyleJob(job: FreestyleJob): Promise<void> {
    await this.#http.post(`/createItem?name=${encodeURIComponent(job.name)}`, 'application/xml', freestyleJobXml(job))
  }

  /** Puts the job into the queue, without a quiet period. */
  async build(name: string): Promise<void> {
    await this.#http.post(`/job/${encodeURIComponent(name)}/build?delay=0sec`)
  }

  async queue(): Promise<readonly RealQueueItem[]> {
    const queue = (await this.#http.getJson('/queue/api/json')) as { items: RealQueueItem[] }
    return queue.items
  }

  /** `undefined` before the first build. */
  async lastBuild(name: string): Promise<RealBuild | undefined> {
    const path = `/job/${encodeURIComponent(name)}/lastBuild/api/json`
    const { status } = await this.#http.send('GET', path)
    return status === 404 ? undefined : ((await this.#http.getJson(path)) as RealBuild)
  }

  /** What the build has printed so far. */
  async console(name: string, number: number): Promise<string> {
    return (await this.#http.get(`/job/${encodeURIComponent(name)}/${number}/consoleText`)).text
  }

  /**
   * Runs Groovy in the controller.
   *
   * @returns what the script printed
   * @throws Error with the stack trace when the script threw: the controller answers 200 then, too
   */
  async script(groovy: string): Promise<string> {
    const form = new URLSearchParams({ script: groovy })
    const { text } = await this.#http.post('/scriptText', FORM, form.toString())
    if (/^[\w.$]+(?:Exception|Error|Throwable)\b.*\n\s+at /.test(text)) throw new Error(`the script failed: ${text}`)
    return text
  }

  /**
   * Turns security on: a user `admin` who may do everything, and others with these rights, by name. `anonymous` is
   * everybody. Each password is the user's name. Called again it gives everybody other rights.
   */
  async secure(rights: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const grants = Object.entries({ ...rights, admin: ['hudson.model.Hudson.Administer'] })
    const lines = grants.flatMap(([user, ids]) => ids.map((id) => `matrix.add(Permission.fromId('${id}'), '${user}')`))
    const accounts = grants.filter(([user]) => user !== 'anonymous').map(([user]) => `'${user}'`)
    await this.script(`import hudson.security.*
      def it = hudson.model.Hudson.instance
      if (!(it.securityRealm instanceof HudsonPrivateSecurityRealm)) {
        def realm = new HudsonPrivateSecurityRealm(false)
        it.securityRealm = realm
        [${accounts.join(', ')}].each { realm.createAccount(it, it) }
      }
      def matrix = new GlobalMatrixAuthorizationStrategy()
      ${lines.join('\n      ')}
      it.authorizationStrategy = matrix
      it.save()`)
    this.#http.logIn('admin', 'admin')
  }

  /** With 0 the controller runs no builds itself and is no longer in the list of nodes. */
  async setMasterExecutors(count: number): Promise<void> {
    // The number alone changes nothing until the list of computers is made anew, which setNodes does.
    await this.script(`def it = hudson.model.Hudson.instance; it.setNumExecutors(${count}); it.setNodes(it.nodes)`)
  }

  /** The nodes; with the controller itself (`master`) while it has executors. */
  async nodes(): Promise<readonly RealNode[]> {
    const set = (await this.#http.getJson('/computer/api/json')) as { computer: RealNode[] }
    return set.computer
  }

  /** A node that an agent may connect to, made as the program makes its nodes: by `doCreateItem`. */
  async createInboundNode(node: InboundNode): Promise<void> {
    const type = 'hudson.slaves.DumbSlave$DescriptorImpl'
    const json = JSON.stringify({
      name: node.name, // today's Jenkins ignores it; this one answers 500 without it
      nodeDescription: node.description ?? '',
      numExecutors: String(node.executors ?? 1),
      remoteFS: node.remoteFs,
      labelString: node.labels.join(' '),
      mode: 'NORMAL',
      type,
      retentionStrategy: { 'stapler-class': 'hudson.slaves.RetentionStrategy$Always' },
      nodeProperties: { 'stapler-class-bag': 'true' },
      launcher: { 'stapler-class': 'hudson.slaves.JNLPLauncher' },
    })
    const form = new URLSearchParams({ name: node.name, type, json })
    await this.#http.post('/computer/doCreateItem', FORM, form.toString())
  }

  async deleteNode(name: string): Promise<void> {
    await this.#http.post(`/computer/${encodeURIComponent(name)}/doDelete`)
  }

  /** The jar that agents of this controller run. */
  async agentJar(): Promise<Uint8Array> {
    return (await this.#http.get('/jnlpJars/slave.jar')).bytes
  }

  /** TCP port that agents connect to; another one after each start. */
  async agentPort(): Promise<number> {
    const { headers } = await this.#http.get('/')
    const port = Number(headers['x-hudson-cli-port'])
    if (!Number.isInteger(port) || port <= 0) throw new Error(`${this.url}/ names no X-Hudson-CLI-Port`)
    return port
  }

  async #launch(): Promise<void> {
    const child = await Child.start({
      command: 'java',
      args: controllerArgs({ war: this.#war, home: this.home, port: this.#port }),
      cwd: this.home,
      env: { ...process.env, HUDSON_HOME: this.home, LANG: 'C.UTF-8' },
      logFile: join(this.home, 'controller.log'),
      pidFile: pidFileOf(this.home),
    })
    this.#child = child
    try {
      await until(`${this.url} to answer`, START_WITHIN_MS, async () => this.#answers(child))
    } catch (thrown) {
      await child.stop(STOP_GRACE_MS)
      const end = child.log().split('\n').slice(-40).join('\n')
      throw new Error(`the real controller did not start: ${messageOf(thrown)}. The end of its log:\n${end}`, {
        cause: thrown,
      })
    }
  }

  #running(): Child {
    if (this.#child === undefined) throw new Error(`${this.url} was never started`)
    return this.#child
  }

  async #answers(child: Child): Promise<true | undefined> {
    if (!child.running) {
      const { code, signal } = await child.exited
      throw new Error(`it ended by itself (code ${code ?? 'none'}, signal ${signal ?? 'none'})`)
    }
    try {
      const { status } = await this.#http.send('GET', '/api/json')
      return status === 200 ? true : undefined
    } catch (thrown) {
      if (isRefused(thrown)) return undefined
      throw thrown
    }
  }
}

function isRefused(thrown: unknown): boolean {
  return ['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET'].includes(codeOf(thrown) ?? '')
}

function pidFileOf(home: string): string {
  return join(home, 'controller.pid')
}
