import { compose } from '../../src/compose.ts'
import { readConfig } from '../../src/config/read-config.ts'
import type { Clock } from '../../src/core/clock.ts'
import type { Log } from '../../src/core/log.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../../src/embedded/http.ts'
import type { Chance } from '../../src/loop/context.ts'
import type { StorePort } from '../../src/loop/ports.ts'
import type { Program } from '../../src/program.ts'
import type { StopPolicy } from '../../src/term.ts'
import { AGAIN_HEADER, WHO_HEADER } from '../checker/wire.ts'
import { MemoryNetwork } from './memory-network.ts'

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
  /** Asked before each step. */
  readonly crashAt: (step: Step) => CrashPoint | undefined
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
  readonly #gate: Gate
  #stopped = false

  private constructor(program: Program, network: MemoryNetwork, clock: MortalClock, dead: AbortController, gate: Gate) {
    this.#gate = gate
    this.program = program
    this.network = network
    this.#clock = clock
    this.#dead = dead
  }

  static async start(options: SidecarLifeOptions): Promise<SidecarLife> {
    const dead = new AbortController()
    const gate = new Gate()
    const clock = new MortalClock(options.clock, dead.signal, gate)
    const network = new MemoryNetwork({ clock })
    const at: Boundary = { name: options.name, gate, dead, crashAt: options.crashAt }
    for (const [origin, handler] of options.servers) network.serve(origin, mortal(handler, origin, at))
    const reading = readConfig(options.environment, (file) => {
      throw new Error(`no file ${file} here`)
    })
    if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
    const { config } = reading
    const { jenkins, mesos } = config
    const program = await compose({
      config,
      endpoints: {
        jenkinsUrl: new URL(jenkins.url ?? ''),
        jenkinsUser: jenkins.user,
        jenkinsToken: jenkins.token?.reveal(),
        agentUrl: undefined,
        masters: mesos.masters,
        mesosUser: mesos.user ?? '',
      },
      store: mortalStore(options.store, at),
      clock,
      chance: options.chance,
      log: options.log,
      version: 'test',
      templates: () => config.templates,
      secretBaseUrl: () => config.agentHttp.sidecarUrl?.replace(/\/$/, ''),
      dispatchers: { jenkins: () => network.dispatcher(), mesos: (origin) => network.dispatcher(origin) },
    })
    await program.start()
    return new SidecarLife(program, network, clock, dead, gate)
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
    return this.#gate.close()
  }

  async stop(policy: StopPolicy = 'leave'): Promise<void> {
    this.#stopped = true
    await this.program.stop(policy)
  }

  /** Where tasks fetch their secret. */
  readonly secretHandler: HttpHandler = async (request) => {
    this.#throwIfDead()
    await this.#gate.open
    this.#throwIfDead()
    const answer = await this.program.secretApp.inject({ method: 'GET', url: request.path })
    this.#throwIfDead()
    return { status: answer.statusCode, headers: [], body: answer.rawPayload }
  }

  #throwIfDead(): void {
    if (!this.alive) throw new Error('nobody listens here')
  }
}

/** A process that is stopped (SIGSTOP): what reaches it waits until it goes on. */
class Gate {
  #opened: Promise<void> | undefined
  #waiting: (() => void)[] = []

  get open(): Promise<void> | undefined {
    return this.#opened
  }

  /** @returns what lets it go on */
  close(): () => void {
    let release: () => void = () => undefined
    this.#opened = new Promise((resolve) => {
      release = resolve
    })
    return () => {
      this.#opened = undefined
      const waiting = this.#waiting
      this.#waiting = []
      for (const work of waiting) work()
      release()
    }
  }

  run(work: () => void): void {
    if (this.#opened === undefined) work()
    else this.#waiting.push(work)
  }
}

interface Boundary {
  readonly name: string
  readonly gate: Gate
  readonly dead: AbortController
  readonly crashAt: (step: Step) => CrashPoint | undefined
}

/** Time of one process: with its end its timers are gone. */
class MortalClock implements Clock {
  readonly #clock: Clock
  readonly #dead: AbortSignal
  readonly #gate: Gate
  readonly #cancels = new Set<() => void>()

  constructor(clock: Clock, dead: AbortSignal, gate: Gate) {
    this.#clock = clock
    this.#dead = dead
    this.#gate = gate
    dead.addEventListener('abort', () => {
      for (const cancel of this.#cancels) cancel()
      this.#cancels.clear()
    })
  }

  get pending(): number {
    return this.#cancels.size
  }

  #isDead(): boolean {
    return this.#dead.aborted
  }

  readonly now = (): number => this.#clock.now()
  readonly monotonic = (): number => this.#clock.monotonic()

  readonly timer = (ms: number, callback: () => void): (() => void) => {
    if (this.#dead.aborted) return () => undefined
    const cancel = this.#clock.timer(ms, () => {
      this.#gate.run(() => {
        if (this.#cancels.delete(cancel)) callback()
      })
    })
    this.#cancels.add(cancel)
    return () => {
      this.#cancels.delete(cancel)
      cancel()
    }
  }

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason)
        return
      }
      const onAbort = (): void => {
        cancel()
        if (!this.#isDead()) reject(signal?.reason)
      }
      const cancel = this.timer(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
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
    if (at.gate.open !== undefined) await at.gate.open
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
      if (at.gate.open !== undefined) await at.gate.open
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
function stepOf(request: Parameters<HttpHandler>[0], origin: string): Step | undefined {
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
