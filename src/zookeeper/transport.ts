/** One server of an ensemble. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/** What a byte stream tells. `onClose` comes once, whatever the reason, and nothing after it. */
export interface ByteStreamListener {
  readonly onOpen: () => void
  readonly onData: (chunk: Uint8Array) => void
  readonly onClose: (why: string) => void
}

/** An open or opening stream of bytes to one server. */
export interface ByteStream {
  readonly write: (bytes: Uint8Array) => void
  /** Lets go at once. Nothing is told to the listener any more. */
  readonly destroy: () => void
}

/** Opens a stream of bytes. Never throws and calls nobody before it has returned. */
export type Connect = (server: ServerAddress, listener: ByteStreamListener) => ByteStream
