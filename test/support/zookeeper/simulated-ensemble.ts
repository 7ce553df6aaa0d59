import { createHash } from 'node:crypto'
import type { Cancel, Clock } from '../../../src/core/clock.ts'
import type { Ensemble } from '../../../src/core/ensemble.ts'
import type { Instant } from '../../../src/core/model.ts'
import { Secret } from '../../../src/core/secret.ts'
import type { Connect } from '../../../src/zookeeper/transport.ts'
import { type Fields, pack } from './fields.ts'
import { Clients } from './memory-link.ts'
import {
  failingAt,
  type Handshake,
  ServerConnection,
  type SessionRecord,
  type Wire,
  type WriteOp,
} from './server-connection.ts'
import { type Asking, Fault, Tree, type TreeEvent } from './tree.ts'
import { WatchList } from './watch-list.ts'

const TICK_MS = 2_000
/** A server that hears nothing from the leading one, or the other way round, gives it up after so many ticks. */
const SYNC_TICKS = 5
const ELECTION_MS = 200

const OP = { create: 1, delete: 2, exists: 3, get: 4, set: 5, children: 8, childrenAndStat: 12, check: 13 }
const OPEN_ACL = [{ permissions: 31, scheme: 'world', id: 'anyone' }]
const OPERATOR: Asking = { session: 0n, digests: [] }

interface ServerState {
  /** Frozen: takes connections and bytes, as the kernel does for it, and looks at nothing. */
  state: 'up' | 'frozen' | 'down'
  /** Cut off from the other servers: answers reads and pings on, and notices only after `SYNC_TICKS`. */
  isolated: boolean
  /** Takes clients. */
  serving: boolean
  readonly connections: Set<ServerConnection>
  cancelNotice: Cancel
}

interface Live extends SessionRecord {
  expiresAt: Instant
  cancel: Cancel
}

export interface SimulatedEnsembleOptions {
  readonly clock: Clock
  /** [3] */
  readonly servers?: number
  /** [2000] Sessions last 2 to 20 of them. */
  readonly tickMs?: number
  /** Names of the servers in memory are `PREFIX1.test` and so on. [zk] */
  readonly prefix?: string
}

/**
 * An ensemble of ZooKeeper servers in memory: one tree of nodes, sessions that end by the clock, servers that freeze,
 * die and lose each other. All servers see a change at once. Servers are named by their place in `servers`, from 0.
 *
 * The leading server ends a session when it has not heard of it for its timeout, to the millisecond; another server
 * tells it of its clients every half tick. A new leading server gives every session its whole timeout again.
 */
export class SimulatedEnsemble {
  readonly servers: Ensemble['servers']
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #tree: Tree
  readonly #watches = new WatchList()
  readonly #states: readonly ServerState[]
  readonly #sessions = new Map<bigint, Live>()
  readonly #clients: Clients
  /** Sessions that other servers than the leading one heard of, until they tell it. */
  readonly #heard = new Map<Live, number>()
  readonly #expiryListeners: ((session: bigint) => void)[] = []
  #leader: number | undefined = 0
  #made = 0
  #delayMs = 0
  #breakBefore = 0
  #breakAfter = 0
  #cancelForward: Cancel | undefined
  #cancelElection: Cancel | undefined

  constructor({ clock, servers = 3, tickMs = TICK_MS, prefix = 'zk' }: SimulatedEnsembleOptions) {
    this.#clock = clock
    this.#tickMs = tickMs
    this.#tree = new Tree(clock)
    this.servers = Array.from({ length: servers }, (_, at) => ({ host: `${prefix}${at + 1}.test`, port: 2181 }))
    this.#states = this.servers.map(() => ({
      state: 'up',
      isolated: false,
      serving: true,
      connections: new Set(),
      cancelNotice: () => undefined,
    }))
    this.#clients = new Clients(clock, {
      find: ({ host, port }) => this.servers.findIndex((server) => server.host === host && server.port === port),
      accept: (server, wire) => this.accept(server, wire),
      delayMs: () => this.#delayMs,
    })
  }

  /** Where it is, as configuration says it. @param auth `user:password` */
  at(path: string, auth?: string): Ensemble {
    return { servers: this.servers, path, auth: auth === undefined ? undefined : new Secret(auth) }
  }

  /** The way to the servers. The name is for `cutClient` and `blockClient`. */
  connect(client = 'client'): Connect {
    return this.#clients.connect(client)
  }

  // What operators and the world do.

  /** SIGSTOP. */
  freeze(server: number): void {
    this.#state(server).state = 'frozen'
    if (server !== this.#leader) return
    this.#state(server).cancelNotice = this.#clock.timer(this.#tickMs * SYNC_TICKS, () => {
      this.#reconsider()
    })
  }

  /** SIGCONT: it reads what came meanwhile. */
  thaw(server: number): void {
    const state = this.#state(server)
    state.state = 'up'
    state.cancelNotice()
    this.#reconsider()
    this.#pump()
  }

  /** SIGKILL. */
  kill(server: number): void {
    const state = this.#state(server)
    state.state = 'down'
    this.#stopServing(server)
    this.#reconsider()
  }

  start(server: number): void {
    this.#state(server).state = 'up'
    this.#reconsider()
  }

  /** The network between this server and the others is gone; its clients still reach it. */
  isolate(server: number): void {
    const state = this.#state(server)
    state.isolated = true
    for (const [session, at] of [...this.#heard]) if (at === server) this.#heard.delete(session)
    state.cancelNotice = this.#clock.timer(this.#tickMs * SYNC_TICKS, () => {
      this.#stopServing(server)
    })
    this.#reconsider()
  }

  rejoin(server: number): void {
    const state = this.#state(server)
    state.isolated = false
    state.cancelNotice()
    this.#stopServing(server)
    this.#reconsider()
  }

  /** Ends whatever is wrong with it. */
  heal(server: number): void {
    const { state, isolated } = this.#state(server)
    if (state === 'frozen') this.thaw(server)
    if (state === 'down') this.start(server)
    if (isolated) this.rejoin(server)
  }

  loseQuorum(): void {
    for (let server = 0; server <= this.servers.length / 2; server++) this.kill(server)
  }

  regainQuorum(): void {
    for (const server of this.servers.keys()) if (this.#state(server).state === 'down') this.start(server)
  }

  /** Breaks the connections of a client; it may connect again. */
  cutClient(client = 'client'): void {
    this.#clients.cut(client)
  }

  /** The network swallows everything between a client and all servers, until unblocked. */
  blockClient(client = 'client'): void {
    this.#clients.block(client, true)
  }

  unblockClient(client = 'client'): void {
    this.#clients.block(client, false)
  }

  /** Everything takes so long each way, in memory. */
  delay(ms: number): void {
    this.#delayMs = ms
  }

  /** Ends a session as if its time were over. All sessions without an argument. */
  expire(id?: bigint): void {
    for (const session of [...this.#sessions.values()]) {
      if (id === undefined || session.id === id) this.#endSession(session, true)
    }
  }

  /** The next changes by clients are done, and the connection breaks in place of the answer. */
  loseNextAnswer(count = 1): void {
    this.#breakAfter += count
  }

  /** The next changes by clients are lost together with their connection. */
  loseNextRequest(count = 1): void {
    this.#breakBefore += count
  }

  put(path: string, data: string | Buffer): void {
    const bytes = Buffer.from(data)
    const exists = this.#tree.peek(path) !== undefined
    this.#change(() => {
      if (exists) this.#tree.set(path, bytes, -1, OPERATOR)
      else this.#tree.create(path, bytes, 0, OPEN_ACL, OPERATOR)
    })
  }

  remove(path: string): void {
    this.#change(() => {
      this.#tree.delete(path, -1, undefined)
    })
  }

  // What tests look at.

  /** Calls back at the instant at which a session has been ended for its silence. */
  onExpiry(listener: (session: bigint) => void): void {
    this.#expiryListeners.push(listener)
  }

  get leader(): number | undefined {
    return this.#leader
  }

  get paths(): readonly string[] {
    return this.#tree.paths
  }

  node(path: string): ReturnType<Tree['peek']> {
    return this.#tree.peek(path)
  }

  get sessions(): readonly { readonly id: bigint; readonly timeoutMs: number; readonly server: number | undefined }[] {
    return [...this.#sessions.values()].map(({ id, timeoutMs, connection }) => {
      const server = this.#states.findIndex(
        ({ connections }) => connection !== undefined && connections.has(connection),
      )
      return { id, timeoutMs, server: server === -1 ? undefined : server }
    })
  }

  /** Ends everything, and leaves no timer. */
  close(): void {
    for (const server of this.servers.keys()) {
      this.#state(server).cancelNotice()
      this.#stopServing(server)
    }
    for (const session of this.#sessions.values()) session.cancel()
    this.#cancelForward?.()
    this.#cancelElection?.()
    this.#clients.close()
  }

  // What servers do.

  /** A client connects. @returns `undefined`: refused */
  accept(server: number, wire: Wire): ServerConnection | undefined {
    const state = this.#state(server)
    if (state.state === 'down') return undefined
    const connection: ServerConnection = new ServerConnection(
      {
        awake: () => state.state === 'up',
        inQuorum: () => !state.isolated && this.#leader !== undefined && this.#state(this.#leader).state === 'up',
        attach: (own, asked) => this.#attach(server, own, asked),
        lastZxid: () => this.#tree.zxid,
        touch: (session) => {
          this.#touch(server, session)
        },
        endSession: (session) => {
          this.#endSession(session, false)
        },
        read: (op, fields, asking, watcher) => this.#read(op, fields, asking, watcher),
        write: (ops, asking) => this.#change(() => ops.map((op, at) => failingAt(at, () => this.#write(op, asking)))),
        setWatches: (fields, watcher) => this.#setWatches(fields, watcher),
        breakBefore: () => this.#breakBefore > 0 && this.#breakBefore-- > 0,
        breakAfter: () => this.#breakAfter > 0 && this.#breakAfter-- > 0,
        gone: (own) => {
          state.connections.delete(own)
          this.#watches.forget(own)
        },
      },
      wire,
    )
    state.connections.add(connection)
    if (!state.serving && state.state === 'up') {
      connection.cut()
    }
    return connection
  }

  #state(server: number): ServerState {
    const state = this.#states[server]
    if (state === undefined) throw new Error(`there is no server ${server}`)
    return state
  }

  #pump(): void {
    for (const { connections } of this.#states) for (const connection of [...connections]) connection.pump()
  }

  #stopServing(server: number): void {
    const state = this.#state(server)
    state.serving = false
    for (const connection of [...state.connections]) connection.cut()
  }

  /** Somebody came or went: is there still a leading server, and who serves? */
  #reconsider(): void {
    const members = [...this.servers.keys()].filter((server) => {
      const { state, isolated } = this.#state(server)
      return state === 'up' && !isolated
    })
    const quorum = members.length > this.servers.length / 2
    if (quorum && this.#leader !== undefined && members.includes(this.#leader)) {
      for (const member of members) this.#state(member).serving = true
      return
    }
    this.#leader = undefined
    this.#heard.clear()
    // A server that is cut off does not know it yet, one that is frozen knows nothing.
    for (const member of members) this.#stopServing(member)
    this.#cancelElection?.()
    if (quorum) this.#cancelElection = this.#clock.timer(ELECTION_MS, () => this.#elect(members))
  }

  #elect(members: readonly number[]): void {
    this.#leader = members[0]
    this.#tree.zxid = ((this.#tree.zxid >> 32n) + 1n) << 32n
    for (const member of members) this.#state(member).serving = true
    for (const session of this.#sessions.values()) this.#credit(session)
    this.#pump()
  }

  // Sessions.

  #attach(server: number, connection: ServerConnection, asked: Handshake): SessionRecord | undefined {
    if (asked.id === 0n) return this.#makeSession(server, connection, asked.timeoutMs)
    const session = this.#sessions.get(asked.id)
    if (session?.password.equals(asked.password) !== true) return undefined
    session.connection = connection
    this.#credit(session)
    return session
  }

  #makeSession(server: number, connection: ServerConnection, askedMs: number): SessionRecord {
    const id = (BigInt(server + 1) << 56n) | BigInt(++this.#made)
    const session: Live = {
      id,
      password: createHash('md5').update(`session ${id}`).digest(),
      timeoutMs: Math.min(20 * this.#tickMs, Math.max(2 * this.#tickMs, askedMs)),
      connection,
      expiresAt: 0,
      cancel: () => undefined,
    }
    this.#tree.zxid++
    this.#sessions.set(id, session)
    this.#credit(session)
    return session
  }

  #touch(server: number, { id }: SessionRecord): void {
    const session = this.#sessions.get(id)
    if (session === undefined || this.#state(server).isolated) return
    if (server === this.#leader) {
      this.#credit(session)
      return
    }
    this.#heard.set(session, server)
    this.#cancelForward ??= this.#clock.timer(this.#tickMs / 2, () => {
      this.#cancelForward = undefined
      for (const heard of this.#heard.keys()) this.#credit(heard)
      this.#heard.clear()
    })
  }

  /** The leading server heard of it now. */
  #credit(session: Live): void {
    session.expiresAt = this.#clock.now() + session.timeoutMs
    session.cancel()
    session.cancel = this.#clock.timer(session.timeoutMs, () => {
      const leading = this.#leader !== undefined && this.#state(this.#leader).state === 'up'
      // Without a leading server nobody ends sessions; the next one begins anew.
      if (leading) this.#endSession(session, true)
    })
  }

  #endSession(record: SessionRecord, expired: boolean): void {
    const session = this.#sessions.get(record.id)
    if (session === undefined) return
    session.cancel()
    this.#heard.delete(session)
    this.#sessions.delete(session.id)
    const { connection } = session
    this.#change(() => {
      for (const path of this.#tree.ownedBy(session.id)) this.#tree.delete(path, -1, undefined)
    })
    const cutOff = this.#states.some(
      ({ isolated, connections }) => isolated && connection && connections.has(connection),
    )
    if (expired && !cutOff) connection?.cut()
    if (expired) for (const listener of this.#expiryListeners) listener(session.id)
  }

  // The tree.

  #change<T>(work: () => T): T {
    const { result, events } = this.#tree.change(work)
    for (const event of events) this.#watches.fire(event)
    return result
  }

  #write({ op, path, data, version, flags, acl }: WriteOp, asking: Asking): Buffer {
    switch (op) {
      case OP.create:
        return pack('s', this.#tree.create(path, data, flags, acl, asking))
      case OP.delete:
        this.#tree.delete(path, version, asking)
        return Buffer.alloc(0)
      case OP.set:
        this.#tree.set(path, data, version, asking)
        return this.#tree.stat(path)
      case OP.check:
        this.#tree.check(path, version, asking)
        return Buffer.alloc(0)
      default:
        throw new Fault('badArguments')
    }
  }

  #read(op: number, fields: Fields, asking: Asking, watcher: ServerConnection): Buffer {
    const [path, watch] = [fields.text(), fields.yes()]
    if (op === OP.exists && watch) this.#watches.add('data', path, watcher)
    const answer = this.#look(op, path, asking)
    if (watch && op !== OP.exists) this.#watches.add(op === OP.get ? 'data' : 'children', path, watcher)
    return answer
  }

  #look(op: number, path: string, asking: Asking): Buffer {
    if (op === OP.exists) return this.#tree.stat(path)
    if (op === OP.get) return Buffer.concat([pack('b', this.#tree.get(path, asking)), this.#tree.stat(path)])
    if (op !== OP.children && op !== OP.childrenAndStat) throw new Fault('badArguments')
    const names = this.#tree.children(path, asking)
    const list = Buffer.concat([pack('i', names.length), ...names.map((name) => pack('s', name))])
    return op === OP.children ? list : Buffer.concat([list, this.#tree.stat(path)])
  }

  /** @returns what the client has missed */
  #setWatches(fields: Fields, watcher: ServerConnection): TreeEvent[] {
    const since = fields.long()
    const missed: TreeEvent[] = []
    const either = (path: string, kind: 'data' | 'children', event: TreeEvent['name'] | undefined): void => {
      if (event === undefined) this.#watches.add(kind, path, watcher)
      else missed.push({ name: event, path })
    }
    for (const path of fields.texts()) {
      const node = this.#tree.since(path, since)
      either(path, 'data', node === undefined ? 'deleted' : node.changed ? 'changed' : undefined)
    }
    for (const path of fields.texts()) either(path, 'data', this.#tree.peek(path) && 'created')
    for (const path of fields.texts()) {
      const node = this.#tree.since(path, since)
      either(path, 'children', node === undefined ? 'deleted' : node.children ? 'children' : undefined)
    }
    return missed
  }
}
