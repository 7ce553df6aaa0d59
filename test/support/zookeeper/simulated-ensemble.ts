import type { Ensemble } from '../../../src/core/ensemble.ts'
import { Secret } from '../../../src/core/secret.ts'
import { EmbeddedEnsemble, type EmbeddedEnsembleOptions } from '../../../src/embedded/zookeeper/embedded-ensemble.ts'
import type { Connect } from '../../../src/zookeeper/transport.ts'
import { Clients } from './memory-link.ts'

/** The embedded ensemble with ways to it that need no sockets, and with what a network does to them. */
export class SimulatedEnsemble extends EmbeddedEnsemble {
  readonly #clients: Clients
  #delayMs = 0

  constructor(options: EmbeddedEnsembleOptions) {
    super(options)
    this.#clients = new Clients(options.clock, {
      find: ({ host, port }) => this.servers.findIndex((server) => server.host === host && server.port === port),
      accept: (server, wire) => this.accept(server, wire),
      delayMs: () => this.#delayMs,
    })
  }

  /** Where it is, as configuration says it. @param auth `user:password` */
  at(path: string, auth?: string): Ensemble {
    return { servers: this.servers, path, auth: auth === undefined ? undefined : new Secret(auth) }
  }

  /** The way to the servers. The name is for `cutClient` and `blockClient`. */
  connect(client = 'client'): Connect {
    return this.#clients.connect(client)
  }

  /** Breaks the connections of a client; it may connect again. */
  cutClient(client = 'client'): void {
    this.#clients.cut(client)
  }

  /** The network swallows everything between a client and all servers, until unblocked. */
  blockClient(client = 'client'): void {
    this.#clients.block(client, true)
  }

  unblockClient(client = 'client'): void {
    this.#clients.block(client, false)
  }

  /** Everything takes so long each way, in memory. */
  delay(ms: number): void {
    this.#delayMs = ms
  }

  override close(): void {
    super.close()
    this.#clients.close()
  }
}
