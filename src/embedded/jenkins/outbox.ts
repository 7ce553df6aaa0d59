/** A body that is written while it is read. What was pushed before the end is still read. */
export class Outbox implements AsyncIterable<Uint8Array> {
  readonly #onReturn: () => void
  readonly #chunks: Uint8Array[] = []
  #end: { readonly failure: Error | undefined } | undefined
  #wake: (() => void) | undefined

  /** @param onReturn called when the reader goes before the end */
  constructor(onReturn: () => void) {
    this.#onReturn = onReturn
  }

  push(chunk: Uint8Array): void {
    if (this.#end !== undefined) return
    this.#chunks.push(chunk)
    this.#wake?.()
  }

  end(): void {
    this.#finish(undefined)
  }

  /** The reader gets this thrown: over a socket the connection is reset. */
  fail(failure: Error): void {
    this.#finish(failure)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift()
        if (chunk !== undefined) yield chunk
        else if (this.#end !== undefined) {
          if (this.#end.failure !== undefined) throw this.#end.failure
          return
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
        }
      }
    } finally {
      this.#onReturn()
    }
  }

  #finish(failure: Error | undefined): void {
    this.#end ??= { failure }
    this.#wake?.()
  }
}
