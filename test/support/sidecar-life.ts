import { setMaxListeners } from 'node:events'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { compose } from '../../src/compose.ts'
import type { ComposedState } from '../../src/compose-state.ts'
import type { Config } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { configurationView } from '../../src/configuration-view.ts'
import type { Clock } from '../../src/core/clock.ts'
import type { Log } from '../../src/core/log.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../src/embedded/http.ts'
import type { Chance } from '../../src/loop/context.ts'
import type { StorePort } from '../../src/loop/ports.ts'
import type { Program } from '../../src/program.ts'
import type { StopPolicy } from '../../src/term.ts'
import type { Connect } from '../../src/zookeeper/transport.ts'
import { AGAIN_HEADER, WHO_HEADER } from '../checker/wire.ts'
import { MemoryNetwork } from './memory-network.ts'
import { MortalClock } from './mortal-clock.ts'
import { mortalConnect } from './mortal-connect.ts'
import { Pause } from './pause.ts'

/** Something that a sidecar does to the world: a request that changes it, or a commit to its store. */
export interface Step {
  readonly kind: 'request' | 'commit'
  /** `POST jenkins.test:8080 /computer/doCreateItem`, `ACCEPT`, `commit agent/…`. */
  readonly name: string
}

/**
 * Where a process dies: before the step has any effect, or after it but before its answer is seen. Or it lives on: the
 * step never arrives, its answer never comes, or it arrives twice and the second answer is the one that is seen.
 */
export type CrashPoint = 'before' | 'after' | 'lost' | 'unanswered' | 'twice'

export interface SidecarLifeOptions {
  /** Of this process: no other has it. */
  readonly name: string
  readonly environment: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** By origin. */
  readonly servers: ReadonlyMap<string, HttpHandler>
  readonly store: StorePort
  /** In place of `store`, and of leading for ever. */
  readonly state?: ((own: OwnParts) => ComposedState) | undefined
  /** The way to the ZooKeeper of the masters. */
  readonly zookeeper: Connect
  /** Asked before each step. */
  readonly crashAt: (step: Step) => CrashPoint | undefined
}

/** What belongs to one process alone. */
export interface OwnParts {
  readonly clock: Clock
  readonly log: Log
  readonly chance: Chance
  /** Makes connections end with the process. */
  readonly mortal: (connect: Connect) => Connect
}

/**
 * One process of the sidecar, from its start to its end. `kill` is a `kill -9`: from then on nothing that it does has
 * any effect, nothing reaches it, and its connections are closed.
 */
export class SidecarLife {
  readonly network: MemoryNetwork
  readonly program: Program
  readonly #dead: AbortController
  readonly #clock: MortalClock
  readonly #pause: Pause
  #stopped = false

  /** Templates are read again, as when their file has changed. */
  readonly reload: (environment: Readonly<Record<string, string>>) => void

  private constructor(
    program: Program,
    network: MemoryNetwork,
    clock: MortalClock,
    at: Boundary,
    reload: SidecarLife['reload'],
  ) {
    this.program = program
    this.reload = reload
    this.network = network
    this.#clock = clock
    this.#dead = at.dead
    this.#pause = at.pause
  }

  static async start(options: SidecarLifeOptions): Promise<SidecarLife> {
    const dead = new AbortController()
    setMaxListeners(0, dead.signal)
    const pause = new Pause()
    const clock = new MortalClock(options.clock, dead.signal, pause)
    const network = new MemoryNetwork({ clock })
    const at: Boundary = { name: options.name, pause, dead, crashAt: options.crashAt }
    for (const [origin, handler] of options.servers) network.serve(origin, mortal(handler, origin, at))
    const config = readHere(options.environment)
    let { templates } = config
    const { jenkins, mesos } = config
    const { chance, log } = options
    const mortalTo = (connect: Connect): Connect => mortalConnect(connect, dead.signal, pause)
    const state = options.state?.({ clock, log, chance, mortal: mortalTo })
    const program = compose({
      config,
      endpoints: {
        jenkinsUrl: new URL(jenkins.url ?? ''),
        jenkinsUser: jenkins.user,
        jenkinsToken: () => jenkins.token,
        agentUrl: jenkins.agentUrl === undefined ? undefined : new URL(jenkins.agentUrl),
        masters: mesos.masters,
        mesosUser: mesos.user ?? '',
      },
      store: mortalStore(state?.store ?? options.store, at),
      ...(state && { leader: state.leader }),
      clock,
      chance,
      log,
      version: 'test',
      templates: () => templates,
      configuration: () =>
        configurationView({
          variables: options.environment,
          config: { ...config, templates },
          files: [],
          warnings: [],
          mistakes: [],
          logLevel: config.logLevel,
        }),
      secretBaseUrl: () => config.agentHttp.sidecarUrl?.replace(/\/$/, ''),
      dispatchers: {
        jenkins: () => network.dispatcher(),
        mesos: (origin) => network.dispatcher(origin),
        zookeeper: mortalTo(options.zookeeper),
      },
    })
    await program.start()
    return new SidecarLife(program, network, clock, at, (changed) => {
      templates = readHere({ ...options.environment, ...changed }).templates
    })
  }

  get alive(): boolean {
    return !this.#dead.signal.aborted && !this.#stopped
  }

  /** Timers of this process that are set. */
  get timers(): number {
    return this.#clock.pending
  }

  kill(): void {
    this.#dead.abort(new Error('kill -9'))
  }

  /** SIGSTOP. @returns SIGCONT */
  pause(): () => void {
    this.#pause.pause()
    return () => {
      this.#pause.resume()
    }
  }

  /** Resolves when it has ended: at its own pace, or by a crash on the way. */
  async stop(policy: StopPolicy = 'leave'): Promise<void> {
    this.#stopped = true
    const { signal } = this.#dead
    const died = new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => {
        resolve()
      })
    })
    await Promise.race([this.program.stop(policy), died])
  }

  /** A request to its health, metrics, API or page. */
  async ask(request: string | InjectOptions): Promise<LightMyRequestResponse> {
    return await (await this.program.app()).inject(request)
  }

  /** Where tasks fetch their secret. */
  readonly secretHandler: HttpHandler = async (request) => {
    this.#throwIfDead()
    await this.#pause.awake()
    this.#throwIfDead()
    const answer = await this.program.secretApp.inject({ method: 'GET', url: request.path })
    this.#throwIfDead()
    return { status: answer.statusCode, headers: [], body: answer.rawPayload }
  }

  #throwIfDead(): void {
    if (!this.alive) throw new Error('nobody listens here')
  }
}

function readHere(environment: Readonly<Record<string, string>>): Config {
  const reading = readConfig(environment, (file) => {
    throw new Error(`no file ${file} here`)
  })
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  return reading.config
}

interface Boundary {
  readonly name: string
  readonly pause: Pause
  readonly dead: AbortController
  readonly crashAt: (step: Step) => CrashPoint | undefined
}

/** A function, as the compiler takes the first answer for the last. */
function isDead({ dead }: Boundary): boolean {
  return dead.signal.aborted
}

/** For what the dead wait for. */
function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

async function take<T>(step: Step | undefined, at: Boundary, work: (again: boolean) => Promise<T>): Promise<T> {
  if (isDead(at)) return never()
  const crash = step === undefined ? undefined : at.crashAt(step)
  const die = (): Promise<T> => {
    at.dead.abort(new Error(`crashed ${crash ?? ''} ${step?.name ?? ''}`))
    return never()
  }
  if (crash === 'before') return die()
  if (crash === 'lost') throw new Error(`${step?.name ?? ''} never arrived`)
  try {
    const first = await work(false)
    if (at.pause.isPaused) await at.pause.awake()
    if (crash === 'after') return await die()
    if (crash === 'unanswered' && !isDead(at)) throw new Error(`the answer to ${step?.name ?? ''} is lost`)
    const result = crash === 'twice' ? await work(true) : first
    return isDead(at) ? await never() : result
  } catch (error) {
    if (isDead(at)) return never()
    throw error
  }
}

function mortal(handler: HttpHandler, origin: string, at: Boundary): HttpHandler {
  return (given) => {
    const signal = AbortSignal.any([given.signal, at.dead.signal])
    // Unzipping takes real time, which a virtual clock does not wait for.
    const { 'accept-encoding': _, ...others } = given.headers
    const headers = { ...others, [WHO_HEADER]: at.name }
    const request = { ...given, headers, signal }
    return take(stepOf(given, origin), at, async (again) => {
      const response = await handler(again ? asAgain(request) : request)
      return Buffer.isBuffer(response.body) ? response : { ...response, body: mortalBody(response.body, at) }
    })
  }
}

function asAgain(request: HttpRequest): HttpRequest {
  return { ...request, headers: { ...request.headers, [AGAIN_HEADER]: 'true' } }
}

async function* mortalBody(body: Exclude<HttpResponse['body'], Buffer>, at: Boundary): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      if (at.pause.isPaused) await at.pause.awake()
      if (isDead(at)) await never()
      yield chunk
    }
  } catch (error) {
    if (isDead(at)) await never()
    throw error
  }
  if (isDead(at)) await never()
}

/** Reading alone changes nothing: between two steps it does not matter after which reading a process dies. */
export function stepOf(request: Parameters<HttpHandler>[0], origin: string): Step | undefined {
  const path = request.path.split('?')[0] ?? ''
  if (path === '/api/v1/scheduler') {
    return { kind: 'request', name: (JSON.parse(request.body.toString()) as { type: string }).type }
  }
  const isLook = request.method === 'GET' && !/^\/computer\/[^/]+\/(?!json)/.test(path)
  return isLook ? undefined : { kind: 'request', name: `${request.method} ${new URL(origin).host} ${path}` }
}

function mortalStore(store: StorePort, at: Boundary): StorePort {
  return {
    load: () => store.load(),
    commit: (changes) => {
      const name = `commit ${changes.map(({ key, value }) => `${key}=${showValue(value)}`).join(' ')}`
      return take({ kind: 'commit', name }, at, () => store.commit(changes))
    },
    // Its contents outlive the process.
    close: async () => undefined,
  }
}

function showValue(value: object | undefined): string {
  if (value === undefined) return 'gone'
  return 'state' in value ? String(value.state) : 'set'
}
