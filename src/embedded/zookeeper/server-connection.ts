import { Fields, pack } from './fields.ts'
import { type Acl, type Asking, digestOf, FAULT, Fault, type TreeEvent } from './tree.ts'

/** The client's end, as a server sees it. */
export interface Wire {
  readonly send: (bytes: Buffer) => void
  readonly close: () => void
}

export interface SessionRecord {
  readonly id: bigint
  readonly password: Buffer
  readonly timeoutMs: number
  /** Where the client is connected. */
  connection: ServerConnection | undefined
}

/** What one connection needs of its server and the ensemble. */
export interface Server {
  /** Reads what comes at all: not frozen. */
  readonly awake: () => boolean
  /** Has a leading server with a quorum behind it. */
  readonly inQuorum: () => boolean
  /** Answers a handshake. @returns `undefined`: no such session */
  readonly attach: (connection: ServerConnection, asked: Handshake) => SessionRecord | undefined
  readonly lastZxid: () => bigint
  readonly touch: (session: SessionRecord) => void
  readonly endSession: (session: SessionRecord) => void
  readonly read: (op: number, fields: Fields, asking: Asking, watcher: ServerConnection) => Buffer
  /** One or more operations as one change, and the events of it told to whoever watches. */
  readonly write: (ops: readonly WriteOp[], asking: Asking) => readonly Buffer[]
  readonly setWatches: (fields: Fields, watcher: ServerConnection) => readonly TreeEvent[]
  /** Called before and after each change; `true` breaks the connection there. */
  readonly breakBefore: () => boolean
  readonly breakAfter: () => boolean
  readonly gone: (connection: ServerConnection) => void
}

export interface Handshake {
  readonly lastZxid: bigint
  readonly timeoutMs: number
  readonly id: bigint
  readonly password: Buffer
}

export interface WriteOp {
  readonly op: number
  readonly path: string
  readonly data: Buffer
  readonly version: number
  readonly flags: number
  readonly acl: readonly Acl[]
}

const OP = {
  create: 1,
  delete: 2,
  set: 5,
  sync: 9,
  ping: 11,
  check: 13,
  multi: 14,
  auth: 100,
  watches: 101,
  close: -11,
}
const WRITES: readonly number[] = [OP.create, OP.delete, OP.set, OP.multi, OP.close]
const EVENT_NUMBERS = { created: 1, deleted: 2, changed: 3, children: 4 } as const

/** A multi that failed: which operation, and how. */
class MultiFault extends Error {
  readonly at: number
  readonly fault: Fault

  constructor(at: number, fault: Fault) {
    super(fault.message)
    this.at = at
    this.fault = fault
  }
}

/** One client at one simulated server. */
export class ServerConnection {
  readonly #server: Server
  readonly #wire: Wire
  readonly #digests: string[] = []
  #bytes: Buffer = Buffer.alloc(0)
  #packets: Buffer[] = []
  #over = false
  #pumping = false
  /** The client went while this server was frozen. */
  #leaving = false
  session: SessionRecord | undefined

  constructor(server: Server, wire: Wire) {
    this.#server = server
    this.#wire = wire
  }

  receive(chunk: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    while (this.#bytes.length >= 4 && this.#bytes.length >= 4 + this.#bytes.readInt32BE()) {
      const length = this.#bytes.readInt32BE()
      if (length < 0 || length > 0xfffff) {
        this.cut()
        return
      }
      this.#packets.push(this.#bytes.subarray(4, 4 + length))
      this.#bytes = this.#bytes.subarray(4 + length)
    }
    this.pump()
  }

  /** Works off what has come, as far as the server can. */
  pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    try {
      for (;;) {
        const packet = this.#packets[0]
        if (this.#over || !this.#server.awake()) return
        if (packet === undefined || (this.#needsQuorum(packet) && !this.#server.inQuorum())) {
          if (this.#leaving) this.left()
          return
        }
        this.#packets.shift()
        if (this.session === undefined) this.#attach(new Fields(packet))
        else this.#serve(this.session, new Fields(packet))
      }
    } finally {
      this.#pumping = false
    }
  }

  tell({ name, path }: TreeEvent): void {
    this.#send(Buffer.concat([pack('iqi', -1, -1n, 0), pack('iis', EVENT_NUMBERS[name], 3, path)]))
  }

  /** The server closes it. */
  cut(): void {
    if (this.#over) return
    this.#leaving = true
    this.left()
    this.#wire.close()
  }

  /** The client has gone. A frozen server finds what came before that when it wakes up, and does it. */
  left(): void {
    if (this.#over) return
    if (!this.#server.awake() && !this.#leaving) {
      this.#leaving = true
      return
    }
    this.#over = true
    this.#server.gone(this)
    if (this.session?.connection === this) this.session.connection = undefined
  }

  #needsQuorum(packet: Buffer): boolean {
    if (this.session === undefined) return true
    const op = packet.readInt32BE(4)
    return WRITES.includes(op) || op === OP.sync
  }

  #attach(fields: Fields): void {
    fields.int()
    const asked = { lastZxid: fields.long(), timeoutMs: fields.int(), id: fields.long(), password: fields.bytes() }
    // A client that has seen more than this server is sent away.
    if (asked.lastZxid > this.#server.lastZxid()) {
      this.cut()
      return
    }
    const session = this.#server.attach(this, asked)
    this.session = session
    const { timeoutMs, id, password } = session ?? { timeoutMs: 0, id: 0n, password: Buffer.alloc(16) }
    this.#send(pack('iiqb?', 0, timeoutMs, id, password, false))
    if (session === undefined) this.cut()
  }

  #serve(session: SessionRecord, fields: Fields): void {
    const [xid, op] = [fields.int(), fields.int()]
    if (session.connection !== this) {
      this.#answer(xid, FAULT.moved)
      return
    }
    this.#server.touch(session)
    if (op === OP.auth) this.#authenticate(xid, fields)
    else if (op === OP.ping) this.#answer(xid, 0)
    else if (op === OP.sync) this.#answer(xid, 0, pack('s', fields.text()))
    else if (op === OP.watches) this.#setWatches(xid, fields)
    else if (op === OP.close) {
      this.#server.endSession(session)
      this.#answer(xid, 0)
      this.cut()
    } else if (WRITES.includes(op)) this.#write(xid, op, fields, session)
    else this.#read(xid, op, fields, session)
  }

  #authenticate(xid: number, fields: Fields): void {
    fields.int()
    const [scheme, credentials] = [fields.text(), fields.text()]
    if (scheme !== 'digest' || !credentials.includes(':')) {
      this.#answer(xid, FAULT.authFailed)
      this.cut()
      return
    }
    this.#digests.push(digestOf(credentials))
    this.#answer(xid, 0)
  }

  #setWatches(xid: number, fields: Fields): void {
    for (const event of this.#server.setWatches(fields, this)) this.tell(event)
    this.#answer(xid, 0)
  }

  #read(xid: number, op: number, fields: Fields, session: SessionRecord): void {
    try {
      this.#answer(xid, 0, this.#server.read(op, fields, this.#asking(session), this))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      this.#answer(xid, error.number)
    }
  }

  #write(xid: number, op: number, fields: Fields, session: SessionRecord): void {
    const ops = op === OP.multi ? readMulti(fields) : [readOp(op, fields)]
    if (this.#server.breakBefore()) {
      this.cut()
      return
    }
    const answer = this.#carryOut(xid, op, ops, session)
    if (this.#server.breakAfter()) this.cut()
    else answer()
  }

  #carryOut(xid: number, op: number, ops: readonly WriteOp[], session: SessionRecord): () => void {
    try {
      const results = this.#server.write(ops, this.#asking(session))
      return () => {
        this.#answer(xid, 0, op === OP.multi ? multiResult(ops, results) : (results[0] ?? Buffer.alloc(0)))
      }
    } catch (error) {
      if (error instanceof MultiFault && op === OP.multi) {
        return () => {
          this.#answer(xid, 0, multiFailure(ops.length, error.at, error.fault))
        }
      }
      const fault = error instanceof MultiFault ? error.fault : error
      if (!(fault instanceof Fault)) throw error
      return () => {
        this.#answer(xid, fault.number)
      }
    }
  }

  #asking({ id }: SessionRecord): Asking {
    return { session: id, digests: this.#digests }
  }

  #answer(xid: number, error: number, body: Buffer = Buffer.alloc(0)): void {
    this.#send(Buffer.concat([pack('iqi', xid, this.#server.lastZxid(), error), body]))
  }

  #send(packet: Buffer): void {
    if (!this.#over) this.#wire.send(Buffer.concat([pack('i', packet.length), packet]))
  }
}

/** Names the operation in which a change failed. */
export function failingAt<T>(at: number, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof Fault ? new MultiFault(at, error) : error
  }
}

function readOp(op: number, fields: Fields): WriteOp {
  const nothing: WriteOp = { op, path: fields.text(), data: Buffer.alloc(0), version: -1, flags: 0, acl: [] }
  if (op === OP.create) {
    const data = fields.bytes()
    const acl: Acl[] = []
    for (let left = fields.int(); left > 0; left--) {
      acl.push({ permissions: fields.int(), scheme: fields.text(), id: fields.text() })
    }
    return { ...nothing, data, acl, flags: fields.int() }
  }
  if (op === OP.set) return { ...nothing, data: fields.bytes(), version: fields.int() }
  return { ...nothing, version: fields.int() }
}

function readMulti(fields: Fields): WriteOp[] {
  const ops: WriteOp[] = []
  for (;;) {
    const [op, done] = [fields.int(), fields.yes()]
    fields.int()
    if (done) return ops
    ops.push(readOp(op, fields))
  }
}

const END = pack('i?i', -1, true, -1)

function multiResult(ops: readonly WriteOp[], results: readonly Buffer[]): Buffer {
  const parts = ops.map(({ op }, at) => Buffer.concat([pack('i?i', op, false, 0), results[at] ?? Buffer.alloc(0)]))
  return Buffer.concat([...parts, END])
}

/** Before the one that failed: 0. After it: -2, rolled back. */
function multiFailure(count: number, failed: number, fault: Fault): Buffer {
  const codes = Array.from({ length: count }, (_, at) => (at < failed ? 0 : at === failed ? fault.number : -2))
  return Buffer.concat([...codes.map((code) => pack('i?ii', -1, false, code, code)), END])
}
