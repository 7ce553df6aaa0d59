import { createHash } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { pack } from './fields.ts'

/** ZooKeeper's numbers for what went wrong. */
export const FAULT = {
  badArguments: -8,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  noChildren: -108,
  nodeExists: -110,
  notEmpty: -111,
  expired: -112,
  invalidAcl: -114,
  authFailed: -115,
  moved: -118,
} as const

/** An operation that is refused. */
export class Fault extends Error {
  readonly number: number

  constructor(name: keyof typeof FAULT) {
    super(name)
    this.number = FAULT[name]
  }
}

const PERMISSION = { read: 1, write: 2, create: 4, delete: 8 } as const

export interface Acl {
  readonly permissions: number
  readonly scheme: string
  readonly id: string
}

interface Node {
  data: Buffer
  version: number
  readonly owner: bigint
  readonly acl: readonly Acl[]
  readonly children: Set<string>
  /** Children that were ever made: the next sequence number. */
  made: number
  readonly createdZxid: bigint
  readonly createdAt: number
  changedZxid: bigint
  changedAt: number
  childrenZxid: bigint
}

export type EventName = 'created' | 'deleted' | 'changed' | 'children'
export interface TreeEvent {
  readonly name: EventName
  readonly path: string
}

/** Who asks: a session, and what it has shown about itself. */
export interface Asking {
  readonly session: bigint
  /** `user:base64(sha1(user:password))` */
  readonly digests: readonly string[]
}

const OPEN: readonly Acl[] = [{ permissions: 31, scheme: 'world', id: 'anyone' }]

/** The nodes, which all servers of the ensemble share. */
export class Tree {
  readonly #clock: Clock
  readonly #nodes = new Map<string, Node>()
  zxid = 1n << 32n
  /** Of the change under way. */
  #events: TreeEvent[] = []
  #undo: (() => void)[] = []

  constructor(clock: Clock) {
    this.#clock = clock
    this.#nodes.set('/', this.#node(Buffer.alloc(0), 0n, OPEN))
  }

  /** Does all or nothing, as one change. */
  change<T>(work: () => T): { readonly result: T; readonly events: readonly TreeEvent[] } {
    this.zxid++
    this.#events = []
    this.#undo = []
    try {
      return { result: work(), events: this.#events }
    } catch (error) {
      for (const undo of this.#undo.reverse()) undo()
      throw error
    }
  }

  /** @returns the path that was made */
  create(path: string, data: Buffer, flags: number, acl: readonly Acl[], asking: Asking): string {
    const parentPath = parentOf(path)
    const parent = this.#nodes.get(parentPath)
    if (!path.startsWith('/') || /\/\.\.?(?:\/|$)/.test(path)) throw new Fault('badArguments')
    if (parent === undefined) throw new Fault('noNode')
    allow(parent, PERMISSION.create, asking)
    const made = (flags & 2) === 0 ? path : `${path}${String(parent.made).padStart(10, '0')}`
    if (this.#nodes.has(made)) throw new Fault('nodeExists')
    if (parent.owner !== 0n) throw new Fault('noChildren')
    const node = this.#node(data, (flags & 1) === 0 ? 0n : asking.session, resolveAcl(acl, asking))
    const name = made.slice(made.lastIndexOf('/') + 1)
    const before = { made: parent.made, zxid: parent.childrenZxid }
    parent.made++
    parent.childrenZxid = this.zxid
    parent.children.add(name)
    this.#nodes.set(made, node)
    this.#undo.push(() => {
      this.#nodes.delete(made)
      parent.children.delete(name)
      parent.made = before.made
      parent.childrenZxid = before.zxid
    })
    this.#events.push({ name: 'created', path: made }, { name: 'children', path: parentPath })
    return made
  }

  /** @param asking `undefined`: the end of a session, which needs no right */
  delete(path: string, version: number, asking: Asking | undefined): void {
    const node = this.#find(path)
    const parentPath = parentOf(path)
    const parent = this.#find(parentPath)
    if (asking !== undefined) allow(parent, PERMISSION.delete, asking)
    if (version !== -1 && version !== node.version) throw new Fault('badVersion')
    if (node.children.size > 0) throw new Fault('notEmpty')
    const name = path.slice(path.lastIndexOf('/') + 1)
    const zxid = parent.childrenZxid
    parent.childrenZxid = this.zxid
    parent.children.delete(name)
    this.#nodes.delete(path)
    this.#undo.push(() => {
      parent.children.add(name)
      parent.childrenZxid = zxid
      this.#nodes.set(path, node)
    })
    this.#events.push({ name: 'deleted', path }, { name: 'children', path: parentPath })
  }

  set(path: string, data: Buffer, version: number, asking: Asking): void {
    const node = this.#find(path)
    allow(node, PERMISSION.write, asking)
    if (version !== -1 && version !== node.version) throw new Fault('badVersion')
    const before = { ...node }
    node.data = data
    node.version++
    node.changedZxid = this.zxid
    node.changedAt = this.#clock.now()
    this.#undo.push(() => Object.assign(node, before))
    this.#events.push({ name: 'changed', path })
  }

  check(path: string, version: number, asking: Asking): void {
    const node = this.#find(path)
    allow(node, PERMISSION.read, asking)
    if (version !== -1 && version !== node.version) throw new Fault('badVersion')
  }

  get(path: string, asking: Asking): Buffer {
    const node = this.#find(path)
    allow(node, PERMISSION.read, asking)
    return node.data
  }

  children(path: string, asking: Asking): readonly string[] {
    const node = this.#find(path)
    allow(node, PERMISSION.read, asking)
    return [...node.children]
  }

  /** As on the wire. */
  stat(path: string): Buffer {
    const node = this.#find(path)
    const { createdZxid, changedZxid, createdAt, changedAt, version, owner, data, children, made, childrenZxid } = node
    const cversion = made * 2 - children.size
    const times = pack('qqqq', createdZxid, changedZxid, BigInt(Math.round(createdAt)), BigInt(Math.round(changedAt)))
    return Buffer.concat([
      times,
      pack('iiiqiiq', version, cversion, 0, owner, data.length, children.size, childrenZxid),
    ])
  }

  /** For tests: no right is needed. */
  peek(path: string): { readonly data: Buffer; readonly version: number; readonly owner: bigint } | undefined {
    return this.#nodes.get(path)
  }

  /** What a watch set again would have missed since then. */
  since(path: string, zxid: bigint): { readonly changed: boolean; readonly children: boolean } | undefined {
    const node = this.#nodes.get(path)
    return node && { changed: node.changedZxid > zxid, children: node.childrenZxid > zxid }
  }

  ownedBy(session: bigint): readonly string[] {
    return [...this.#nodes].filter(([, { owner }]) => owner === session).map(([path]) => path)
  }

  get paths(): readonly string[] {
    return [...this.#nodes.keys()].sort()
  }

  #find(path: string): Node {
    const node = this.#nodes.get(path)
    if (node === undefined) throw new Fault('noNode')
    return node
  }

  #node(data: Buffer, owner: bigint, acl: readonly Acl[]): Node {
    const [zxid, now] = [this.zxid, this.#clock.now()]
    return {
      data,
      version: 0,
      owner,
      acl,
      children: new Set(),
      made: 0,
      createdZxid: zxid,
      createdAt: now,
      changedZxid: zxid,
      changedAt: now,
      childrenZxid: zxid,
    }
  }
}

/** `user:password` as it stands in an ACL. */
export function digestOf(credentials: string): string {
  const [user] = credentials.split(':')
  return `${user ?? ''}:${createHash('sha1').update(credentials).digest('base64')}`
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

function allow(node: Node, permission: number, { digests }: Asking): void {
  const allowed = node.acl.some(
    ({ permissions, scheme, id }) =>
      (permissions & permission) !== 0 && (scheme === 'world' || (scheme === 'digest' && digests.includes(id))),
  )
  if (!allowed) throw new Fault('noAuth')
}

/** `auth` stands for everything that the client has shown. */
function resolveAcl(acl: readonly Acl[], { digests }: Asking): readonly Acl[] {
  const resolved = acl.flatMap((entry) =>
    entry.scheme === 'auth' ? digests.map((id) => ({ permissions: entry.permissions, scheme: 'digest', id })) : [entry],
  )
  if (resolved.length === 0) throw new Fault('invalidAcl')
  return resolved
}
