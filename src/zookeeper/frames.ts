import { malformed } from './jute.ts'

/** The server's own limit for what it takes (`jute.maxbuffer`); it cuts the connection at more. */
export const MAX_SENT_BYTES = 0xfffff
/** A list of some 100 000 children; more than this is not read. */
export const MAX_RECEIVED_BYTES = 4 * 1024 * 1024
const LENGTH_BYTES = 4

/** Puts the length before a packet. */
export function frame(packet: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeInt32BE(packet.length)
  return Buffer.concat([length, packet])
}

/** Cuts a stream of bytes into packets. A chunk may end anywhere; a packet is copied once. */
export class FrameReader {
  #pending: Uint8Array[] = []
  #size = 0
  #need: number | undefined

  /**
   * @returns the packets that this chunk completes
   * @throws ZooKeeperError ZK_MALFORMED on an impossible length; the stream is of no more use
   */
  push(chunk: Uint8Array): Buffer[] {
    this.#pending.push(chunk)
    this.#size += chunk.length
    if (this.#size < (this.#need ?? LENGTH_BYTES)) return []
    let rest = Buffer.concat(this.#pending)
    const packets: Buffer[] = []
    for (;;) {
      if (this.#need === undefined) {
        if (rest.length < LENGTH_BYTES) break
        this.#need = readLength(rest)
        rest = rest.subarray(LENGTH_BYTES)
      }
      if (rest.length < this.#need) break
      packets.push(rest.subarray(0, this.#need))
      rest = rest.subarray(this.#need)
      this.#need = undefined
    }
    this.#pending = [rest]
    this.#size = rest.length
    return packets
  }
}

function readLength(bytes: Buffer): number {
  const length = bytes.readInt32BE()
  if (length < 0 || length > MAX_RECEIVED_BYTES) {
    throw malformed(`a packet of ${length} bytes, where up to ${MAX_RECEIVED_BYTES} are taken`)
  }
  return length
}
