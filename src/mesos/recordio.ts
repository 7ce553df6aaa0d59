/** A stream broke the RecordIO framing. The connection is of no more use: subscribe again. */
class RecordIOError extends Error {
  override readonly name = 'RecordIOError'
  readonly code = 'MESOS_RECORDIO'
}

const NEWLINE = 0x0a
const ZERO = 0x30
const NINE = 0x39
/** The length is a uint64 in decimal digits. */
const MAX_LENGTH_DIGITS = 20
/** Neither Mesos nor its proxies have a limit; offers of a large cluster in one event are a few MB. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024

/**
 * Cuts a Mesos event stream into records.
 *
 * Framing: the record's length in bytes as decimal digits, a newline, then that many bytes. A chunk may end
 * anywhere, inside the length or inside a UTF-8 character, so records are handed out as bytes and decoded by the
 * caller. A record that lies within one chunk is a view of it, any other is copied once. Empty records are skipped.
 *
 * @see https://mesos.apache.org/documentation/latest/recordio/
 */
export class RecordReader {
  readonly #maxRecordBytes: number
  #digits = 0
  #length = 0
  /** A record of which only the beginning came. */
  #partial: Buffer | undefined
  #filled = 0

  /** @param maxRecordBytes a longer record is an error, not a larger buffer */
  constructor(maxRecordBytes: number = MAX_RECORD_BYTES) {
    this.#maxRecordBytes = maxRecordBytes
  }

  /**
   * @returns the records that this chunk completes; they are valid as long as the chunk is not written to
   * @throws RecordIOError on a length that is no number, or a record over the limit
   */
  push(chunk: Buffer): readonly Buffer[] {
    const records: Buffer[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#partial !== undefined) {
        at = this.#fill(this.#partial, chunk, at, records)
        continue
      }
      at = this.#readLength(chunk, at)
      if (at === -1) break
      const length = this.#length
      if (length === 0) {
        this.#digits = 0
      } else if (at + length <= chunk.length) {
        records.push(chunk.subarray(at, at + length))
        at += length
        this.#digits = 0
        this.#length = 0
      } else {
        this.#partial = Buffer.allocUnsafe(length)
        this.#filled = 0
      }
    }
    return records
  }

  /** @throws RecordIOError where the stream ended inside a record or its length */
  end(): void {
    if (this.#partial !== undefined || this.#digits > 0) throw new RecordIOError('the stream ended inside a record')
  }

  #fill(record: Buffer, chunk: Buffer, at: number, records: Buffer[]): number {
    const copied = chunk.copy(record, this.#filled, at, at + record.length - this.#filled)
    this.#filled += copied
    if (this.#filled === record.length) {
      records.push(record)
      this.#partial = undefined
      this.#digits = 0
      this.#length = 0
    }
    return at + copied
  }

  /** @returns where the record begins, or -1 where the chunk ended inside the length */
  #readLength(chunk: Buffer, start: number): number {
    let at = start
    for (; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0
      if (byte === NEWLINE && this.#digits > 0) return at + 1
      if (byte < ZERO || byte > NINE) {
        const seen = JSON.stringify(chunk.toString('latin1', start, Math.min(at + 1, start + 40)))
        throw new RecordIOError(`a record length is not a number: ${seen}`)
      }
      if (++this.#digits > MAX_LENGTH_DIGITS) throw new RecordIOError('a record length never ends')
      this.#length = this.#length * 10 + byte - ZERO
      if (this.#length > this.#maxRecordBytes) {
        throw new RecordIOError(`a record is longer than the limit of ${this.#maxRecordBytes} bytes`)
      }
    }
    return -1
  }
}
