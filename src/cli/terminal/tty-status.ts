import type { WriteStream } from 'node:tty'
import type { StatusLine } from './status-line.ts'

const BEGIN = '\r\u001b[K'

/** The line that the cursor is in. */
export class TtyStatus implements StatusLine {
  readonly #stream: WriteStream
  #isShown = false

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  show(text: string): void {
    this.#isShown = true
    this.#stream.write(BEGIN + text)
  }

  clear(): void {
    if (!this.#isShown) return
    this.#isShown = false
    this.#stream.write(BEGIN)
  }
}
