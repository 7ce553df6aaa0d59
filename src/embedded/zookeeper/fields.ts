/**
 * ZooKeeper's encoding for the simulated servers, by formats: `i` int, `q` long (bigint), `?` yes or no, `s` text,
 * `b` bytes. It shares nothing with the program's own, on purpose.
 */

export type Field = number | bigint | boolean | string | Buffer

export function pack(format: string, ...fields: readonly Field[]): Buffer {
  if (format.length !== fields.length) throw new Error(`${format} for ${fields.length} fields`)
  return Buffer.concat(fields.map((field, at) => packField(format.charAt(at), field)))
}

function packField(kind: string, field: Field): Buffer {
  const out = Buffer.alloc(kind === 'q' ? 8 : kind === '?' ? 1 : 4)
  if (kind === 'q') out.writeBigInt64BE(field as bigint)
  else if (kind === '?') out[0] = field === true ? 1 : 0
  else if (kind === 'i') out.writeInt32BE(Number(field))
  else {
    const bytes = Buffer.isBuffer(field) ? field : Buffer.from(String(field))
    out.writeInt32BE(bytes.length)
    return Buffer.concat([out, bytes])
  }
  return out
}

/** Takes fields off the front of a packet; anything impossible throws. */
export class Fields {
  #rest: Buffer

  constructor(packet: Buffer) {
    this.#rest = packet
  }

  get empty(): boolean {
    return this.#rest.length === 0
  }

  int(): number {
    return this.#cut(4).readInt32BE()
  }

  long(): bigint {
    return this.#cut(8).readBigInt64BE()
  }

  yes(): boolean {
    return this.#cut(1)[0] !== 0
  }

  bytes(): Buffer {
    const length = this.int()
    return length < 0 ? Buffer.alloc(0) : Buffer.from(this.#cut(length))
  }

  text(): string {
    return this.bytes().toString()
  }

  texts(): string[] {
    const texts: string[] = []
    for (let left = this.int(); left > 0; left--) texts.push(this.text())
    return texts
  }

  #cut(length: number): Buffer {
    if (length > this.#rest.length) throw new Error(`${length} bytes of ${this.#rest.length}`)
    const cut = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return cut
  }
}
