import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** A connection to a server as anybody may open one, who sends what he likes. */
export class RawCaller {
  readonly socket: Socket
  #received = ''
  readonly #closed: Promise<void>

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.setEncoding('latin1').on('data', (chunk: string) => {
      this.#received += chunk
    })
    // A connection that is cut while something is written says so; it ends all the same.
    this.socket.on('error', () => undefined)
    this.#closed = new Promise((resolve) => {
      this.socket.once('close', () => {
        resolve()
      })
    })
  }

  get received(): string {
    return this.#received
  }

  /** Of the first answer. */
  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.#received)?.[1])
  }

  /** How many answers came. */
  get answers(): number {
    return this.#received.match(/HTTP\/1\.1 \d{3}/g)?.length ?? 0
  }

  send(text: string): this {
    if (this.socket.writable) this.socket.write(text, 'latin1')
    return this
  }

  /** Resolves when the server has ended the connection. */
  async closed(): Promise<this> {
    await this.#closed
    return this
  }

  /** Resolves when what came so far fits. */
  async until(pattern: RegExp): Promise<this> {
    while (!pattern.test(this.#received)) await once(this.socket, 'data')
    return this
  }
}

export async function listenOnLoopback(app: FastifyInstance): Promise<number> {
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  return Number(port)
}
