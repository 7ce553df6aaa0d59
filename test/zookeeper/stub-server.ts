import { Fields, pack } from '../../src/embedded/zookeeper/fields.ts'
import type { ByteStreamListener, Connect } from '../../src/zookeeper/transport.ts'

/** A server that says what a test wants. The handshake is answered by itself unless told otherwise. */
export class StubServer {
  readonly addresses: string[] = []
  readonly requests: { readonly xid: number; readonly op: number }[] = []
  /** Hexadecimal, without length; `undefined`: silence. */
  handshake: Buffer | undefined = pack('iiqb?', 0, 10_000, 7n, Buffer.alloc(16, 1), false)
  auth = 0
  #listener: ByteStreamListener | undefined
  #attached = false

  readonly connect: Connect = ({ host, port }, listener) => {
    this.addresses.push(`${host}:${port}`)
    this.#listener = listener
    this.#attached = false
    queueMicrotask(listener.onOpen)
    return {
      write: (bytes) => {
        this.#take(Buffer.from(bytes).subarray(4))
      },
      destroy: () => {
        if (this.#listener === listener) this.#listener = undefined
      },
    }
  }

  /** Bytes as they stand. */
  raw(bytes: Buffer): void {
    this.#listener?.onData(bytes)
  }

  say(packet: Buffer): void {
    this.raw(Buffer.concat([pack('i', packet.length), packet]))
  }

  answer(xid: number, error = 0, body: Buffer = Buffer.alloc(0)): void {
    this.say(Buffer.concat([pack('iqi', xid, 1n, error), body]))
  }

  close(): void {
    this.#listener?.onClose('closed by the stub')
  }

  #take(packet: Buffer): void {
    if (!this.#attached) {
      this.#attached = true
      const { handshake } = this
      if (handshake !== undefined) {
        queueMicrotask(() => {
          this.say(handshake)
        })
      }
      return
    }
    const fields = new Fields(packet)
    const request = { xid: fields.int(), op: fields.int() }
    this.requests.push(request)
    if (request.xid === -4) {
      queueMicrotask(() => {
        this.answer(-4, this.auth)
      })
    }
  }
}
