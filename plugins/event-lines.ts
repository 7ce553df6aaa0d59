import { Readable } from 'node:stream'

/** A reader that is further behind than this is cut off: it comes again and goes on where it was. */
const MOST_BUFFERED = 512 * 1024

export interface Line {
  readonly event: string
  readonly data: string
  readonly id?: number
}

/** Lines of server-sent events to one reader, who may be slow or stuck. */
export class EventLines extends Readable {
  readonly #most: number

  /** @param most characters that may wait for the reader */
  constructor(most = MOST_BUFFERED) {
    super({ read: () => undefined })
    this.#most = most
  }

  /** `false`: the reader was too slow, or has gone. */
  write({ event, data, id }: Line): boolean {
    if (this.destroyed) return false
    const number = id === undefined ? '' : `id: ${id}\n`
    // JSON holds no line break.
    this.push(`${number}event: ${event}\ndata: ${data}\n\n`)
    if (this.readableLength <= this.#most) return true
    this.destroy()
    return false
  }
}
