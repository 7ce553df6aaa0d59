import type { FastifyInstance } from 'fastify'
import type { Cancel, Clock } from './core/clock.ts'
import { messageOf } from './core/code-of.ts'
import type { Log } from './core/log.ts'
import type { LeaderPort, StorePort } from './loop/ports.ts'
import type { Leadership, View } from './loop/view-types.ts'
import type { StopPolicy, Term } from './term.ts'

export interface ProgramParts {
  /** Nothing of it runs yet. */
  readonly newTerm: () => Term
  readonly leader: LeaderPort
  readonly store: StorePort
  readonly clock: Clock
  readonly log: Log
  readonly view: () => View
  readonly scrape: () => Promise<{ readonly text: string; readonly contentType: string }>
  /** Goes on from the start to the end, whoever leads. */
  readonly history: { readonly start: () => void; readonly stop: () => void }
  /** Makes what answers with health, metrics, API and page; not yet listening. */
  readonly makeApp: () => Promise<FastifyInstance>
  /** Where tasks fetch their secret; not yet listening. */
  readonly secretApp: FastifyInstance
}

/** A term that could not begin, as the store did not answer, is tried again after this. */
const AGAIN_MS = 5_000

/**
 * The sidecar, composed: `start` sets it going, `stop` ends it. Both may be called again. It makes one term for each
 * leadership; between them it stands by, and shows that.
 */
export class Program {
  readonly #parts: ProgramParts
  #leadership: Leadership
  #term: Term | undefined
  /** Why the last term could not begin. */
  #failure: string | undefined
  #cancelAgain: Cancel | undefined
  /** Terms end and begin one after the other. */
  #tail: Promise<void> = Promise.resolve()
  #started = false
  #draining = false
  #stopped: Promise<void> | undefined
  #app: Promise<FastifyInstance> | undefined

  constructor(parts: ProgramParts) {
    this.#parts = parts
    this.#leadership = { role: 'standby', since: parts.clock.now(), why: 'not started yet' }
  }

  /** Nothing new is started any more. */
  get draining(): boolean {
    return this.#draining
  }

  /** While this instance leads. */
  get term(): Term | undefined {
    return this.#term?.isOver === false ? this.#term : undefined
  }

  get leadership(): Leadership {
    return this.#leadership
  }

  /** Why nothing can be done although this instance leads. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** Health, metrics, API and page: made when somebody asks for it first, as that takes a while. */
  app(): Promise<FastifyInstance> {
    this.#app ??= this.#parts.makeApp()
    return this.#app
  }

  get secretApp(): FastifyInstance {
    return this.#parts.secretApp
  }

  get view(): () => View {
    return this.#parts.view
  }

  get scrape(): ProgramParts['scrape'] {
    return this.#parts.scrape
  }

  /** @throws where this instance leads from the start, and the store holds what cannot be trusted */
  async start(): Promise<void> {
    if (this.#started) return
    this.#started = true
    this.#parts.history.start()
    let atOnce: Promise<void> | undefined = Promise.resolve()
    this.#parts.leader.start((leading, why) => {
      const followed = this.#changed(leading, why)
      if (atOnce !== undefined) atOnce = followed
      else this.#tellFailure(followed)
    })
    const first = atOnce
    atOnce = undefined
    await first
  }

  /**
   * `leave`: agents go on running, the next start adopts them. `kill`: every agent goes now, whatever it runs, and the
   * framework with them, if this instance leads.
   */
  stop(policy: StopPolicy): Promise<void> {
    this.#stopped ??= this.#stop(policy)
    return this.#stopped
  }

  /** From now on no agent is begun; what is there goes on. */
  startNothing(): void {
    this.#draining = true
  }

  /** Resolves when every agent has gone, each after its builds, or when the signal says that it takes too long. */
  async drain(enough: AbortSignal): Promise<void> {
    this.#draining = true
    await this.term?.drain(enough)
  }

  #changed(leading: boolean, why: string): Promise<void> {
    const { clock, log } = this.#parts
    const role = leading ? 'leader' : 'standby'
    const before = this.#leadership
    this.#leadership = { role, why, since: before.role === role ? before.since : clock.now() }
    if (before.role !== role || before.why !== why) {
      if (leading) log.info({ why }, 'leading')
      else log.info({ why }, 'standing by')
    }
    if (!leading) this.#term?.abort(why)
    return this.#next()
  }

  #next(): Promise<void> {
    this.#tail = this.#tail.catch(() => undefined).then(() => this.#follow())
    return this.#tail
  }

  #tellFailure(followed: Promise<void>): void {
    followed.catch((error: unknown) => {
      this.#failed(error)
    })
  }

  /** Brings the term in line with the leadership as it is now. */
  async #follow(): Promise<void> {
    this.#cancelAgain?.()
    this.#cancelAgain = undefined
    if (this.#term?.isOver === true) {
      await this.#term.end('leave')
      this.#term = undefined
    }
    if (this.#leadership.role === 'standby') this.#failure = undefined
    if (this.#leadership.role === 'standby' || this.#term !== undefined || this.#stopped !== undefined) return
    const term = this.#parts.newTerm()
    this.#term = term
    try {
      await term.start()
      this.#failure = undefined
    } catch (error) {
      term.abort('it could not begin')
      await term.end('leave')
      this.#term = undefined
      throw error
    }
  }

  #failed(error: unknown): void {
    const { clock, log } = this.#parts
    const words = messageOf(error)
    if (words !== this.#failure) log.error({ why: words, err: error }, 'leading, and nothing can be done')
    this.#failure = words
    if (this.#stopped !== undefined) return
    this.#cancelAgain = clock.timer(AGAIN_MS, () => {
      this.#tellFailure(this.#next())
    })
  }

  async #stop(policy: StopPolicy): Promise<void> {
    const { leader, store, secretApp, history } = this.#parts
    history.stop()
    this.#cancelAgain?.()
    await this.#tail.catch(() => undefined) // told when it failed
    await this.#term?.end(policy)
    await secretApp.close()
    const app = await this.#app?.catch(() => undefined) // told to who asked for it
    await app?.close()
    await store.close()
    await leader.stop()
  }
}
