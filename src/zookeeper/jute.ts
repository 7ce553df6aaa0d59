import { ZooKeeperError } from './errors.ts'

/** Writes values as ZooKeeper's jute does: big-endian, strings and buffers with their length before them. */
export class JuteWriter {
  readonly #parts: Buffer[] = []

  int(value: number): this {
    const part = Buffer.alloc(4)
    part.writeInt32BE(value)
    this.#parts.push(part)
    return this
  }

  long(value: bigint): this {
    const part = Buffer.alloc(8)
    part.writeBigInt64BE(value)
    this.#parts.push(part)
    return this
  }

  boolean(value: boolean): this {
    this.#parts.push(Buffer.from([value ? 1 : 0]))
    return this
  }

  buffer(value: Uint8Array): this {
    this.int(value.length)
    this.#parts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength))
    return this
  }

  string(value: string): this {
    return this.buffer(Buffer.from(value, 'utf8'))
  }

  strings(values: readonly string[]): this {
    this.int(values.length)
    for (const value of values) this.string(value)
    return this
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

/** Reads what `JuteWriter` writes. Every read beyond the end, or of an impossible length, is ZK_MALFORMED. */
export class JuteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  int(): number {
    return this.#take(4, 'a number').readInt32BE()
  }

  long(): bigint {
    return this.#take(8, 'a number').readBigInt64BE()
  }

  boolean(): boolean {
    const byte = this.#take(1, 'a yes or no')[0]
    if (byte !== 0 && byte !== 1) throw malformed(`${byte ?? 'nothing'} is neither yes nor no`)
    return byte === 1
  }

  /** A copy: the packet may be freed. The length -1, which stands for no buffer, gives an empty one. */
  buffer(): Buffer {
    const length = this.int()
    if (length === -1) return Buffer.alloc(0)
    return Buffer.from(this.#take(length, 'a text or data'))
  }

  string(): string {
    return this.buffer().toString('utf8')
  }

  strings(): string[] {
    const count = this.int()
    if (count === -1) return []
    // Each takes four bytes at least: a count that cannot be true must not cost memory.
    if (count < 0 || count * 4 > this.left) throw malformed(`a list of ${count} with ${this.left} bytes left`)
    return Array.from({ length: count }, () => this.string())
  }

  #take(length: number, what: string): Buffer {
    if (length < 0 || length > this.left) {
      throw malformed(`${what} of ${length} bytes with ${this.left} bytes left`)
    }
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return taken
  }
}

/** An answer that is not of this protocol. */
export function malformed(what: string): ZooKeeperError {
  return new ZooKeeperError('ZK_MALFORMED', `an answer of the ZooKeeper server cannot be read: ${what}`)
}
