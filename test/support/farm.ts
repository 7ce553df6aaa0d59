import type { Cancel, Clock } from '../../src/core/clock.ts'
import type { Log } from '../../src/core/log.ts'
import type { Instant } from '../../src/core/model.ts'
import type { HttpHandler, HttpRequest } from '../../src/embedded/http.ts'
import { EmbeddedJenkins, type EmbeddedJenkinsOptions } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import {
  EmbeddedMesos,
  type EmbeddedMesosOptions,
  type MesosSnapshot,
} from '../../src/embedded/mesos/embedded-mesos.ts'
import type { HostSpec } from '../../src/embedded/mesos/host-spec.ts'
import type { RunnableTask } from '../../src/embedded/mesos/runner.ts'
import type { StorePort } from '../../src/loop/ports.ts'
import type { View } from '../../src/loop/view.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { FarmWatch } from './farm-watch.ts'
import { MemoryNetwork } from './memory-network.ts'
import { type CrashPoint, SidecarLife, type Step } from './sidecar-life.ts'
import { SimulatedRunner, type TaskFault } from './simulated-runner.ts'
import { settle, VirtualClock } from './virtual-clock.ts'

export const JENKINS = 'http://jenkins.test:8080'
export const MESOS = 'http://mesos.test:5050'
export const SIDECAR = 'http://sidecar.test:8091'

const TOKEN = `11${'c'.repeat(32)}`

export interface FarmOptions {
  readonly hosts?: number
  readonly host?: Partial<Omit<HostSpec, 'hostname' | 'authority'>>
  readonly templates?: Readonly<Record<string, TemplateOptions>>
  readonly environment?: Readonly<Record<string, string>>
  readonly jenkins?: Partial<EmbeddedJenkinsOptions>
  readonly mesos?: Partial<EmbeddedMesosOptions>
  /** From the end of the fetching to the start of an agent [400]. */
  readonly startMs?: number
  /** Each request of the sidecar takes so long [0]. */
  readonly latencyMs?: number
  /** Of the steps of all lives of the sidecar, counted from 0. */
  readonly crashAt?: (step: Step, index: number) => CrashPoint | undefined
}

/** Fields as in the templates file. */
export type TemplateOptions = Readonly<Record<string, unknown>> & { readonly maxAgents?: number }

/** One executor, so that one build is one agent. */
export const LINUX: TemplateOptions = {
  labels: ['linux'],
  executors: 1,
  cpus: { agent: 0.2, perExecutor: 0.1 },
  memMib: { agent: 512, perExecutor: 128, factor: 1.1 },
  idleTimeoutSeconds: 30,
  maxAgents: 5,
}

/** Hosts tell their IP address in offers. */
function addressOf(index: number): string {
  return `10.0.0.${index + 1}:5051`
}

/** The wall clock, which somebody may set: timers do not care. */
class WallClock implements Clock {
  readonly #clock: VirtualClock
  offsetMs = 0

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  readonly now = (): Instant => this.#clock.now() + this.offsetMs
  readonly timer = (ms: number, callback: () => void): Cancel => this.#clock.timer(ms, callback)
  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> => this.#clock.sleep(ms, signal)
}

/**
 * The whole world of a sidecar on a virtual clock: a Mesos with hosts that play their tasks, a Jenkins whose agents
 * and builds are real but for their processes, and the composed program itself. `close` checks that nothing is left.
 */
export class Farm {
  readonly virtual = new VirtualClock()
  readonly clock = new WallClock(this.virtual)
  readonly jenkins: EmbeddedJenkins
  readonly watch: FarmWatch
  /** Each launch that reached a host. */
  readonly launched: RunnableTask[] = []
  /** Everything that was logged, as text. */
  readonly logged: string[] = []
  /** Steps of all lives of the sidecar. */
  readonly steps: Step[] = []
  /** What goes wrong with tasks on a host. */
  fault: (taskId: string, hostname: string) => TaskFault | undefined = () => undefined
  crashAt: (step: Step, index: number) => CrashPoint | undefined
  /** Called when a request of the sidecar is about to be served. */
  before: (request: HttpRequest) => void = () => undefined
  /** Requests of the sidecar that are not served until `letGo`. */
  hang: (request: HttpRequest) => boolean = () => false
  /** Served, and the connection breaks before the answer. */
  loseAnswer: (request: HttpRequest) => boolean = () => false
  /** JSON in place of what the server would say. */
  answer: (request: HttpRequest) => string | undefined = () => undefined
  /** Changes what Jenkins and Mesos say to the sidecar. */
  rewrite: (text: string) => string = (text) => text
  onLaunch: (task: RunnableTask) => void = () => undefined
  readonly #hanging = new Set<() => void>()
  #mendStore: () => void = () => undefined
  #storeFault: (() => Promise<void>) | undefined
  readonly #options: FarmOptions
  /** Of hosts and agents. */
  readonly #network: MemoryNetwork
  readonly #servers = new Map<string, HttpHandler>()
  readonly #frozen = new Map<string, { readonly thaw: Promise<void>; readonly release: () => void }>()
  /** Answers that nobody reads any more. */
  readonly #others = new Set<{
    readonly destroy: () => void
    readonly on: (event: 'error', ignore: () => void) => void
  }>()
  readonly #runners = new Map<string, SimulatedRunner>()
  #mesos: EmbeddedMesos | undefined
  #store = new MemoryStore()
  #life: SidecarLife | undefined
  #ids = 0
  #closed = false

  private constructor(options: FarmOptions) {
    this.#options = options
    this.crashAt = options.crashAt ?? (() => undefined)
    this.#network = new MemoryNetwork({ clock: this.clock })
    this.jenkins = new EmbeddedJenkins({
      clock: this.clock,
      url: `${JENKINS}/`,
      security: true,
      users: [
        {
          name: 'sidecar',
          apiToken: TOKEN,
          permissions: [
            'Overall/Read',
            'Job/Read',
            'Agent/Create',
            'Agent/Connect',
            'Agent/Delete',
            'Agent/Disconnect',
            'Agent/Configure',
          ],
        },
        { name: 'admin', apiToken: `11${'a'.repeat(32)}`, permissions: ['Overall/Administer'] },
      ],
      secretKey: 'key',
      quietPeriodMs: 0,
      random: (bytes) =>
        this.#id()
          .padStart(bytes * 2, '0')
          .slice(-bytes * 2),
      agentProgram: () => Buffer.from('export {}\n'),
      ...options.jenkins,
    })
    this.watch = new FarmWatch(this)
  }

  static async start(options: FarmOptions = {}): Promise<Farm> {
    const farm = new Farm(options)
    await farm.#startMesos()
    farm.#serve(JENKINS, farm.jenkins.handler)
    await farm.jenkins.start()
    await farm.startSidecar()
    return farm
  }

  get mesos(): EmbeddedMesos {
    if (this.#mesos === undefined) throw new Error('the embedded Mesos is not there yet')
    return this.#mesos
  }

  get templates(): Readonly<Record<string, TemplateOptions>> {
    return this.#options.templates ?? { linux: LINUX }
  }

  get life(): SidecarLife {
    if (this.#life === undefined) throw new Error('no sidecar was started')
    return this.#life
  }

  get view(): View {
    return this.life.program.view()
  }

  /** Names of the nodes of our agents. */
  get agentNodes(): readonly string[] {
    return this.jenkins.nodes.map(({ name }) => name).filter((name) => name.startsWith('mesos-'))
  }

  /** Tasks that have not ended. */
  get tasks(): MesosSnapshot['tasks'] {
    return this.mesos.snapshot().tasks.filter(({ state }) => LIVE.has(state))
  }

  /** Result of every build so far, oldest first; `running` and `queued` for those under way. */
  get results(): readonly string[] {
    const builds = this.jenkins.jobs.flatMap((job) => job.builds).map(({ result }) => result ?? 'running')
    return [...builds, ...this.jenkins.queue.filter(({ stage }) => stage !== 'left').map(() => 'queued')]
  }

  get running(): number {
    return this.results.filter((result) => result === 'running').length
  }

  get queued(): number {
    return this.results.filter((result) => result === 'queued').length
  }

  /** Agents whose program is connected. */
  get onlineAgents(): number {
    return this.agentNodes.filter((name) => this.jenkins.isConnected(name)).length
  }

  get hanging(): number {
    return this.#hanging.size
  }

  letGo(): void {
    for (const release of this.#hanging) release()
    this.#hanging.clear()
  }

  /** From now on the store takes nothing, or does not answer. */
  breakStore(how: 'fails' | 'hangs'): { readonly mend: () => void } {
    let release: () => void = () => undefined
    const mended = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#mendStore = () => {
      this.#storeFault = undefined
      release()
    }
    this.#storeFault = how === 'hangs' ? () => mended : () => Promise.reject(new Error('no space left on device'))
    return {
      mend: this.#mendStore,
    }
  }

  /** The disk is gone. */
  loseStore(): void {
    this.#store = new MemoryStore()
  }

  /** A GET from somewhere in the network. @returns the status */
  async get(address: string): Promise<number> {
    const { origin, pathname } = new URL(address)
    const { statusCode, body } = await this.#network.dispatcher().request({ origin, path: pathname, method: 'GET' })
    await body.text()
    return statusCode
  }

  /** Another sidecar subscribes with the id of this one. */
  async subscribeAsOther(): Promise<void> {
    const last = this.calls('SUBSCRIBE').at(-1)?.call as unknown as { subscribe: { framework_info: object } }
    const id = { value: this.mesos.snapshot().frameworks[0]?.id }
    const info = { ...last.subscribe.framework_info, id }
    const call = { type: 'SUBSCRIBE', framework_id: id, subscribe: { framework_info: info, suppressed_roles: ['*'] } }
    const { statusCode, body } = await this.#network.dispatcher().request({
      origin: MESOS,
      path: '/api/v1/scheduler',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(call),
    })
    if (statusCode !== 200) throw new Error(`the other sidecar was not taken: ${statusCode}`)
    this.#others.add(body)
  }

  /** Calls of this type that the master was sent. */
  calls(type: string): EmbeddedMesos['calls'] {
    return this.mesos.calls.filter((call) => call.type === type)
  }

  /** A job and one build of it. */
  job(name: string, durationMs: number, label = 'linux'): this {
    this.jenkins.createJob({ name, label, durationMs, concurrent: true })
    this.jenkins.build(name)
    return this
  }

  async allSucceed(limitMs: number): Promise<void> {
    await this.until(() => this.results.every((result) => !UNFINISHED.has(result)), limitMs, 'the end of all builds')
    const wrong = this.results.filter((result) => result !== 'SUCCESS')
    if (wrong.length > 0) throw new Error(`builds ended with ${wrong.join(' ')}\n${this.describe()}`)
  }

  /** No agent in Jenkins, no task in Mesos, no record. */
  async empty(limitMs: number): Promise<void> {
    const isEmpty = (): boolean =>
      this.agentNodes.length === 0 && this.tasks.length === 0 && this.view.agents.length === 0
    await this.until(isEmpty, limitMs, 'an empty farm')
  }

  async startSidecar(environment: Readonly<Record<string, string>> = {}): Promise<SidecarLife> {
    if (this.#life?.alive === true) throw new Error('a sidecar runs already')
    await settle()
    this.#store = new MemoryStore(await this.#store.load())
    const store = this.#store
    const faulty: StorePort = {
      load: store.load,
      commit: async (changes) => {
        await this.#storeFault?.()
        await store.commit(changes)
      },
      close: store.close,
    }
    this.#life = await SidecarLife.start({
      environment: {
        JENKINS_URL: `${JENKINS}/`,
        JENKINS_USER: 'sidecar',
        JENKINS_TOKEN: TOKEN,
        MESOS_MASTER: MESOS,
        MESOS_USER: 'jenkins',
        SIDECAR_URL: SIDECAR,
        TEMPLATES: JSON.stringify({ templates: this.templates }),
        ...this.#options.environment,
        ...environment,
      },
      clock: this.clock,
      chance: {
        letters: (length) => this.#id().padStart(length, 'x'),
        token: () => `token-${this.#id()}`,
        fraction: () => 0.5,
      },
      log: this.#log(),
      servers: new Map([...this.#servers].map(([origin, handler]) => [origin, this.#watched(handler)])),
      store: faulty,
      crashAt: (step) => {
        this.steps.push(step)
        return this.crashAt(step, this.steps.length - 1)
      },
    })
    this.#network.serve(SIDECAR, this.#life.secretHandler)
    return this.#life
  }

  /** `kill -9`: what was not committed is gone. */
  crashSidecar(): void {
    this.life.kill()
  }

  async restartSidecar(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.life.alive) this.crashSidecar()
    await this.startSidecar(environment)
  }

  /** The server is gone: connections are refused. */
  down(origin: string): void {
    this.#network.down(origin)
    this.life.network.down(origin)
  }

  up(origin: string): void {
    this.#network.up(origin)
    this.life.network.up(origin)
  }

  /** The server takes requests and does nothing about them until it is thawed. */
  freeze(origin: string): void {
    let release: () => void = () => undefined
    const thaw = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#frozen.set(origin, { thaw, release })
  }

  thaw(origin: string): void {
    const frozen = this.#frozen.get(origin)
    this.#frozen.delete(origin)
    frozen?.release()
  }

  /** Master and agents of Mesos are started anew; tasks go on. Needs `stateDir` to know the framework again. */
  async restartMesos(): Promise<void> {
    this.down(MESOS)
    const closed = this.mesos.close({ killTasks: false })
    await settle()
    await closed
    await this.#startMesos()
    this.watch.newMaster()
    this.up(MESOS)
  }

  /** Somebody ends the process of an agent on its host. */
  murder(taskId: string): void {
    if (![...this.#runners.values()].some((runner) => runner.murder(taskId))) throw new Error(`no task ${taskId} runs`)
  }

  /** What a person does in Jenkins. */
  async asAdmin(method: string, path: string): Promise<number> {
    const authorization = `Basic ${Buffer.from(`admin:11${'a'.repeat(32)}`).toString('base64')}`
    const request = { method, path, headers: { authorization }, body: Buffer.alloc(0), remote: '127.0.0.1' }
    const { status } = await this.jenkins.handler({ ...request, signal: new AbortController().signal })
    return status
  }

  async advance(ms: number): Promise<void> {
    let over = false
    this.virtual.timer(ms, () => {
      over = true
    })
    await this.until(() => over, ms, 'the end of the time')
  }

  /** Goes on until it is so; the watch looks at the world after every tick. */
  async until(done: () => boolean, limitMs: number, what?: string): Promise<void> {
    try {
      await this.virtual.until(
        () => {
          this.watch.look()
          return done()
        },
        limitMs,
        what,
      )
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${this.describe()}`, { cause: error })
    }
  }

  /** A value of a metric as Prometheus would scrape it. */
  async metric(line: string): Promise<number> {
    const { text } = await this.life.program.scrape()
    const found = text.split('\n').find((one) => one.startsWith(`jenkins_mesos_${line} `))
    if (found === undefined) throw new Error(`no series jenkins_mesos_${line} in:\n${text}`)
    return Number(found.slice(found.lastIndexOf(' ') + 1))
  }

  /** The state of the world, for a test that failed. */
  describe(): string {
    const { agents, health, queue, problems, round } = this.view
    return [
      `builds: ${this.results.join(' ')}`,
      `nodes: ${this.jenkins.nodes.map(({ name, temporarilyOffline }) => `${name}${temporarilyOffline ? ' (off)' : ''}`).join(', ')}`,
      `tasks: ${this.mesos
        .snapshot()
        .tasks.map(({ taskId, state }) => `${taskId} ${state}`)
        .join(', ')}`,
      `agents: ${agents.map(({ agentId, state, reason }) => `${agentId} ${state} (${reason})`).join(', ')}`,
      `queue: ${queue.map(({ words }) => words).join(' | ')}`,
      `health: ${health.status} ${health.words}; held: ${round.held ?? 'no'}; problems: ${problems.join(' | ')}`,
      ...this.logged.slice(-40),
    ].join('\n')
  }

  /** Ends everything. @throws where a timer, an exchange or a secret was left behind, or the watch saw something */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const origin of [...this.#frozen.keys()]) this.thaw(origin)
    for (const body of this.#others) {
      body.on('error', () => undefined)
      body.destroy()
    }
    this.#mendStore()
    this.letGo()
    const life = this.life
    if (life.alive) {
      const stopped = life.stop()
      await settle()
      await stopped
      await settle()
      if (life.timers > 0) throw new Error(`the sidecar left ${life.timers} timers`)
      if (life.network.open > 0) throw new Error(`the sidecar left ${life.network.open} exchanges open`)
    }
    const closed = this.mesos.close({ killTasks: true })
    await settle()
    await closed
    await this.jenkins.stop()
    await settle()
    if (this.#network.open > 0) throw new Error(`agents left ${this.#network.open} exchanges open`)
    if (this.virtual.pending > 0) throw new Error(`${this.virtual.pending} timers are still set`)
    this.#checkSecrets()
    const { violations } = this.watch
    if (violations.length > 0) throw new Error(`what must never be, was:\n${violations.join('\n')}`)
  }

  #checkSecrets(): void {
    const shown = [...this.logged, ...this.launched.map(({ info }) => JSON.stringify(info))].join('\n')
    const secrets = [TOKEN, ...this.launched.map(({ info }) => this.jenkins.secretOf(info.task_id.value))]
    if (secrets.some((secret) => shown.includes(secret))) throw new Error('a secret is in the log or in a task')
  }

  async #startMesos(): Promise<void> {
    const { hosts = 3, host, mesos } = this.#options
    const specs = Array.from({ length: hosts }, (_, index): HostSpec => {
      const hostname = `host-${index + 1}.test`
      return {
        hostname,
        authority: addressOf(index),
        resources: { cpus: 4, memMib: 8192, diskMib: 10_000 },
        ...host,
      }
    })
    this.#mesos = await EmbeddedMesos.start({
      clock: this.clock,
      hosts: specs,
      masterAuthority: new URL(MESOS).host,
      randomUuid: () => `00000000-0000-4000-8000-${this.#id().padStart(12, '0')}`,
      runnerFor: ({ hostname }) => {
        const known = this.#runners.get(hostname)
        if (known !== undefined) return known
        const runner = new SimulatedRunner({
          clock: this.clock,
          network: this.#network,
          hostname,
          startMs: this.#options.startMs ?? 400,
          fault: (taskId) => this.fault(taskId, hostname),
          onLaunch: (task) => {
            this.launched.push(task)
            this.onLaunch(task)
          },
        })
        this.#runners.set(hostname, runner)
        return runner
      },
      ...mesos,
    })
    this.#serve(MESOS, (request) => this.mesos.masterHandler(request))
    for (const { hostname, authority } of specs) {
      this.#serve(`http://${authority}`, (request) => this.mesos.hostHandler(hostname)(request))
    }
  }

  #serve(origin: string, handler: HttpHandler): void {
    const served: HttpHandler = async (request) => {
      await this.#frozen.get(origin)?.thaw
      return handler(request)
    }
    this.#servers.set(origin, served)
    this.#network.serve(origin, served)
  }

  /** For the sidecar alone: agents are not held up. */
  #watched(handler: HttpHandler): HttpHandler {
    return async (request) => {
      const { latencyMs = 0 } = this.#options
      if (latencyMs > 0) await this.clock.sleep(latencyMs, request.signal)
      this.before(request)
      if (this.hang(request)) {
        await new Promise<void>((resolve) => {
          this.#hanging.add(resolve)
        })
      }
      const said = this.answer(request)
      if (said !== undefined)
        return { status: 200, headers: [['Content-Type', 'application/json']], body: Buffer.from(said) }
      const response = await handler(request)
      if (this.loseAnswer(request)) throw new Error('the answer is lost')
      if (!Buffer.isBuffer(response.body)) return response
      return { ...response, body: Buffer.from(this.rewrite(response.body.toString())) }
    }
  }

  #id(): string {
    this.#ids += 1
    return this.#ids.toString(16)
  }

  #log(): Log {
    const at =
      (level: string) =>
      (fields: object, message: string): void => {
        const time = new Date(this.virtual.now()).toISOString().slice(11, 23)
        this.logged.push(`${time} ${level} ${message} ${JSON.stringify(fields, showErrors)}`)
      }
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  }
}

const UNFINISHED = new Set(['running', 'queued'])
const LIVE = new Set(['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING', 'TASK_UNREACHABLE'])

function showErrors(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('stack' in value)) return value
  const { message, cause } = value as unknown as Error
  return { message, cause }
}
