import { jittered } from '../core/backoff.ts'
import type { Cancel } from '../core/clock.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import type { Moment } from './lease.ts'
import { type Granted, NO_SESSION, type SessionKey } from './packets.ts'
import type { ZooKeeperOptions } from './session.ts'
import { socketConnect } from './sockets.ts'
import type { ServerAddress } from './transport.ts'

const DEFAULT_TIMEOUT_MS = 10_000
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 5_000
/** Before any try: a server that takes and drops connections must not keep this process busy. */
const SHORTEST_PAUSE_MS = 20
const SHORTEST_ATTACH_MS = 500

export interface LinkOptions extends Omit<ZooKeeperOptions, 'log'> {
  readonly onAttached: (granted: Granted, sent: Moment, isNew: boolean) => void
  readonly onReady: (connection: Connection) => void
  readonly onEvent: ConnectionOptions['onEvent']
  readonly onAnswered: ConnectionOptions['onAnswered']
  readonly onExpired: () => void
  /** A connection ended, or did not come about. The next try is on its way. */
  readonly onLost: (server: string, why: string) => void
}

/** Keeps one session connected to one server after the other, in an order of chance, until it is stopped. */
export class Link {
  readonly #options: LinkOptions
  readonly #connect: ConnectionOptions['connect']
  readonly #servers: readonly ServerAddress[]
  readonly #askedMs: number
  #next = 0
  /** Tries since the last connection that was ready. */
  #tries = 0
  #key: SessionKey = NO_SESSION
  #lastZxid = 0n
  #timeoutMs: number
  #connection: Connection | undefined
  #cancelPause: Cancel = () => undefined
  #stopped = false

  constructor(options: LinkOptions) {
    const { ensemble, random, sessionTimeoutMs = DEFAULT_TIMEOUT_MS, tls } = options
    this.#options = options
    this.#connect = options.connect ?? socketConnect(tls)
    this.#servers = shuffled(ensemble.servers, random)
    this.#askedMs = sessionTimeoutMs
    this.#timeoutMs = sessionTimeoutMs
    // Not before the caller has the session in hand.
    this.#pause(0)
  }

  get timeoutMs(): number {
    return this.#timeoutMs
  }

  /** The last change that this session has seen: no server that is behind it takes the session. */
  get lastZxid(): bigint {
    return this.#lastZxid
  }

  /** @param error for the requests that wait */
  stop(error: unknown): void {
    this.#stopped = true
    this.#cancelPause()
    this.#connection?.destroy(error)
  }

  #pause(ms: number): void {
    this.#cancelPause = this.#options.clock.timer(ms, () => {
      this.#open()
    })
  }

  #open(): void {
    const { clock, ensemble, onAnswered, onEvent, proof = 'quorum' } = this.#options
    const server = this.#servers[this.#next++ % this.#servers.length]
    if (server === undefined) throw new RangeError('an ensemble without a server')
    const connection = new Connection({
      server,
      connect: this.#connect,
      clock,
      key: this.#key,
      lastZxid: this.#lastZxid,
      timeoutMs: this.#askedMs,
      attachMs: this.#attachMs(),
      auth: ensemble.auth,
      proof,
      onAttached: (granted, sent) => {
        this.#attached(granted, sent)
      },
      onReady: () => {
        this.#tries = 0
        this.#options.onReady(connection)
      },
      onZxid: (zxid) => {
        if (zxid > this.#lastZxid) this.#lastZxid = zxid
      },
      onEvent,
      onAnswered,
      onExpired: () => {
        this.#options.onExpired()
      },
      onEnd: (why) => {
        this.#lost(connection.name, why)
      },
    })
    this.#connection = connection
  }

  #attached(granted: Granted, sent: Moment): void {
    const isNew = this.#key.id === 0n
    this.#key = granted.key
    this.#timeoutMs = granted.timeoutMs
    this.#options.onAttached(granted, sent, isNew)
  }

  #lost(server: string, why: string): void {
    this.#connection = undefined
    if (this.#stopped) return
    this.#pause(this.#pauseMs())
    this.#options.onLost(server, why)
  }

  /** Once through all servers quickly: the session has only its timeout to find one. Then ever more slowly. */
  #pauseMs(): number {
    const { random } = this.#options
    const rounds = Math.floor(this.#tries++ / this.#servers.length)
    const capMs = Math.min(LONGEST_PAUSE_MS, this.#key.id === 0n ? LONGEST_PAUSE_MS : this.#timeoutMs / 10)
    return SHORTEST_PAUSE_MS + jittered(FIRST_PAUSE_MS / (rounds === 0 ? 2 : 1), rounds, capMs, random())
  }

  /** Short, so that a frozen server leaves time for the others; longer each round, for servers that are slow. */
  #attachMs(): number {
    const count = this.#servers.length
    const round = Math.floor(this.#tries / count)
    const shareMs = this.#timeoutMs / (this.#key.id === 0n ? count : 2 * count)
    return Math.min(this.#timeoutMs, Math.max(SHORTEST_ATTACH_MS, shareMs) * 2 ** Math.min(round, 10))
  }
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const rest = [...values]
  const order: T[] = []
  while (rest.length > 0) order.push(...rest.splice(Math.floor(random() * rest.length), 1))
  return order
}
