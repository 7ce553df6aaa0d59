import type { Cancel, Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Instant } from '../core/model.ts'
import * as calls from './calls.ts'
import type { Connection, Request } from './connection.ts'
import { ZooKeeperError } from './errors.ts'
import { Lease, type Moment, momentOf } from './lease.ts'
import { Link } from './link.ts'
import { fromServer } from './server-codes.ts'
import type {
  CreateOptions,
  NodeData,
  SessionState,
  ZooKeeperOp,
  ZooKeeperOptions,
  ZooKeeperSession,
} from './session.ts'
import { type Watch, Watches, type WatchKind } from './watches.ts'

/** How long `close` waits for the server. */
const CLOSE_MS = 1_000

type Listener = (state: SessionState, why: string) => void

/** `ZooKeeperSession` over the wire. */
export class Client implements ZooKeeperSession {
  readonly #clock: Clock
  readonly #log: Log
  readonly #link: Link
  readonly #lease: Lease
  readonly #owned: boolean
  readonly #watches = new Watches()
  readonly #listeners = new Set<Listener>()
  #state: SessionState = 'connecting'
  #connection: Connection | undefined
  #cancelExpiry: Cancel = () => undefined
  #toldUnreachable = false
  #closing: Promise<void> | undefined

  constructor(options: ZooKeeperOptions) {
    const { clock, ensemble, log, proof = 'quorum' } = options
    this.#clock = clock
    this.#log = log
    this.#owned = ensemble.auth !== undefined
    this.#lease = new Lease(clock, proof)
    this.#link = new Link({
      ...options,
      onAttached: ({ timeoutMs }, sent, isNew) => {
        this.#lease.attached(sent, timeoutMs, isNew)
        this.#alive(sent)
      },
      onReady: (connection) => {
        this.#connected(connection)
      },
      onEvent: (kind, path) => {
        for (const watch of this.#watches.take(kind, path)) this.#call(watch)
      },
      onAnswered: (sent, isWrite) => {
        this.#lease.answered(sent, isWrite)
        this.#alive(sent)
      },
      onExpired: () => {
        this.#finish('expired', 'a server of the ensemble says that the session has expired')
      },
      onLost: (server, why) => {
        this.#lost(server, why)
      },
    })
  }

  get state(): SessionState {
    return this.#state
  }

  get timeoutMs(): number {
    return this.#link.timeoutMs
  }

  get safeUntil(): Instant {
    return this.#lease.safeUntil
  }

  readonly onState = (listener: Listener): Cancel => {
    // A wrapper, so that one function may listen twice.
    const own: Listener = (state, why) => {
      listener(state, why)
    }
    this.#listeners.add(own)
    return () => {
      this.#listeners.delete(own)
    }
  }

  readonly children = (path: string, watch?: Watch): Promise<readonly string[] | undefined> =>
    this.#request(calls.children(path, this.#keep(path, watch)))

  readonly get = async (path: string, watch?: Watch): Promise<NodeData | undefined> => {
    for (;;) {
      const found = await this.#request(calls.get(path, this.#keep(path, watch)))
      // Only `exists` waits for a node that is not there. It may come to be between the two questions.
      if (found !== undefined || watch === undefined || !(await this.exists(path, watch))) return found
    }
  }

  readonly exists = async (path: string, watch?: Watch): Promise<boolean> =>
    (await this.#request(calls.exists(path, this.#keep(path, watch)))) === true

  readonly create = (path: string, data: Buffer, options: CreateOptions = {}): Promise<string> =>
    this.#request(calls.create(path, data, options, this.#owned))

  readonly set = (path: string, data: Buffer, version: number): Promise<number> =>
    this.#request(calls.set(path, data, version))

  readonly delete = async (path: string, version: number): Promise<void> => {
    await this.#request(calls.remove(path, version))
  }

  readonly multi = async (ops: readonly ZooKeeperOp[]): Promise<void> => {
    const failed = await this.#request(calls.multi(ops, this.#owned))
    if (failed === undefined) return
    const { operation, error } = failed
    const op = ops[operation]
    throw fromServer(`multi of ${ops.length}: ${op?.kind ?? '?'} ${op?.path ?? '?'}`, error, op?.path, operation)
  }

  readonly sync = async (path: string): Promise<void> => {
    await this.#request(calls.sync(path))
  }

  readonly close = (): Promise<void> => {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const connection = this.#connection
    if (connection !== undefined) {
      const waited = new AbortController()
      const answered = connection.request(calls.closeSession()).catch((error: unknown) => {
        this.#log.debug({ err: error }, 'ZooKeeper session closed without an answer; it ends by its timeout')
      })
      await Promise.race([answered, this.#clock.sleep(CLOSE_MS, waited.signal).catch(() => undefined)])
      waited.abort()
    }
    this.#finish('closed', 'closed')
  }

  #keep(path: string, watch: Watch | undefined): ((kind: WatchKind) => void) | undefined {
    if (watch === undefined) return undefined
    return (kind) => {
      this.#watches.add(kind, path, watch)
    }
  }

  #request<T>(request: Request<T>): Promise<T> {
    if (this.#connection !== undefined && this.#closing === undefined) return this.#connection.request(request)
    return Promise.reject(this.#refusal(request))
  }

  #refusal({ what, path }: Pick<Request<unknown>, 'what' | 'path'>): ZooKeeperError {
    if (this.#state === 'expired') {
      return new ZooKeeperError('ZK_EXPIRED', `${what}: the session has expired`, { path })
    }
    if (this.#closing !== undefined) return new ZooKeeperError('ZK_CLOSED', `${what}: the session is closed`, { path })
    return new ZooKeeperError('ZK_NOT_CONNECTED', `${what}: no ZooKeeper server is connected; nothing was sent`, {
      path,
    })
  }

  #connected(connection: Connection): void {
    this.#connection = connection
    for (const paths of this.#watches.paths()) connection.setWatches(this.#link.lastZxid, paths)
    this.#toldUnreachable = false
    this.#log.info({ server: connection.name, timeoutMs: this.timeoutMs }, 'connected to ZooKeeper')
    this.#become('connected', `connected to ${connection.name}`)
  }

  #lost(server: string, why: string): void {
    const wasConnected = this.#connection !== undefined
    this.#connection = undefined
    if (wasConnected) {
      this.#log.warn({ server, why }, 'connection to ZooKeeper lost')
      this.#become('suspended', `the connection to ${server} was lost: ${why}`)
    } else if (this.#toldUnreachable) {
      this.#log.debug({ server, why }, 'ZooKeeper server not reached')
    } else {
      this.#toldUnreachable = true
      this.#log.warn({ server, why }, 'ZooKeeper server not reached; trying on')
    }
  }

  /** A server answered a request that was sent then: the session lives on from there, for all that we know. */
  #alive(sent: Moment): void {
    this.#cancelExpiry()
    if (this.#isOver()) return
    const leftMs = this.timeoutMs - (momentOf(this.#clock).monotonic - sent.monotonic)
    this.#cancelExpiry = this.#clock.timer(Math.max(0, leftMs), () => {
      this.#finish('expired', `no ZooKeeper server answered for the session timeout of ${this.timeoutMs} ms`)
    })
  }

  #isOver(): boolean {
    return this.#state === 'expired' || this.#state === 'closed'
  }

  #finish(state: 'expired' | 'closed', why: string): void {
    if (this.#isOver()) return
    this.#connection = undefined
    this.#cancelExpiry()
    this.#lease.end()
    this.#watches.clear()
    if (state === 'expired') this.#log.warn({ why }, 'ZooKeeper session expired')
    this.#become(state, why)
    const code = state === 'expired' ? 'ZK_EXPIRED' : 'ZK_CLOSED'
    this.#link.stop(new ZooKeeperError(code, `${why}; a request that was under way may have been done`))
    this.#listeners.clear()
  }

  #become(state: SessionState, why: string): void {
    this.#state = state
    for (const listener of [...this.#listeners]) {
      this.#call(() => {
        listener(state, why)
      })
    }
  }

  /** What others do with an event must not break the connection. */
  #call(callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.#log.error({ err: error }, 'a listener of the ZooKeeper session failed')
    }
  }
}
