import type { Cancel, Clock } from '../core/clock.ts'
import { messageOf } from '../core/code-of.ts'
import type { Secret } from '../core/secret.ts'
import { ZooKeeperError } from './errors.ts'
import { FrameReader, frame, MAX_SENT_BYTES } from './frames.ts'
import { JuteReader, malformed } from './jute.ts'
import { type Moment, momentOf } from './lease.ts'
import * as packets from './packets.ts'
import { fromServer, SESSION_EXPIRED, SESSION_MOVED } from './server-codes.ts'
import type { ByteStream, Connect, ServerAddress } from './transport.ts'

/** Heartbeats in one timeout: enough for pings; and so that writes prove at least half a timeout ahead. */
const HEARTBEATS = { server: 3, quorum: 6 } as const
/** Part of the timeout after which a server that says nothing is left. */
const SILENT = 2 / 3

export interface ConnectionOptions {
  readonly server: ServerAddress
  readonly connect: Connect
  readonly clock: Clock
  readonly key: packets.SessionKey
  readonly lastZxid: bigint
  readonly timeoutMs: number
  /** For the handshake, the server's answer to the credentials included. */
  readonly attachMs: number
  readonly auth: Secret | undefined
  readonly proof: 'quorum' | 'server'
  readonly onAttached: (granted: packets.Granted, sent: Moment) => void
  /** Requests may be made. */
  readonly onReady: () => void
  readonly onZxid: (zxid: bigint) => void
  readonly onEvent: (kind: packets.WatchEventKind, path: string) => void
  readonly onAnswered: (sent: Moment, isWrite: boolean) => void
  /** The server says that there is no such session any more. */
  readonly onExpired: () => void
  /** Once, also after `onExpired`, unless `destroy` was called. The connection is of no more use. */
  readonly onEnd: (why: string, error: unknown) => void
}

export interface Request<T> {
  readonly body: packets.Body
  /** Begins the message of an error: `get /a/b`. */
  readonly what: string
  readonly path?: string
  readonly isWrite: boolean
  /** Called as soon as the answer is there, before any event that came after it. */
  readonly read: (reader: JuteReader) => T
  /** An error that is an answer. */
  readonly expect?: (error: number) => { readonly value: T } | undefined
}

interface Waiting {
  readonly xid: number
  readonly sent: Moment
  readonly isWrite: boolean
  readonly settle: (header: packets.AnswerHeader, reader: JuteReader) => void
  readonly reject: (error: unknown) => void
}

/** One connection to one server, from opening to its end. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #stream: ByteStream
  readonly #frames = new FrameReader()
  /** Answers come in the order of the requests. */
  readonly #waiting: Waiting[] = []
  readonly #pings: Moment[] = []
  #handshake: Moment | undefined
  #attached = false
  #timeoutMs: number
  #xid = 0
  #over = false
  #cancelDeadline: Cancel
  #cancelHeartbeat: Cancel = () => undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#timeoutMs = options.timeoutMs
    this.#cancelDeadline = options.clock.timer(options.attachMs, () => {
      this.#end(`no session within ${Math.round(options.attachMs)} ms`)
    })
    this.#stream = options.connect(options.server, {
      onOpen: () => {
        if (!this.#over) this.#greet()
      },
      onData: (chunk) => {
        if (!this.#over) this.#receive(chunk)
      },
      onClose: (why) => {
        this.#end(why)
      },
    })
  }

  get name(): string {
    const { host, port } = this.#options.server
    return `${host.includes(':') ? `[${host}]` : host}:${port}`
  }

  request<T>(request: Request<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const { what, path, isWrite, expect, read } = request
      const bytes = packets.packet(this.#xid + 1, request.body)
      if (bytes.length > MAX_SENT_BYTES) {
        const why = `${what}: ${bytes.length} bytes, where a packet may have ${MAX_SENT_BYTES}; nothing was sent`
        reject(new ZooKeeperError('ZK_TOO_BIG', why, { path }))
        return
      }
      const settle: Waiting['settle'] = ({ error }, reader) => {
        const answer = error === 0 ? { value: read(reader) } : expect?.(error)
        if (answer !== undefined) resolve(answer.value)
        else reject(fromServer(what, error, path))
      }
      const rejectNamed = (error: unknown): void => {
        reject(error instanceof ZooKeeperError ? error : this.#lost(what, path, messageOf(error)))
      }
      this.#xid++
      this.#waiting.push({ xid: this.#xid, sent: this.#now(), isWrite, settle, reject: rejectNamed })
      this.#write(bytes)
    })
  }

  setWatches(since: bigint, paths: packets.WatchedPaths): void {
    this.#write(packets.packet(packets.XID.setWatches, packets.setWatches(since, paths)))
  }

  /** Lets go at once; `onEnd` is not called. Requests that wait reject. */
  destroy(error: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#cancelDeadline()
    this.#cancelHeartbeat()
    this.#stream.destroy()
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
  }

  #now(): Moment {
    return momentOf(this.#options.clock)
  }

  #write(packet: Buffer): void {
    this.#stream.write(frame(packet))
  }

  #greet(): void {
    const { key, lastZxid, timeoutMs } = this.#options
    this.#handshake = this.#now()
    this.#write(packets.connectRequest(key, lastZxid, timeoutMs))
  }

  #receive(chunk: Uint8Array): void {
    try {
      if (this.#attached) this.#arm()
      for (const packet of this.#frames.push(chunk)) {
        if (this.#isOver()) return
        if (this.#attached) this.#answer(new JuteReader(packet))
        else this.#attach(packets.readConnectAnswer(packet))
      }
    } catch (error) {
      this.#end(messageOf(error), error)
    }
  }

  /** A method, as TypeScript would take a field that was read once for unchanged. */
  #isOver(): boolean {
    return this.#over
  }

  #attach(granted: packets.Granted): void {
    const { auth, onAttached, onExpired } = this.#options
    if (this.#handshake === undefined) throw malformed('it came before the question')
    if (granted.timeoutMs <= 0) {
      onExpired()
      this.#end('the session has expired')
      return
    }
    this.#attached = true
    this.#timeoutMs = granted.timeoutMs
    onAttached(granted, this.#handshake)
    if (auth === undefined) this.#ready()
    else this.#write(packets.packet(packets.XID.auth, packets.auth(auth.reveal())))
  }

  #ready(): void {
    this.#arm()
    this.#beat()
    this.#options.onReady()
    // A session that this server took on is proved by the first write here.
    if (this.#options.proof === 'quorum' && this.#options.key.id !== 0n && !this.#over) this.#pingByWrite()
  }

  /** Whoever says nothing for this long is frozen or gone. */
  #arm(): void {
    this.#cancelDeadline()
    const ms = Math.floor(this.#timeoutMs * SILENT)
    this.#cancelDeadline = this.#options.clock.timer(ms, () => {
      this.#end(`the server has been silent for ${ms} ms`)
    })
  }

  #beat(): void {
    const { clock, proof } = this.#options
    this.#cancelHeartbeat = clock.timer(Math.floor(this.#timeoutMs / HEARTBEATS[proof]), () => {
      if (proof === 'server') this.#ping()
      else this.#pingByWrite()
      if (!this.#over) this.#beat()
    })
  }

  #ping(): void {
    this.#pings.push(this.#now())
    this.#write(packets.packet(packets.XID.ping, packets.ping))
  }

  /** Looks at the root only, but as a change: a quorum takes it. What comes of it does not matter. */
  #pingByWrite(): void {
    const body = packets.multi([{ kind: 'check', path: '/', version: -1 }], false)
    this.request({ body, what: 'heartbeat', isWrite: true, read: () => undefined }).catch(() => undefined)
  }

  #answer(reader: JuteReader): void {
    const header = packets.readHeader(reader)
    if (header.zxid > 0n) this.#options.onZxid(header.zxid)
    switch (header.xid) {
      case packets.XID.event: {
        const { kind, path } = packets.readEvent(reader)
        this.#options.onEvent(kind, path)
        return
      }
      case packets.XID.ping:
        this.#pinged()
        return
      case packets.XID.auth:
        this.#authenticated(header.error)
        return
      case packets.XID.setWatches:
        if (header.error !== 0) throw fromServer('setting the watches again', header.error)
        return
      default:
        this.#settle(header, reader)
    }
  }

  #pinged(): void {
    const sent = this.#pings.shift()
    if (sent === undefined) throw malformed('an answer to a ping that was not sent')
    this.#options.onAnswered(sent, false)
  }

  #authenticated(error: number): void {
    if (error !== 0) throw fromServer('digest authentication', error)
    this.#ready()
  }

  #settle(header: packets.AnswerHeader, reader: JuteReader): void {
    const waiting = this.#waiting.shift()
    if (waiting?.xid !== header.xid) {
      const wanted = waiting === undefined ? 'none' : String(waiting.xid)
      const error = malformed(`it is for request ${header.xid}, expected was ${wanted}`)
      waiting?.reject(error)
      throw error
    }
    if (header.error === SESSION_EXPIRED) {
      this.#options.onExpired()
      waiting.settle(header, reader)
      this.#end('the session has expired')
      return
    }
    if (header.error === SESSION_MOVED) {
      waiting.settle(header, reader)
      this.#end('the session has moved to another server')
      return
    }
    this.#options.onAnswered(waiting.sent, waiting.isWrite)
    try {
      waiting.settle(header, reader)
    } catch (error) {
      waiting.reject(error)
      throw error
    }
  }

  #end(why: string, error?: unknown): void {
    if (this.#over) return
    this.destroy(new Error(why))
    this.#options.onEnd(why, error)
  }

  #lost(what: string, path: string | undefined, why: string): ZooKeeperError {
    const message = `${what}: the connection to ${this.name} was lost before the answer (${why}); it may have been done`
    return new ZooKeeperError('ZK_CONNECTION_LOSS', message, { path })
  }
}
