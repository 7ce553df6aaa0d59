import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { ServerTls } from './core/tls.ts'

/** What one caller may take from the others: time, memory and connections. */
export interface Limits {
  /** Until the head of a request must be there. */
  readonly headMs: number
  /** Until all of a request must be there; how long its answer takes does not count. */
  readonly requestMs: number
  /** Both are looked at so often. */
  readonly checkMs: number
  /** An open connection on which nothing is asked. */
  readonly keepAliveMs: number
  /** A connection on which nothing moves although something is asked: its caller does not read. */
  readonly idleMs: number
  readonly handshakeMs: number
  readonly connections: number
  readonly headBytes: number
}

/** Proxies keep a connection for 60 s as a rule; it must not be we who close it first. */
export const LIMITS: Limits = {
  headMs: 10_000,
  requestMs: 30_000,
  checkMs: 2_000,
  keepAliveMs: 72_000,
  idleMs: 120_000,
  handshakeMs: 10_000,
  connections: 1_000,
  headBytes: 16_384,
}

const LEAST_TLS = 'TLSv1.2'

/** The sockets below Fastify, with or without TLS. */
export class Listener {
  readonly #limits: Limits
  #tls: ServerTls | undefined
  /** More than one where a name such as localhost has several addresses. */
  readonly #servers: Server[] = []
  /** Those of them with TLS. */
  readonly #secure: SecureServer[] = []

  constructor(tls: ServerTls | undefined, limits: Limits = LIMITS) {
    this.#tls = tls
    this.#limits = limits
  }

  /** For the option `serverFactory`. */
  readonly make = (handler: RequestListener): Server => {
    const { headMs, requestMs, checkMs, keepAliveMs, idleMs, handshakeMs, connections, headBytes } = this.#limits
    const options = {
      headersTimeout: headMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: headBytes,
    }
    let server: Server
    if (this.#tls === undefined) server = createServer(options, handler)
    else {
      const secure = createSecureServer({ ...options, ...contextOf(this.#tls), handshakeTimeout: handshakeMs }, handler)
      this.#secure.push(secure)
      server = secure
    }
    server.maxConnections = connections
    // Beyond a number Node leaves them out: one that a proxy added at the end must not get lost. Their size is bounded.
    server.maxHeadersCount = 0
    server.setTimeout(idleMs)
    this.#servers.push(server)
    return server
  }

  /** Connections from now on are made with this certificate; those that are open stay as they are. */
  renew(tls: ServerTls): void {
    if (this.#tls === undefined || isSame(this.#tls, tls)) return
    this.#tls = tls
    for (const server of this.#secure) server.setSecureContext(contextOf(tls))
  }

  /** The address as it must be called: Fastify does not see that there is TLS. */
  addressOf(told: string): string {
    return this.#tls === undefined ? told : told.replace(/^http:/, 'https:')
  }

  /** Ends what is still open, streams included. */
  cut(): void {
    for (const server of this.#servers) server.closeAllConnections()
  }
}

function contextOf({ cert, key }: ServerTls): {
  readonly cert: string
  readonly key: string
  readonly minVersion: typeof LEAST_TLS
} {
  return { cert, key: key.reveal(), minVersion: LEAST_TLS }
}

function isSame(one: ServerTls, other: ServerTls): boolean {
  return one.cert === other.cert && one.key.reveal() === other.key.reveal()
}
