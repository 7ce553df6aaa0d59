import type { Clock } from '../core/clock.ts'
import { codeOf, messageOf } from '../core/code-of.ts'
import type { Change, Saved, StorePort } from '../loop/ports.ts'
import { makePath } from '../zookeeper/make-path.ts'
import type { ZooKeeperOp, ZooKeeperSession } from '../zookeeper/session.ts'
import { CommitQueue } from './commit-queue.ts'
import { StoreError } from './errors.ts'
import { type WrittenChange, writeChange } from './records.ts'
import { type Head, readRecords, StatePaths, writeHead, writePart, writeRecord } from './zookeeper-records.ts'
import { connected } from './zookeeper-wait.ts'

/** What entitles an instance to write: every write checks that this znode is still there. */
export interface Fence {
  readonly session: ZooKeeperSession
  /** The ephemeral znode of the elected leader, which is never changed. */
  readonly node: string
}

export interface ZooKeeperStoreOptions {
  /** Of the state: everything of it is below. */
  readonly path: string
  /** `undefined`: this instance does not lead. */
  readonly fence: () => Fence | undefined
  readonly clock: Clock
  /** Called before content is used, and may refuse it. */
  readonly check?: (session: ZooKeeperSession) => Promise<void>
  /** Most bytes of one request [700 KiB, as a server takes 1 MiB]. */
  readonly maxBytes?: number
}

/** A commit waits so long for a connection. */
const WAIT_MS = 10_000
const MAX_BYTES = 700 * 1024
/** What an operation takes beside its data and its path. */
const OVERHEAD_BYTES = 64
/** After so many refusals somebody else is writing here. */
const TRIES = 4

/** All that one leadership knows of the znodes. */
interface Loaded {
  readonly fence: Fence
  headVersion: number
  readonly versions: Map<string, number>
  /** A write may or may not have been done: to be read again before the next one. */
  stale: boolean
}

/**
 * The store in ZooKeeper: one znode a record, one `multi` a commit. Each `multi` checks the znode of the leader, so
 * that an instance that was deposed cannot write, and sets `head` to the name of the commit: a commit whose answer was
 * lost is looked for there before it is tried again, and one that arrives late finds another version of `head`.
 */
export class ZooKeeperStore implements StorePort {
  readonly #options: ZooKeeperStoreOptions
  readonly #paths: StatePaths
  readonly #maxBytes: number
  readonly #queue: CommitQueue
  #loaded: Loaded | undefined
  #commits = 0

  constructor(options: ZooKeeperStoreOptions) {
    this.#options = options
    this.#paths = new StatePaths(options.path)
    this.#maxBytes = options.maxBytes ?? MAX_BYTES
    this.#queue = new CommitQueue(
      (changes) => this.#write(changes),
      (commits) => this.#fit(commits),
    )
  }

  /**
   * Reads for the leadership of now, which the commits after it belong to. What is left of one before, which gave up
   * waiting, is written first or not at all: it would change what was read.
   */
  readonly load = async (): Promise<Saved> => {
    await this.#queue.idle()
    const fence = this.#options.fence()
    if (fence === undefined) throw deposed('reading')
    const { session } = fence
    await this.#options.check?.(session)
    for (const path of [this.#paths.agents, this.#paths.sizings, this.#paths.parts]) await makePath(session, path)
    const loaded: Loaded = { fence, headVersion: -1, versions: new Map(), stale: false }
    const { saved } = await this.#read(loaded)
    await this.#dropParts(loaded)
    this.#loaded = loaded
    return saved
  }

  /** @throws StoreError (rejects); after `STORE_WRITE` the changes may or may not be there */
  readonly commit = (changes: readonly Change[]): Promise<void> => this.#queue.add(changes)

  readonly close = async (): Promise<void> => {
    await this.#queue.close()
  }

  /** What another one left half done is done first. */
  async #read(loaded: Loaded): Promise<{ readonly saved: Saved; readonly commit: string }> {
    const { session } = loaded.fence
    const state = await readRecords(session, this.#paths)
    loaded.versions.clear()
    for (const [key, version] of state.versions) loaded.versions.set(key, version)
    if (state.head === undefined) {
      await session.multi([this.#guard(loaded), create(this.#paths.head, writeHead({ commit: '', parts: 0 }))])
      loaded.headVersion = 0
    } else loaded.headVersion = state.head.version
    if (state.pending.length > 0) await this.#carryOut(loaded, state.pending, state.head?.head.commit ?? '')
    loaded.stale = false
    return { saved: state.contents.saved(), commit: state.head?.head.commit ?? '' }
  }

  async #write(changes: readonly Change[]): Promise<void> {
    const loaded = this.#loaded
    if (loaded === undefined) throw deposed('writing before reading')
    if (changes.length === 0) return
    this.#commits += 1
    const commit = `${loaded.fence.node.slice(loaded.fence.node.lastIndexOf('/') + 1)} ${this.#commits}`
    const until = this.#options.clock.monotonic() + WAIT_MS
    for (let refusals = 0; ; ) {
      await connected(loaded.fence.session, this.#options.clock, until, this.#paths.root)
      try {
        if (loaded.stale && (await this.#read(loaded)).commit === commit) return
        await this.#try(loaded, changes, commit)
        return
      } catch (error) {
        if (await this.#mayTryAgain(loaded, error, refusals)) refusals += 1
        else throw this.#writeError(error)
      }
    }
  }

  async #try(loaded: Loaded, changes: readonly Change[], commit: string): Promise<void> {
    const latest = [...new Map(changes.map((change) => [change.key, change])).values()]
    if (latest.reduce((sum, change) => sum + this.#bytes(change), 0) > this.#maxBytes) {
      await this.#inParts(loaded, latest, commit)
      return
    }
    await this.#multi(loaded, latest, { commit, parts: 0 })
  }

  /** First the whole commit beside the records, then one word that makes it count, then the records one by one. */
  async #inParts(loaded: Loaded, changes: readonly Change[], commit: string): Promise<void> {
    const { session } = loaded.fence
    const guard = this.#guard(loaded)
    await this.#dropParts(loaded)
    const parts = this.#split(changes).map((part) => writePart(part.map(writeChange)))
    for (const [index, part] of parts.entries()) {
      await session.multi([guard, create(this.#paths.part(index), part)])
    }
    await this.#multi(loaded, [], { commit, parts: parts.length })
    await this.#carryOut(loaded, changes, commit)
  }

  async #carryOut(loaded: Loaded, changes: readonly Change[], commit: string): Promise<void> {
    const latest = [...new Map(changes.map((change) => [change.key, change])).values()]
    const parts = this.#split(latest)
    for (const [index, part] of parts.entries()) {
      await this.#multi(loaded, part, { commit, parts: index === parts.length - 1 ? 0 : parts.length })
    }
    await this.#dropParts(loaded)
  }

  async #dropParts(loaded: Loaded): Promise<void> {
    const { session } = loaded.fence
    for (const name of (await session.children(this.#paths.parts)) ?? []) {
      await session.multi([this.#guard(loaded), { kind: 'delete', path: `${this.#paths.parts}/${name}`, version: -1 }])
    }
  }

  async #multi(loaded: Loaded, changes: readonly Change[], head: Head): Promise<void> {
    const { session } = loaded.fence
    const headOp: ZooKeeperOp = {
      kind: 'set',
      path: this.#paths.head,
      data: writeHead(head),
      version: loaded.headVersion,
    }
    const ops = changes.flatMap((change) => this.#op(loaded, writeChange(change), change.key))
    await session.multi([this.#guard(loaded), headOp, ...ops])
    loaded.headVersion += 1
    for (const { key, value } of changes) {
      const before = loaded.versions.get(key)
      if (value === undefined) loaded.versions.delete(key)
      else loaded.versions.set(key, before === undefined ? 0 : before + 1)
    }
  }

  #op(loaded: Loaded, written: WrittenChange, key: Change['key']): readonly ZooKeeperOp[] {
    const path = this.#paths.ofKey(key)
    const version = loaded.versions.get(key)
    if (written.value === null) return version === undefined ? [] : [{ kind: 'delete', path, version }]
    const data = writeRecord(written)
    return [version === undefined ? create(path, data) : { kind: 'set', path, data, version }]
  }

  #guard({ fence }: Loaded): ZooKeeperOp {
    return { kind: 'check', path: fence.node, version: 0 }
  }

  async #mayTryAgain(loaded: Loaded, error: unknown, refusals: number): Promise<boolean> {
    const { session, node } = loaded.fence
    const code = codeOf(error) ?? ''
    if (code === 'ZK_NOT_CONNECTED') return true
    loaded.stale = true
    if (code === 'ZK_CONNECTION_LOSS') return true
    if (code === 'ZK_EXPIRED' || code === 'ZK_CLOSED') throw deposed('writing')
    if (!REFUSED.has(code)) return false
    try {
      await session.sync(node)
      if (!(await session.exists(node))) throw deposed('writing')
    } catch (thrown) {
      if (!DISTURBED.has(codeOf(thrown) ?? '')) throw thrown
    }
    return refusals < TRIES
  }

  #writeError(error: unknown): unknown {
    if (error instanceof StoreError) return error
    return new StoreError(
      'STORE_WRITE',
      `${this.#paths.root} cannot be written (${codeOf(error) ?? 'error'}: ${messageOf(error)}). Nothing new is begun ` +
        'until a write succeeds: see to ZooKeeper, and that nobody else writes below this path.',
      { cause: error },
    )
  }

  #fit(commits: readonly (readonly Change[])[]): number {
    let bytes = 0
    const tooMany = commits.findIndex((changes) => {
      bytes += changes.reduce((sum, change) => sum + this.#bytes(change), 0)
      return bytes > this.#maxBytes
    })
    return tooMany === -1 ? commits.length : tooMany
  }

  #split(changes: readonly Change[]): readonly (readonly Change[])[] {
    const parts: Change[][] = []
    let bytes = Number.POSITIVE_INFINITY
    for (const change of changes) {
      const more = this.#bytes(change)
      if (bytes + more > this.#maxBytes) {
        parts.push([])
        bytes = 0
      }
      parts.at(-1)?.push(change)
      bytes += more
    }
    return parts
  }

  #bytes(change: Change): number {
    const path = this.#paths.ofKey(change.key).length
    return path + OVERHEAD_BYTES + Buffer.byteLength(JSON.stringify(change))
  }
}

/** Some version or node is not as it was known. */
const REFUSED: ReadonlySet<string> = new Set(['ZK_NO_NODE', 'ZK_NODE_EXISTS', 'ZK_BAD_VERSION'])
const DISTURBED: ReadonlySet<string> = new Set(['ZK_CONNECTION_LOSS', 'ZK_NOT_CONNECTED'])

function create(path: string, data: Buffer): ZooKeeperOp {
  return { kind: 'create', path, data }
}

function deposed(what: string): StoreError {
  return new StoreError('STORE_DEPOSED', `${what} was refused: this instance does not lead any more`)
}
