import type { Cancel, Clock } from '../../core/clock.ts'
import { ServerConnection, type SessionRecord, type Wire } from './server-connection.ts'
import { SessionTable } from './session-table.ts'
import type { Asking, Tree } from './tree.ts'
import { WatchedTree } from './watched-tree.ts'

const TICK_MS = 2_000
/** A server that hears nothing from the leading one, or the other way round, gives it up after so many ticks. */
const SYNC_TICKS = 5
const ELECTION_MS = 200

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

export interface ServerAddress {
  readonly host: string
  readonly port: number
}

export interface EmbeddedEnsembleOptions {
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
export class EmbeddedEnsemble {
  readonly servers: readonly ServerAddress[]
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #nodes: WatchedTree
  readonly #states: readonly ServerState[]
  readonly #sessions: SessionTable
  readonly #expiryListeners: ((session: bigint) => void)[] = []
  #leader: number | undefined = 0
  #breakBefore = 0
  #breakAfter = 0
  #cancelElection: Cancel | undefined

  constructor({ clock, servers = 3, tickMs = TICK_MS, prefix = 'zk' }: EmbeddedEnsembleOptions) {
    this.#clock = clock
    this.#tickMs = tickMs
    this.#nodes = new WatchedTree(clock)
    this.#sessions = new SessionTable({
      clock,
      tickMs,
      isLed: () => this.#leader !== undefined && this.#state(this.#leader).state === 'up',
      hears: (server) => (this.#state(server).isolated ? 'isolated' : server === this.#leader ? 'leads' : 'tells'),
      onSilence: (session) => {
        this.#endSession(session, true)
      },
    })
    this.servers = Array.from({ length: servers }, (_, at) => ({ host: `${prefix}${at + 1}.test`, port: 2181 }))
    this.#states = this.servers.map(() => ({
      state: 'up',
      isolated: false,
      serving: true,
      connections: new Set(),
      cancelNotice: () => undefined,
    }))
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
    if (server === this.#leader) this.#sessions.wake()
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
    this.#sessions.lose(server)
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

  /** Ends a session as if its time were over. All sessions without an argument. */
  expire(id?: bigint): void {
    for (const session of this.#sessions.all) {
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
    const exists = this.#nodes.tree.peek(path) !== undefined
    this.#nodes.change(() => {
      if (exists) this.#nodes.tree.set(path, bytes, -1, OPERATOR)
      else this.#nodes.tree.create(path, bytes, 0, OPEN_ACL, OPERATOR)
    })
  }

  remove(path: string): void {
    this.#nodes.change(() => {
      this.#nodes.tree.delete(path, -1, undefined)
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
    return this.#nodes.tree.paths
  }

  node(path: string): ReturnType<Tree['peek']> {
    return this.#nodes.tree.peek(path)
  }

  get sessions(): readonly { readonly id: bigint; readonly timeoutMs: number; readonly server: number | undefined }[] {
    return this.#sessions.all.map(({ id, timeoutMs, connection }) => {
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
    this.#sessions.close()
    this.#cancelElection?.()
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
        attach: (own, asked) => {
          if (asked.id === 0n) this.#nodes.tree.zxid++
          return this.#sessions.attach(server, own, asked)
        },
        lastZxid: () => this.#nodes.tree.zxid,
        touch: (session) => {
          this.#sessions.touch(server, session)
        },
        endSession: (session) => {
          this.#endSession(session, false)
        },
        read: (op, fields, asking, watcher) => this.#nodes.read(op, fields, asking, watcher),
        write: (ops, asking) => this.#nodes.write(ops, asking),
        setWatches: (fields, watcher) => this.#nodes.setWatches(fields, watcher),
        breakBefore: () => this.#breakBefore > 0 && this.#breakBefore-- > 0,
        breakAfter: () => this.#breakAfter > 0 && this.#breakAfter-- > 0,
        gone: (own) => {
          state.connections.delete(own)
          this.#nodes.forget(own)
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
    // A server that is cut off does not know it yet, one that is frozen knows nothing.
    for (const member of members) this.#stopServing(member)
    this.#cancelElection?.()
    if (quorum)
      this.#cancelElection = this.#clock.timer(ELECTION_MS, () => {
        this.#elect(members)
      })
  }

  #elect(members: readonly number[]): void {
    this.#leader = members[0]
    this.#nodes.tree.zxid = ((this.#nodes.tree.zxid >> 32n) + 1n) << 32n
    for (const member of members) this.#state(member).serving = true
    this.#sessions.beginAnew()
    this.#pump()
  }

  #endSession(session: SessionRecord, expired: boolean): void {
    if (!this.#sessions.delete(session)) return
    const { connection } = session
    this.#nodes.change(() => {
      for (const path of this.#nodes.tree.ownedBy(session.id)) this.#nodes.tree.delete(path, -1, undefined)
    })
    if (!expired) return
    const cutOff = this.#states.some(
      ({ isolated, connections }) => isolated && connection !== undefined && connections.has(connection),
    )
    // A server that is cut off does not hear of it.
    if (!cutOff) connection?.cut()
    for (const listener of this.#expiryListeners) listener(session.id)
  }
}
