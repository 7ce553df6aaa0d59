import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../http.ts'
import { asScript } from './agent-program.ts'
import { type Access, callerOf, type JenkinsUser, type Permission } from './auth.ts'
import { Controller } from './controller.ts'
import { Crumbs } from './crumbs.ts'
import { Exchange, splitPath } from './exchange.ts'
import type { JobOptions } from './jobs.ts'
import type { ItemState, JobState, NodeState, SavedState } from './model.ts'
import { containerError, gettingReady, type Identity, oops, redirect } from './pages.ts'
import { openRoutes, type RouteOptions, routes } from './routes.ts'
import { StateFile } from './state-file.ts'
import type { Veto } from './why.ts'

export interface EmbeddedJenkinsOptions {
  readonly clock: Clock
  /** Its root URL as answers tell it, context path included. */
  readonly url: string
  /** Where it is served, such as `/jenkins`; the path of `url` unless given. */
  readonly contextPath?: string
  readonly users?: readonly JenkinsUser[]
  /** What visitors without credentials may; nothing unless given. */
  readonly anonymous?: readonly Permission[]
  /** `false`: everybody may do everything (and still needs a crumb to POST). */
  readonly security: boolean
  /** `2.541.3`; from a version 1.x on it behaves as 1.395 does. */
  readonly version?: string
  readonly quietPeriodMs?: number
  /** How long an item stays `pending`; 0 unless given. */
  readonly pendingMs?: number
  /** Executors of the built-in node; 0 unless given. Its builds take their time and run nothing. */
  readonly builtInExecutors?: number
  /** Of the nodes' secrets. */
  readonly secretKey?: string
  /** The compiled demo agent. */
  readonly agentProgram?: () => Buffer
  /** Keeps nodes, jobs and queue over the end of this process. */
  readonly stateFile?: string
  /** How long it answers 503 after a start; 0 unless given. */
  readonly startingMs?: number
  readonly pingIntervalMs?: number
  readonly pingTimeoutMs?: number
  /** So many random bytes in hex. */
  readonly random?: (bytes: number) => string
  /** What could not be written to the state file. */
  readonly onError?: (thrown: unknown) => void
}

type Phase = 'stopped' | 'starting' | 'ready'

/** A Jenkins in this process, as far as its REST API and its agents go. Serve its `handler`, then `start` it. */
export class EmbeddedJenkins {
  readonly #options: EmbeddedJenkinsOptions
  readonly #contextPath: string
  readonly #access: Access
  readonly #old: boolean
  readonly #random: (bytes: number) => string
  readonly #secretKey: string
  readonly #stateFile: StateFile | undefined
  #phase: Phase = 'stopped'
  #saved: SavedState | undefined
  #controller: Controller
  #identity: Identity
  #routes: RouteOptions
  #veto: Veto | undefined
  #script: Buffer | undefined

  constructor(options: EmbeddedJenkinsOptions) {
    this.#options = options
    this.#contextPath = (options.contextPath ?? new URL(options.url).pathname).replace(/\/$/, '')
    this.#old = /^1\./.test(options.version ?? '2')
    this.#random = options.random ?? ((bytes) => randomBytes(bytes).toString('hex'))
    this.#secretKey = options.secretKey ?? this.#random(32)
    this.#access = {
      users: options.users ?? [],
      anonymous: options.anonymous ?? [],
      security: options.security,
      tokens: !this.#old,
    }
    const onError = (thrown: unknown): void => options.onError?.(thrown)
    this.#stateFile = options.stateFile === undefined ? undefined : new StateFile(options.stateFile, onError)
    ;[this.#controller, this.#identity, this.#routes] = this.#newLife()
  }

  readonly handler: HttpHandler = async (request) => {
    const answer = this.#answer(request)
    if (request.method !== 'HEAD') return answer
    return { ...answer, body: Buffer.alloc(0) }
  }

  /** Changes with each start. */
  get session(): string {
    return this.#identity.session
  }

  get phase(): Phase {
    return this.#phase
  }

  /**
   * Resolves when it is ready: after `startingMs`, in which it answers 503.
   * @throws where the state file cannot be trusted
   */
  async start(startingMs = this.#options.startingMs ?? 0): Promise<void> {
    if (this.#phase !== 'stopped') throw new Error(`the embedded Jenkins cannot start: it is ${this.#phase}`)
    this.#phase = 'starting'
    ;[this.#controller, this.#identity, this.#routes] = this.#newLife()
    this.#saved ??= await this.#stateFile?.load()
    if (startingMs > 0) await this.#options.clock.sleep(startingMs)
    if (this.#saved !== undefined) this.#controller.restore(structuredClone(this.#saved))
    this.#controller.queue.veto = this.#veto
    this.#phase = 'ready'
  }

  /** Connections are refused from now on; what runs is aborted, nodes, jobs and queue are kept. */
  async stop(): Promise<void> {
    if (this.#phase === 'stopped') return
    // While it starts, what was saved last still holds.
    const wasReady = this.#phase === 'ready'
    this.#phase = 'stopped'
    this.#controller.shutDown()
    if (wasReady) this.#saved = structuredClone(this.#controller.save())
    await this.#stateFile?.flush()
  }

  /** Resolves when it is ready again. Queue, ids, nodes and offline marks stay, sessions and connections do not. */
  async restart({ downMs = 0, startingMs }: { downMs?: number; startingMs?: number } = {}): Promise<void> {
    await this.stop()
    if (downMs > 0) await this.#options.clock.sleep(downMs)
    await this.start(startingMs)
  }

  createJob(job: JobOptions): void {
    this.#controller.createJob(job)
  }

  /** @returns the queue item's id. @throws where there is no such job */
  build(name: string, options: { by?: string; quietMs?: number; label?: string } = {}): number {
    const { by = 'admin', quietMs = 0, label } = options
    const job = this.#job(name)
    const parameters = job.parameters.map((one): [string, string] => [one.name, one.defaultValue])
    return this.#controller.build(job, by, parameters, quietMs, label).id
  }

  /** A plugin that has something against some items on some nodes. It survives restarts. */
  veto(veto: Veto | undefined): void {
    this.#veto = veto
    this.#controller.queue.veto = veto
  }

  /** A node that takes no new builds and says nothing of it. */
  acceptTasks(node: string, accepts: boolean): void {
    const computer = this.#controller.farm.computer(node)
    if (computer === undefined) throw new Error(`the embedded Jenkins has no node ${node}`)
    computer.acceptingTasks = accepts
    this.#controller.changed()
  }

  quietDown(reason: string | undefined): void {
    this.#controller.queue.quietDown = reason === undefined ? null : { reason }
  }

  get nodes(): readonly Readonly<NodeState>[] {
    return [...this.#controller.farm.nodes.values()]
  }

  get jobs(): readonly Readonly<JobState>[] {
    return this.#controller.jobList
  }

  get queue(): readonly Readonly<ItemState>[] {
    return this.#controller.queue.items
  }

  /** Whether the node's agent is connected. */
  isConnected(node: string): boolean {
    return this.#controller.farm.computer(node)?.connected ?? false
  }

  secretOf(node: string): string {
    return this.#controller.agents.secretOf(node)
  }

  #job(name: string): JobState {
    const job = this.#controller.jobs.get(name)
    if (job === undefined) throw new Error(`the embedded Jenkins has no job ${name}`)
    return job
  }

  #newLife(): [Controller, Identity, RouteOptions] {
    const { clock, url } = this.#options
    const crumbs = new Crumbs(this.#random)
    const controller: Controller = new Controller({
      clock,
      url: url.endsWith('/') ? url : `${url}/`,
      access: this.#access,
      old: this.#old,
      builtInExecutors: this.#options.builtInExecutors ?? 0,
      quietPeriodMs: this.#options.quietPeriodMs ?? 5000,
      pendingMs: this.#options.pendingMs ?? 0,
      secretKey: this.#secretKey,
      random: this.#random,
      pingIntervalMs: this.#options.pingIntervalMs ?? 300_000,
      pingTimeoutMs: this.#options.pingTimeoutMs ?? 240_000,
      changed: () => {
        this.#stateFile?.save(() => controller.save())
      },
    })
    const identity: Identity = {
      version: this.#options.version ?? '2.541.3',
      session: this.#random(4),
      old: this.#old,
      key: createHash('sha256').update(`identity of ${this.#secretKey}`).digest('base64'),
    }
    const route: RouteOptions = {
      crumbs,
      startedAt: clock.now(),
      agentProgram: () => (this.#script ??= asScript(this.#options.agentProgram?.() ?? Buffer.alloc(0))),
      restart: () => {
        this.restart().catch((thrown: unknown) => this.#options.onError?.(thrown))
      },
    }
    return [controller, identity, route]
  }

  #answer(request: HttpRequest): HttpResponse {
    // A handler cannot refuse a connection; whoever carries the request makes a broken one of this.
    if (this.#phase === 'stopped')
      throw Object.assign(new Error('the embedded Jenkins is stopped'), { code: 'ECONNREFUSED' })
    const { path, query } = splitPath(request.path)
    const context = this.#contextPath
    if (context !== '' && path === context) return redirect(`${context}/`, 301)
    if (!path.startsWith(`${context}/`)) return containerError(404, 'Not Found', path)
    if (this.#phase === 'starting') {
      if (request.method !== 'POST') return gettingReady()
      return oops(this.#identity, 'DefaultCrumbIssuer is missing its descriptor', [])
    }
    const [, first, name, action] = path.slice(context.length).split('/')
    if (first === 'embedded-agent') {
      return this.#controller.agents.handle(decodeURIComponent(name ?? ''), action ?? '', query, request)
    }
    return this.#checked(request, path)
  }

  /** Credentials, then the crumb, then rights: in this order, whatever is asked for. */
  #checked(request: HttpRequest, path: string): HttpResponse {
    const { crumbs } = this.#routes
    const caller = callerOf(this.#access, request.headers['authorization'])
    if (caller === undefined) {
      return containerError(401, 'Unauthorized', path, [['WWW-Authenticate', 'Basic realm="Jenkins"']])
    }
    const exchange = new Exchange({
      request,
      controller: this.#controller,
      identity: this.#identity,
      caller,
      contextPath: this.#contextPath,
      crumbs,
    })
    const open = openRoutes(exchange, this.#routes)
    if (open !== undefined) return open
    if (request.method === 'POST' && !caller.byToken && !this.#old) {
      const session = crumbs.sessionOf(request.headers['cookie'])
      const crumb = request.headers['jenkins-crumb'] ?? exchange.field('Jenkins-Crumb') ?? undefined
      if (!crumbs.valid(caller.name, session, crumb)) {
        const unknown = request.headers['cookie'] === undefined ? [] : exchange.cookie()
        return containerError(403, 'No valid crumb was included in the request', path, unknown)
      }
    }
    return routes(exchange, this.#routes)
  }
}
