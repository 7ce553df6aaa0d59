import type { AgentRecord } from '../../src/core/model.ts'
import type { HttpHandler } from '../../src/embedded/http.ts'
import type { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import type { EmbeddedCluster } from '../../src/embedded/mesos/embedded-cluster.ts'
import type { RunnableTask } from '../../src/embedded/mesos/runner.ts'
import type { MesosSnapshot } from '../../src/embedded/mesos/snapshot.ts'
import { MasterRegistry } from '../../src/embedded/zookeeper/master-registry.ts'
import type { View } from '../../src/loop/view-types.ts'
import type { Checker } from '../checker/checker.ts'
import { tapped } from '../checker/wire.ts'
import { attributesOfHosts, FarmCluster } from './farm-cluster.ts'
import { describeFarm, seriesIn, tellsNoSecret } from './farm-describe.ts'
import { FarmFaults } from './farm-faults.ts'
import { farmJenkins } from './farm-jenkins.ts'
import { postAction } from './farm-operator.ts'
import { type FarmOptions, JENKINS, LINUX, MESOS, SIDECAR, type TemplateOptions } from './farm-options.ts'
import { FarmSidecar } from './farm-sidecar.ts'
import { FarmState } from './farm-state.ts'
import { FarmStore } from './farm-store.ts'
import { FarmWatch } from './farm-watch.ts'
import { MemoryNetwork } from './memory-network.ts'
import type { SidecarLife, Step } from './sidecar-life.ts'
import { settle, VirtualClock } from './virtual-clock.ts'
import { WallClock } from './wall-clock.ts'
import { SimulatedEnsemble } from './zookeeper/simulated-ensemble.ts'

/**
 * The whole world of a sidecar on a virtual clock: a Mesos with hosts that play their tasks, a Jenkins whose agents
 * and builds are real but for their processes, and the composed program itself. `close` checks that nothing is left.
 */
export class Farm {
  readonly virtual: VirtualClock
  readonly clock: WallClock
  readonly jenkins: EmbeddedJenkins
  readonly cluster: FarmCluster
  readonly faults: FarmFaults
  readonly store = new FarmStore()
  readonly watch: FarmWatch
  /** Something is wrong that a test did on purpose. */
  troubled = false
  readonly #options: FarmOptions
  /** Of hosts and agents. */
  readonly #network: MemoryNetwork
  readonly #servers = new Map<string, HttpHandler>()
  readonly #sidecars: ReadonlyMap<SidecarName, FarmSidecar>
  /** Of the state and of the masters, where they are in ZooKeeper. */
  readonly ensemble: SimulatedEnsemble
  readonly registry: MasterRegistry | undefined
  /** Where it is in ZooKeeper. */
  readonly state: FarmState | undefined
  readonly #logged: string[] = []
  readonly #steps: Step[] = []
  readonly #down = new Set<string>()
  #templates: Readonly<Record<string, TemplateOptions>>
  #ids = 0
  #closed = false

  private constructor(options: FarmOptions) {
    this.virtual = new VirtualClock(undefined, options.turns)
    const clock = new WallClock(this.virtual)
    this.clock = clock
    const nextId = (): string => this.#id()
    this.#options = options
    this.#templates = options.templates ?? { linux: LINUX }
    this.#network = new MemoryNetwork({ clock })
    this.faults = new FarmFaults(clock, options.latencyMs ?? 0)
    this.jenkins = farmJenkins(clock, nextId, options.jenkins)
    this.ensemble = new SimulatedEnsemble({ clock: this.virtual })
    const { mastersBy = 'address' } = options
    this.registry = mastersBy === 'address' ? undefined : new MasterRegistry(this.ensemble, mastersBy === 'zookeeper')
    this.cluster = new FarmCluster({
      farm: options,
      ...(this.registry && { onMasters: this.registry.show }),
      clock,
      network: this.#network,
      faults: this.faults,
      nextId,
      serve: (origin, handler) => {
        this.#serve(origin, handler)
      },
    })
    for (const [origin, handler] of Object.entries(options.servers ?? {})) this.#serve(origin, handler)
    const onCommit = (life: string): void => {
      this.checker.committed(life)
    }
    this.state = options.zookeeper ? new FarmState(this.virtual, this.ensemble, onCommit) : undefined
    const sidecar = (name: SidecarName): FarmSidecar =>
      new FarmSidecar({
        name: this.state === undefined ? 'sidecar' : name,
        url: urlOf(name),
        state: this.state,
        logged: this.#logged,
        steps: this.#steps,
        environment: { ...(this.registry && { MESOS_MASTER: this.registry.url }), ...this.environment },
        zookeeper: this.ensemble,
        templates: () => this.templates,
        crashAt: options.crashAt,
        quiet: options.quiet ?? false,
        clock,
        logClock: this.virtual,
        store: this.store,
        faults: this.faults,
        nextId,
        onCommit,
        advance: (ms) => this.virtual.advance(ms),
      })
    this.#sidecars = new Map([
      ['a', sidecar('a')],
      ['b', sidecar('b')],
    ])
    this.watch = new FarmWatch({
      now: this.virtual.now,
      mesos: () => this.mesos,
      jenkins: this.jenkins,
      stored: () => this.state?.contents ?? this.store.contents,
      calm: () => this.isCalm,
      wall: () => clock.now(),
      attributesOf: attributesOfHosts(() => this.mesos),
      templates: this.templates,
      environment: this.environment,
    })
  }

  static async start(options: FarmOptions = {}): Promise<Farm> {
    const farm = new Farm(options)
    await farm.cluster.start()
    farm.#serve(JENKINS, farm.jenkins.handler)
    await farm.jenkins.start()
    await farm.startSidecar()
    return farm
  }

  get mesos(): EmbeddedCluster {
    return this.cluster.mesos
  }

  get checker(): Checker {
    return this.watch.checker
  }

  /** Nothing is wrong but for what the sidecar does. */
  get isCalm(): boolean {
    return (
      !this.troubled &&
      this.life.alive &&
      this.jenkins.phase === 'ready' &&
      this.faults.none &&
      !this.store.isBroken &&
      this.#down.size === 0 &&
      this.mesos.snapshot().frameworks.some(({ connected }) => connected)
    )
  }

  /** As the file has them now. What the checker knows of them is what they were at the start. */
  get templates(): Readonly<Record<string, TemplateOptions>> {
    return this.#templates
  }

  set templates(templates: Readonly<Record<string, TemplateOptions>>) {
    this.#templates = templates
    for (const life of this.#lives) life.reload({ TEMPLATES: JSON.stringify({ templates }) })
  }

  get environment(): Readonly<Record<string, string>> {
    return this.#options.environment ?? {}
  }

  /** The sidecar that leads; where there is one only, that. */
  get life(): SidecarLife {
    const lives = this.#lives
    return lives.find(({ program }) => program.leadership.role === 'leader') ?? lives[0] ?? this.sidecar('a').life
  }

  sidecar(name: SidecarName): FarmSidecar {
    const found = this.#sidecars.get(name)
    if (found === undefined) throw new Error(`there is no sidecar ${name}`)
    return found
  }

  /** Everything that was logged, as text. */
  get logged(): readonly string[] {
    return this.#logged
  }

  /** Steps of all lives of the sidecar. */
  get steps(): readonly Step[] {
    return this.#steps
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
    return this.cluster.tasks
  }

  /** Each launch that reached a host. */
  get launched(): readonly RunnableTask[] {
    return this.cluster.launched
  }

  /** What the store holds of agents. */
  get records(): readonly AgentRecord[] {
    return this.state?.records ?? this.store.records
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

  /** A GET from somewhere in the network. @returns the status */
  async get(address: string): Promise<number> {
    const { origin, pathname } = new URL(address)
    const { statusCode, body } = await this.#network.dispatcher().request({ origin, path: pathname, method: 'GET' })
    await body.text()
    return statusCode
  }

  /** Calls of this type that the master was sent. */
  calls(type: string): EmbeddedCluster['calls'] {
    return this.cluster.calls(type)
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
    if (wrong.length > 0) throw new Error(`builds ended with ${wrong.join(' ')}\n${describeFarm(this)}`)
  }

  /** No agent in Jenkins, no task in Mesos, no record. */
  async empty(limitMs: number): Promise<void> {
    const isEmpty = (): boolean =>
      this.agentNodes.length === 0 && this.tasks.length === 0 && this.view.agents.length === 0
    await this.until(isEmpty, limitMs, 'an empty farm')
  }

  async startSidecar(
    environment: Readonly<Record<string, string>> = {},
    name: SidecarName = 'a',
  ): Promise<SidecarLife> {
    const life = await this.sidecar(name).start(this.#servers, environment)
    this.#network.serve(urlOf(name), life.secretHandler)
    return life
  }

  /** `kill -9`: what was not committed is gone. */
  crashSidecar(): void {
    this.life.kill()
  }

  async restartSidecar(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.life.alive) this.crashSidecar()
    await this.startSidecar(environment)
  }

  /** From its next start on the sidecar is sent to this Jenkins; agents and builds stay with the other. */
  sendSidecarTo(jenkins: EmbeddedJenkins, origin = JENKINS): void {
    this.#servers.set(origin, jenkins.handler)
  }

  /** Jenkins listens there from now on, and nobody at its old place: for hosts, and for a sidecar that is started. */
  moveJenkins(from: string, to: string): void {
    this.#servers.delete(from)
    this.#network.down(from)
    this.#network.up(to)
    this.#serve(to, this.jenkins.handler)
  }

  /** What a person asks of the sidecar. */
  async action(name: string, payload?: object): Promise<{ readonly status: number; readonly words: string }> {
    return await postAction(this, name, payload)
  }

  get #lives(): readonly SidecarLife[] {
    return [...this.#sidecars.values()].filter(({ isAlive }) => isAlive).map(({ life }) => life)
  }

  /** The server is gone: connections are refused. */
  down(origin: string): void {
    this.#down.add(origin)
    this.#network.down(origin)
    for (const { network } of this.#lives) network.down(origin)
  }

  up(origin: string): void {
    this.#down.delete(origin)
    this.#network.up(origin)
    for (const { network } of this.#lives) network.up(origin)
  }

  /** The sidecar alone cannot reach the server. */
  cut(origin: string): void {
    this.#down.add(origin)
    this.life.network.down(origin)
  }

  /** Undoes `cut`, for the process that runs now. */
  uncut(origin: string): void {
    this.#down.delete(origin)
    this.life.network.up(origin)
  }

  /** Master and agents of Mesos are started anew; tasks go on. Needs `stateDir` to know the framework again. */
  async restartMesos(): Promise<void> {
    this.down(MESOS)
    await this.cluster.stop({ killTasks: false })
    await this.cluster.start()
    this.up(MESOS)
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
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${describeFarm(this)}`, {
        cause: error,
      })
    }
  }

  /** A value of a metric as Prometheus would scrape it. */
  async metric(line: string): Promise<number> {
    return seriesIn((await this.life.program.scrape()).text, line)
  }

  /** Ends everything. @throws where a timer, an exchange or a secret was left behind, or the watch saw something */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.cluster.endOthers()
    this.store.mend()
    this.faults.end()
    for (const sidecar of this.#sidecars.values()) await sidecar.stop()
    this.ensemble.close()
    await this.cluster.stop({ killTasks: true })
    await this.jenkins.stop()
    await settle()
    if (this.#network.open > 0) throw new Error(`agents left ${this.#network.open} exchanges open`)
    if (this.virtual.pending > 0) throw new Error(`${this.virtual.pending} timers are still set`)
    tellsNoSecret(this)
    const violations = [...this.watch.violations, ...(this.state?.violations ?? [])]
    if (violations.length > 0) throw new Error(`what must never be, was:\n${violations.join('\n')}`)
  }

  #serve(origin: string, handler: HttpHandler): void {
    const served = this.faults.freezable(
      origin,
      tapped(handler, () => this.checker),
    )
    this.#servers.set(origin, served)
    this.#network.serve(origin, served)
  }

  #id(): string {
    this.#ids += 1
    return this.#ids.toString(16)
  }
}

export type SidecarName = 'a' | 'b'

function urlOf(name: SidecarName): string {
  return name === 'a' ? SIDECAR : 'http://sidecar-b.test:8091'
}

const UNFINISHED = new Set(['running', 'queued'])
