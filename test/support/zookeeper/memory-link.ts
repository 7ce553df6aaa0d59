import type { Cancel, Clock } from '../../../src/core/clock.ts'
import type { ServerConnection, Wire } from '../../../src/embedded/zookeeper/server-connection.ts'
import type { ByteStreamListener, Connect, ServerAddress } from '../../../src/zookeeper/transport.ts'

interface Servers {
  /** @returns -1: nobody of that name */
  readonly find: (address: ServerAddress) => number
  readonly accept: (server: number, wire: Wire) => ServerConnection | undefined
  readonly delayMs: () => number
}

/** Streams of bytes without sockets: everything moves by promises, or by the clock where it takes time. */
export class Clients {
  readonly #clock: Clock
  readonly #servers: Servers
  readonly #links = new Map<MemoryLink, string>()
  readonly #blocked = new Set<string>()

  constructor(clock: Clock, servers: Servers) {
    this.#clock = clock
    this.#servers = servers
  }

  connect(client: string): Connect {
    return (address, listener) => {
      const link: MemoryLink = new MemoryLink({
        clock: this.#clock,
        servers: this.#servers,
        server: this.#servers.find(address),
        listener,
        blocked: () => this.#blocked.has(client),
        onOver: () => this.#links.delete(link),
      })
      this.#links.set(link, client)
      return link
    }
  }

  cut(client: string): void {
    for (const [link, of] of [...this.#links]) if (of === client) link.cut('connection reset')
  }

  /** What is swallowed does not come later: streams of a blocked client stay silent for ever. */
  block(client: string, blocked: boolean): void {
    if (blocked) this.#blocked.add(client)
    else this.#blocked.delete(client)
    for (const [link, of] of this.#links) if (of === client && blocked) link.swallow()
  }

  close(): void {
    for (const link of [...this.#links.keys()]) link.destroy()
  }
}

interface LinkOptions {
  readonly clock: Clock
  readonly servers: Servers
  readonly server: number
  readonly listener: ByteStreamListener
  readonly blocked: () => boolean
  readonly onOver: () => void
}

/** One stream. What was sent arrives in order, and before the end of it. */
class MemoryLink {
  readonly #options: LinkOptions
  readonly #timers = new Set<Cancel>()
  #connection: ServerConnection | undefined
  #swallowed: boolean
  #over = false

  constructor(options: LinkOptions) {
    this.#options = options
    this.#swallowed = options.blocked()
    this.#later(() => {
      this.#open()
    })
  }

  readonly write = (bytes: Uint8Array): void => {
    this.#later(() => this.#connection?.receive(bytes))
  }

  readonly destroy = (): void => {
    if (this.#over) return
    this.#over = true
    // The server learns of it after what was sent before.
    this.#later(() => this.#connection?.left())
    this.#options.onOver()
  }

  /** For the client it broke. */
  cut(why: string): void {
    if (this.#over) return
    const { listener, onOver } = this.#options
    this.#over = true
    for (const cancel of this.#timers) cancel()
    if (!this.#swallowed) this.#connection?.left()
    onOver()
    queueMicrotask(() => {
      listener.onClose(why)
    })
  }

  swallow(): void {
    this.#swallowed = true
  }

  #open(): void {
    const { listener, server, servers } = this.#options
    const wire: Wire = {
      send: (bytes) => {
        this.#later(() => {
          if (!this.#over) listener.onData(bytes)
        })
      },
      close: () => {
        this.#later(() => {
          this.#closed('the server closed it')
        })
      },
    }
    if (this.#over) return
    const connection = server === -1 ? undefined : servers.accept(server, wire)
    this.#connection = connection
    if (connection === undefined) this.#closed('connect ECONNREFUSED')
    else listener.onOpen()
  }

  #closed(why: string): void {
    if (this.#over) return
    this.#over = true
    this.#options.onOver()
    this.#options.listener.onClose(why)
  }

  /** In order: timers of the same delay fire as they were set, and so do microtasks. */
  #later(work: () => void): void {
    const { clock, servers } = this.#options
    const ready = (): void => {
      if (!this.#swallowed) work()
    }
    const ms = servers.delayMs()
    if (ms === 0) {
      queueMicrotask(ready)
      return
    }
    const cancel: Cancel = clock.timer(ms, () => {
      this.#timers.delete(cancel)
      ready()
    })
    this.#timers.add(cancel)
  }
}
