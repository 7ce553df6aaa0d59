/** Thrown into the response: the connection is reset, no last chunk. */
class StreamReset extends Error {
  override readonly name = 'StreamReset'
}

/** Splits a record into the pieces that leave as one HTTP chunk each; Mesos itself sends one chunk a record. */
export type Fragment = (record: Buffer) => readonly Buffer[]

const WHOLE: Fragment = (record) => [record]

/** The body of a subscription: RecordIO records, until somebody ends it. */
export class EventStream implements AsyncIterable<Uint8Array> {
  readonly #fragment: Fragment
  readonly #chunks: Buffer[] = []
  #wake: (() => void) | undefined
  #end: 'open' | 'ended' | 'reset' = 'open'
  #silent = false

  constructor(fragment: Fragment = WHOLE) {
    this.#fragment = fragment
  }

  get open(): boolean {
    return this.#end === 'open'
  }

  /** Nothing leaves from now on, although the connection stays open: a frozen master, a dead link. */
  silence(): void {
    this.#silent = true
  }

  send(event: unknown): void {
    if (!this.open || this.#silent) return
    this.#chunks.push(...this.#fragment(record(event)))
    this.#wake?.()
  }

  /** The first half of a record, then the end. */
  half(event: unknown): void {
    if (!this.open) return
    const bytes = record(event)
    this.#chunks.push(bytes.subarray(0, Math.ceil(bytes.length / 2)))
    this.end()
  }

  /** The last chunk; the TCP connection stays open, as with a real master. */
  end(): void {
    if (!this.open) return
    this.#end = 'ended'
    this.#wake?.()
  }

  reset(): void {
    if (!this.open) return
    this.#end = 'reset'
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      for (let chunk = this.#chunks.shift(); chunk !== undefined; chunk = this.#chunks.shift()) yield chunk
      if (this.#end === 'ended') return
      if (this.#end === 'reset') throw new StreamReset('the embedded Mesos master reset the subscription')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }
}

function record(event: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(event))
  return Buffer.concat([Buffer.from(`${body.length}\n`), body])
}
