import type { Clock } from '../../src/core/clock.ts'
import type { HttpHandler, HttpRequest } from '../../src/embedded/http.ts'
import type { RunnableTask } from '../../src/embedded/mesos/runner.ts'
import type { TaskFault } from './simulated-runner.ts'

/** What a test lets go wrong between the sidecar and its servers, and with tasks. A test sets what it needs. */
export class FarmFaults {
  /** What goes wrong with a task on a host. */
  task: (taskId: string, hostname: string) => TaskFault | undefined = () => undefined
  /** Called when a launch has reached its host. */
  onLaunch: (task: RunnableTask) => void = () => undefined
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
  readonly #clock: Clock
  readonly #latencyMs: number
  readonly #hanging = new Set<() => void>()
  readonly #frozen = new Map<string, { readonly thaw: Promise<void>; readonly release: () => void }>()

  /** @param latencyMs each request of the sidecar takes so long */
  constructor(clock: Clock, latencyMs: number) {
    this.#clock = clock
    this.#latencyMs = latencyMs
  }

  get hanging(): number {
    return this.#hanging.size
  }

  /** Nobody is frozen, nothing hangs. */
  get none(): boolean {
    return this.#frozen.size + this.#hanging.size === 0
  }

  letGo(): void {
    for (const release of this.#hanging) release()
    this.#hanging.clear()
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

  /** Nothing is held back any more. */
  end(): void {
    for (const origin of [...this.#frozen.keys()]) this.thaw(origin)
    this.letGo()
  }

  /** A server, for everybody. */
  freezable(origin: string, handler: HttpHandler): HttpHandler {
    return async (request) => {
      await this.#frozen.get(origin)?.thaw
      return handler(request)
    }
  }

  /** For the sidecar alone: agents are not held up. */
  forSidecar(handler: HttpHandler): HttpHandler {
    return async (request) => {
      if (this.#latencyMs > 0) await this.#clock.sleep(this.#latencyMs, request.signal)
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
}
