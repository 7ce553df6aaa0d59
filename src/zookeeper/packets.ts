import { JuteReader, JuteWriter, malformed } from './jute.ts'
import { ROLLED_BACK } from './server-codes.ts'
import type { CreateOptions, NodeData, ZooKeeperOp } from './session.ts'

/** The packets of ZooKeeper 3.4 and later that this program uses, see `zookeeper.jute`. Without their frame. */

const OP = {
  create: 1,
  delete: 2,
  exists: 3,
  get: 4,
  set: 5,
  children: 8,
  sync: 9,
  ping: 11,
  check: 13,
  multi: 14,
  auth: 100,
  setWatches: 101,
  close: -11,
} as const

/** Numbers that answers carry in place of a request's. */
export const XID = { event: -1, ping: -2, auth: -4, setWatches: -8 } as const

const PERMISSIONS_ALL = 31
/** In place of the operation in the result of a `multi`. */
const MULTI_ERROR = -1

/** What a session is known by at the servers. */
export interface SessionKey {
  readonly id: bigint
  readonly password: Buffer
}

export const NO_SESSION: SessionKey = { id: 0n, password: Buffer.alloc(16) }

export interface Granted {
  readonly key: SessionKey
  /** 0 or less: the session has expired. */
  readonly timeoutMs: number
}

export function connectRequest(key: SessionKey, lastZxid: bigint, timeoutMs: number): Buffer {
  const writer = new JuteWriter().int(0).long(lastZxid).int(timeoutMs).long(key.id).buffer(key.password)
  return writer.boolean(false).bytes() // not with a server that only reads
}

export function readConnectAnswer(packet: Buffer): Granted {
  const reader = new JuteReader(packet)
  reader.int() // protocol version
  const timeoutMs = reader.int()
  const id = reader.long()
  return { key: { id, password: reader.buffer() }, timeoutMs } // before 3.4 nothing follows
}

/** What a request asks, after its number. */
export interface Body {
  readonly op: number
  readonly bytes: Buffer
}

export function packet(xid: number, body: Body): Buffer {
  return Buffer.concat([new JuteWriter().int(xid).int(body.op).bytes(), body.bytes])
}

const NOTHING = Buffer.alloc(0)
export const ping: Body = { op: OP.ping, bytes: NOTHING }
export const closeSession: Body = { op: OP.close, bytes: NOTHING }

export const children = (path: string, watch: boolean): Body => read(OP.children, path, watch)
export const get = (path: string, watch: boolean): Body => read(OP.get, path, watch)
export const exists = (path: string, watch: boolean): Body => read(OP.exists, path, watch)

function read(op: number, path: string, watch: boolean): Body {
  return { op, bytes: new JuteWriter().string(path).boolean(watch).bytes() }
}

/** @param owned only the user that this connection is authenticated as may do anything with the node */
export function create(path: string, data: Buffer, options: CreateOptions, owned: boolean): Body {
  const writer = new JuteWriter().string(path).buffer(data)
  writer.int(1).int(PERMISSIONS_ALL)
  if (owned) writer.string('auth').string('')
  else writer.string('world').string('anyone')
  writer.int((options.ephemeral ? 1 : 0) | (options.sequential ? 2 : 0))
  return { op: OP.create, bytes: writer.bytes() }
}

export function set(path: string, data: Buffer, version: number): Body {
  return { op: OP.set, bytes: new JuteWriter().string(path).buffer(data).int(version).bytes() }
}

export function remove(path: string, version: number): Body {
  return { op: OP.delete, bytes: new JuteWriter().string(path).int(version).bytes() }
}

export function sync(path: string): Body {
  return { op: OP.sync, bytes: new JuteWriter().string(path).bytes() }
}

function check(path: string, version: number): Body {
  return { op: OP.check, bytes: new JuteWriter().string(path).int(version).bytes() }
}

export function multi(ops: readonly ZooKeeperOp[], owned: boolean): Body {
  const parts: Buffer[] = []
  for (const op of ops) {
    const body = bodyOf(op, owned)
    parts.push(multiHeader(body.op, false), body.bytes)
  }
  parts.push(multiHeader(-1, true))
  return { op: OP.multi, bytes: Buffer.concat(parts) }
}

function bodyOf(op: ZooKeeperOp, owned: boolean): Body {
  switch (op.kind) {
    case 'create':
      return create(op.path, op.data, { ephemeral: op.ephemeral ?? false }, owned)
    case 'set':
      return set(op.path, op.data, op.version)
    case 'delete':
      return remove(op.path, op.version)
    case 'check':
      return check(op.path, op.version)
  }
}

function multiHeader(op: number, done: boolean): Buffer {
  return new JuteWriter().int(op).boolean(done).int(-1).bytes()
}

/** @param credentials `user:password` */
export function auth(credentials: string): Body {
  return { op: OP.auth, bytes: new JuteWriter().int(0).string('digest').buffer(Buffer.from(credentials)).bytes() }
}

export interface WatchedPaths {
  readonly data: readonly string[]
  readonly exists: readonly string[]
  readonly children: readonly string[]
}

/** @param since the last change that this client has seen */
export function setWatches(since: bigint, paths: WatchedPaths): Body {
  const writer = new JuteWriter().long(since).strings(paths.data).strings(paths.exists).strings(paths.children)
  return { op: OP.setWatches, bytes: writer.bytes() }
}

export interface AnswerHeader {
  readonly xid: number
  readonly zxid: bigint
  /** 0, or the server's number for what went wrong. */
  readonly error: number
}

export function readHeader(reader: JuteReader): AnswerHeader {
  return { xid: reader.int(), zxid: reader.long(), error: reader.int() }
}

export type WatchEventKind = 'created' | 'deleted' | 'changed' | 'children' | 'other'

const EVENTS: Readonly<Record<number, WatchEventKind>> = { 1: 'created', 2: 'deleted', 3: 'changed', 4: 'children' }

export function readEvent(reader: JuteReader): { readonly kind: WatchEventKind; readonly path: string } {
  const kind = EVENTS[reader.int()] ?? 'other'
  reader.int() // state of the connection, which we know better
  return { kind, path: reader.string() }
}

/** The version out of a node's `Stat`. */
export function readVersion(reader: JuteReader): number {
  for (let skipped = 0; skipped < 4; skipped++) reader.long() // czxid, mzxid, ctime, mtime
  const version = reader.int()
  for (let skipped = 0; skipped < 2; skipped++) reader.int() // cversion, aversion
  reader.long() // ephemeralOwner
  for (let skipped = 0; skipped < 2; skipped++) reader.int() // dataLength, numChildren
  reader.long() // pzxid
  return version
}

export function readData(reader: JuteReader): NodeData {
  const data = reader.buffer()
  return { data, version: readVersion(reader) }
}

/**
 * Looks for the operation that failed: those before it carry 0, those after it `ROLLED_BACK`.
 * @returns its place and error; `undefined`: all were done
 */
export function readMulti(reader: JuteReader): { readonly operation: number; readonly error: number } | undefined {
  let rolledBack: { operation: number; error: number } | undefined
  let failed: typeof rolledBack
  for (let operation = 0; ; operation++) {
    const op = reader.int()
    const done = reader.boolean()
    const error = reader.int()
    if (done) return failed ?? rolledBack
    if (op === OP.create) reader.string()
    else if (op === OP.set) readVersion(reader)
    else if (op === MULTI_ERROR)
      reader.int() // the same once more
    else if (op !== OP.delete && op !== OP.check) throw malformed(`a result of operation ${op}`)
    if (op !== MULTI_ERROR) continue
    if (error !== 0 && error !== ROLLED_BACK) failed ??= { operation, error }
    else rolledBack ??= { operation, error: ROLLED_BACK }
  }
}
