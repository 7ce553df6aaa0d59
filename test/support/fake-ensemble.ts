import type { Clock } from '../../src/core/clock.ts'
import { ZooKeeperError } from '../../src/zookeeper/errors.ts'
import type { NodeData, SessionState, ZooKeeperOp, ZooKeeperSession } from '../../src/zookeeper/session.ts'
import { FakeTree } from './fake-tree.ts'

export interface FakeSessionOptions {
  /** Resolves when the process of this session runs: it may be paused, or dead for ever. */
  readonly awake?: () => Promise<void>
}

/** What happens to a call: its connection is lost before or after it is carried out. */
export type LostCall = 'before' | 'after' | undefined

/** An ensemble on a virtual clock, as its sessions see it: no bytes, the same order in every run. */
export class FakeEnsemble {
  readonly tree = new FakeTree((path, what) => {
    for (const session of this.sessions) session.changed(path, what)
  })
  readonly sessions: FakeSession[] = []
  readonly clock: Clock
  readonly timeoutMs: number
  /** Asked for each call. */
  lose: (what: string, paths: readonly string[], session: FakeSession) => LostCall = () => undefined
  /** Changes that were carried out. */
  readonly done: { readonly session: number; readonly ops: readonly ZooKeeperOp[] }[] = []
  isUp = true

  constructor(clock: Clock, timeoutMs = 10_000) {
    this.clock = clock
    this.timeoutMs = timeoutMs
  }

  open(options: FakeSessionOptions = {}): FakeSession {
    const session = new FakeSession(this, this.sessions.length + 1, options)
    this.sessions.push(session)
    return session
  }

  /** The quorum is lost: no session is connected, and none expires meanwhile. */
  down(): void {
    this.isUp = false
    for (const session of this.sessions) session.disconnect('the quorum is lost')
  }

  up(): void {
    this.isUp = true
    for (const session of this.sessions) session.reconnect()
  }

  end(): void {
    for (const session of this.sessions) session.forget()
  }
}

/** One session. Its server lets it expire when it was not heard of for the timeout. */
export class FakeSession implements ZooKeeperSession {
  readonly id: number
  readonly timeoutMs: number
  readonly #ensemble: FakeEnsemble
  readonly #awake: () => Promise<void>
  readonly #listeners = new Set<(state: SessionState, why: string) => void>()
  readonly #watches: { readonly path: string; readonly what: 'node' | 'children'; readonly call: () => void }[] = []
  readonly #pending = new Set<(error: Error) => void>()
  #state: SessionState = 'connecting'
  /** When it was last heard of, while it is not connected or its server does not answer. */
  #heard: number | undefined
  #frozen = false
  #cut = false
  #timers: (() => void)[] = []

  constructor(ensemble: FakeEnsemble, id: number, options: FakeSessionOptions) {
    this.id = id
    this.timeoutMs = ensemble.timeoutMs
    this.#ensemble = ensemble
    this.#awake = options.awake ?? (async () => undefined)
    queueMicrotask(() => {
      this.reconnect()
    })
  }

  get state(): SessionState {
    return this.#state
  }

  get safeUntil(): number {
    if (this.#state === 'connecting') return 0
    return (this.#heard ?? this.#ensemble.clock.monotonic()) + this.timeoutMs
  }

  readonly onState = (listener: (state: SessionState, why: string) => void): (() => void) => {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  readonly children = (path: string, watch?: () => void): Promise<readonly string[] | undefined> =>
    this.#call('children', [path], () => {
      const names = this.#ensemble.tree.children(path)
      if (names !== undefined) this.#watch(path, 'children', watch)
      return names
    })

  readonly get = (path: string, watch?: () => void): Promise<NodeData | undefined> =>
    this.#call('get', [path], () => {
      this.#watch(path, 'node', watch)
      return this.#ensemble.tree.get(path)
    })

  readonly exists = (path: string, watch?: () => void): Promise<boolean> =>
    this.#call('exists', [path], () => {
      this.#watch(path, 'node', watch)
      return this.#ensemble.tree.get(path) !== undefined
    })

  readonly create: ZooKeeperSession['create'] = (path, data, options) =>
    this.#call('create', [path], () => {
      const made = this.#ensemble.tree.create(path, data, this.id, options)
      this.#ensemble.done.push({ session: this.id, ops: [{ kind: 'create', path: made, data }] })
      return made
    })

  readonly set: ZooKeeperSession['set'] = async (path, data, version) => {
    await this.#change('set', [{ kind: 'set', path, data, version }])
    return version + 1
  }

  readonly delete: ZooKeeperSession['delete'] = (path, version) =>
    this.#change('delete', [{ kind: 'delete', path, version }])

  readonly multi: ZooKeeperSession['multi'] = (ops) => this.#change('multi', ops)

  readonly sync = (path: string): Promise<void> => this.#call('sync', [path], () => undefined)

  readonly close = async (): Promise<void> => {
    if (this.#isOver()) return
    if (this.#state === 'connected' && !this.#frozen) this.#ensemble.tree.end(this.id)
    this.#finish('closed', 'closed')
  }

  /** The connection is lost, and the client knows. */
  disconnect(why: string): void {
    if (this.#isOver() || this.#cut) return
    this.#heard ??= this.#ensemble.clock.monotonic()
    this.#expireLater()
    this.#to('suspended', why)
  }

  /** A server takes it, if it has not expired. */
  reconnect(): void {
    if (this.#isOver() || this.#cut || !this.#ensemble.isUp) return
    if (this.#state === 'connected' && !this.#frozen) return
    this.#cancel()
    this.#heard = undefined
    this.#frozen = false
    this.#to('connected', 'connected')
    for (const { call } of this.#watches.splice(0)) void this.#awake().then(call)
  }

  /** Its server takes bytes and says nothing. */
  freeze(): void {
    this.#frozen = true
    this.#heard = this.#ensemble.clock.monotonic()
    this.#expireLater()
    this.#later((this.timeoutMs * 2) / 3, () => {
      this.disconnect('the server does not answer')
    })
  }

  /** Its process is gone, or stands still: the servers do not hear of it any more. */
  cut(): void {
    this.#cut = true
    this.#heard ??= this.#ensemble.clock.monotonic()
    this.#expireLater()
  }

  /** Its process goes on. */
  uncut(): void {
    if (!this.#cut) return
    this.#cut = false
    if (this.#isOver()) return
    this.disconnect('nothing was heard for long')
    this.reconnect()
  }

  /** The servers let it expire now. */
  expire(): void {
    if (this.#isOver()) return
    this.#ensemble.tree.end(this.id)
    this.#finish('expired', 'the session expired')
  }

  forget(): void {
    this.#cancel()
  }

  changed(path: string, what: 'node' | 'children'): void {
    if (this.#state !== 'connected' || this.#frozen || this.#cut) return
    const hit = this.#watches.filter((watch) => watch.path === path && watch.what === what)
    for (const watch of hit) {
      this.#watches.splice(this.#watches.indexOf(watch), 1)
      void this.#awake().then(watch.call)
    }
  }

  #change(what: string, ops: readonly ZooKeeperOp[]): Promise<void> {
    const paths = ops.map(({ path }) => path)
    return this.#call(what, paths, () => {
      this.#ensemble.tree.multi(ops, this.id)
      this.#ensemble.done.push({ session: this.id, ops })
    })
  }

  async #call<T>(what: string, paths: readonly string[], work: () => T): Promise<T> {
    const fail = (code: 'ZK_NOT_CONNECTED' | 'ZK_CONNECTION_LOSS' | 'ZK_EXPIRED' | 'ZK_CLOSED'): never => {
      throw new ZooKeeperError(code, `${what} ${paths.join(' ')}: ${code}`)
    }
    if (this.#state === 'expired') fail('ZK_EXPIRED')
    if (this.#state === 'closed') fail('ZK_CLOSED')
    if (this.#state !== 'connected') fail('ZK_NOT_CONNECTED')
    if (this.#frozen || this.#cut) {
      await new Promise<never>((_resolve, reject) => {
        this.#pending.add(() => {
          reject(new ZooKeeperError('ZK_CONNECTION_LOSS', `${what} ${paths.join(' ')}: no answer`))
        })
      })
    }
    const lost = this.#ensemble.lose(what, paths, this)
    const outcome = lost === 'before' ? undefined : settled(work)
    if (lost !== undefined) {
      this.disconnect('the connection was reset')
      this.#later(200, () => {
        this.reconnect()
      })
      await this.#awake()
      fail('ZK_CONNECTION_LOSS')
    }
    await this.#awake()
    if (outcome === undefined) throw new Error('no outcome')
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  #watch(path: string, what: 'node' | 'children', call: (() => void) | undefined): void {
    if (call !== undefined) this.#watches.push({ path, what, call })
  }

  #expireLater(): void {
    const look = (): void => {
      if (this.#heard === undefined || this.#isOver()) return
      if (this.#ensemble.isUp) this.expire()
      else this.#later(this.timeoutMs, look)
    }
    const left = (this.#heard ?? 0) + this.timeoutMs - this.#ensemble.clock.monotonic()
    this.#later(Math.max(0, left), look)
  }

  /** Of the servers, or of the client where that is alive all the same. */
  #later(ms: number, call: () => void): void {
    this.#timers.push(this.#ensemble.clock.timer(ms, call))
  }

  #cancel(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers = []
  }

  #isOver(): boolean {
    return this.#state === 'expired' || this.#state === 'closed'
  }

  #finish(state: 'expired' | 'closed', why: string): void {
    this.#cancel()
    this.#watches.length = 0
    this.#to(state, why)
  }

  #to(state: SessionState, why: string): void {
    if (this.#state === state) return
    this.#state = state
    if (state !== 'connected') {
      for (const reject of this.#pending) reject(new Error(why))
      this.#pending.clear()
    }
    for (const listener of [...this.#listeners]) {
      void this.#awake().then(() => {
        if (this.#state === state) listener(state, why)
      })
    }
  }
}

function settled<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: work() }
  } catch (error) {
    return { error }
  }
}
