import type { Cancel, Clock } from '../../core/clock.ts'
import { codeOf, messageOf } from '../../core/code-of.ts'
import type { Ensemble } from '../../core/ensemble.ts'
import type { Log } from '../../core/log.ts'
import { openSession } from '../../zookeeper/open-session.ts'
import type { ZooKeeperOptions, ZooKeeperSession } from '../../zookeeper/session.ts'
import type { MasterDetector } from './detector.ts'
import { lowest, originOf } from './master-info.ts'

/** After a refusal that may be mended by a person. */
const AGAIN_MS = 10_000

export interface ZooKeeperDetectorOptions extends Omit<ZooKeeperOptions, 'proof'> {
  /** Masters do not write how they are spoken to. */
  readonly scheme: 'http' | 'https'
}

/** A master that leads, as ZooKeeper has it. */
interface Leader {
  readonly node: string
  /** `undefined`: what it wrote cannot be read. */
  readonly origin: string | undefined
}

interface Watcher {
  readonly origin: string
  /** Of the master that was found; another node with the same address is another life of it. */
  node: string | undefined
  readonly onLost: (why: string) => void
}

/**
 * Finds the leading master where the masters write it: under `Ensemble.path` of a ZooKeeper.
 *
 * While ZooKeeper is down what is known stays, and so does a subscription that works. Once the session has expired
 * nothing is known until the list was read again, in a session of its own.
 */
export class ZooKeeperDetector implements MasterDetector {
  readonly #options: ZooKeeperDetectorOptions
  readonly #clock: Clock
  readonly #log: Log
  readonly #ensemble: Ensemble
  readonly #watchers = new Set<Watcher>()
  readonly #waiting = new Set<() => void>()
  #session: ZooKeeperSession
  /** `undefined`: not known; `none`: known that there is none. */
  #leader: Leader | 'none' | undefined
  #reading = false
  #readAgain = false
  /** What was found must be looked at again before it is told once more. */
  #doubted = false
  #cancelAgain: Cancel = () => undefined
  #told: string | undefined
  #closed = false

  constructor(options: ZooKeeperDetectorOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#log = options.log
    this.#ensemble = options.ensemble
    this.#session = this.#open()
  }

  async find(signal: AbortSignal): Promise<string> {
    for (;;) {
      signal.throwIfAborted()
      const leader = this.#leader
      if (!this.#doubted && leader !== undefined && leader !== 'none' && leader.origin !== undefined) {
        return leader.origin
      }
      await this.#news(signal)
    }
  }

  leads(_origin: string): void {
    this.#doubted = false
  }

  failed(origin: string): void {
    if (this.#originNow() !== origin || this.#session.state !== 'connected') return
    this.#doubted = true
    this.#refresh()
  }

  redirected(origin: string, _leader: string): boolean {
    // That master knows it from ZooKeeper, too, a little earlier or later than this list.
    this.failed(origin)
    return false
  }

  watch(origin: string, onLost: (why: string) => void): Cancel {
    const node = this.#originNow() === origin ? (this.#leader as Leader).node : undefined
    const watcher: Watcher = { origin, node, onLost }
    this.#watchers.add(watcher)
    this.#tell()
    return () => {
      this.#watchers.delete(watcher)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelAgain()
    this.#watchers.clear()
    await this.#session.close()
  }

  #originNow(): string | undefined {
    return this.#leader === undefined || this.#leader === 'none' ? undefined : this.#leader.origin
  }

  #open(): ZooKeeperSession {
    // The session holds nothing: pings are enough.
    const session = openSession({ ...this.#options, proof: 'server' })
    session.onState((state, why) => {
      if (this.#closed) return
      if (state === 'connected') this.#refresh()
      if (state === 'expired') this.#expired(why)
    })
    return session
  }

  #expired(why: string): void {
    this.#log.debug({ why }, 'Mesos masters forgotten until ZooKeeper answers again')
    this.#leader = undefined
    this.#doubted = false
    this.#cancelAgain()
    this.#session = this.#open()
  }

  readonly #changed = (): void => {
    this.#refresh()
  }

  /** Reads the list, once more if something changes meanwhile. */
  #refresh(): void {
    this.#readAgain = true
    if (this.#reading) return
    this.#reading = true
    this.#cancelAgain()
    void this.#readAll()
  }

  async #readAll(): Promise<void> {
    while (this.#readAgain && !this.#closed) {
      this.#readAgain = false
      const session = this.#session
      try {
        const leader = await this.#read(session)
        // A session that ended meanwhile says nothing any more.
        if (session !== this.#session) this.#readAgain ||= this.#session.state === 'connected'
        else if (leader === 'changed') this.#readAgain = true
        else this.#learn(leader)
      } catch (error) {
        this.#notRead(error)
      }
    }
    this.#reading = false // in the same breath as the last look at `#readAgain`
  }

  async #read(session: ZooKeeperSession): Promise<Leader | 'none' | 'changed'> {
    const { path } = this.#ensemble
    const names = await session.children(path, this.#changed)
    if (names === undefined) {
      if (await session.exists(path, this.#changed)) return 'changed'
      this.#say('no Mesos master has ever been registered in ZooKeeper at this path; waiting for one')
      return 'none'
    }
    const name = lowest(names)
    if (name === undefined) {
      this.#say('no Mesos master is registered in ZooKeeper; waiting for one')
      return 'none'
    }
    const node = path === '/' ? `/${name}` : `${path}/${name}`
    const found = await session.get(node)
    if (found === undefined) return 'changed'
    return { node, origin: this.#originOf(found.data, node) }
  }

  #originOf(data: Buffer, node: string): string | undefined {
    try {
      const origin = originOf(data, this.#options.scheme, node)
      this.#told = undefined
      return origin
    } catch (error) {
      this.#say(messageOf(error))
      return undefined
    }
  }

  #learn(leader: Leader | 'none'): void {
    const before = this.#leader
    this.#leader = leader
    this.#doubted = false
    if (leader !== 'none' && (before === undefined || before === 'none' || before.node !== leader.node)) {
      this.#log.debug({ master: leader.origin, node: leader.node }, 'leading Mesos master found in ZooKeeper')
    }
    this.#tell()
    for (const wake of [...this.#waiting]) wake()
  }

  #notRead(error: unknown): void {
    this.#doubted = false
    for (const wake of [...this.#waiting]) wake()
    // The session's next state brings the next look.
    if (['ZK_CONNECTION_LOSS', 'ZK_NOT_CONNECTED', 'ZK_EXPIRED', 'ZK_CLOSED'].includes(codeOf(error) ?? '')) return
    this.#say(messageOf(error))
    this.#cancelAgain = this.#clock.timer(AGAIN_MS, this.#changed)
  }

  /** Ends the subscriptions at masters that do not lead any more. What is not known ends none. */
  #tell(): void {
    const leader = this.#leader
    if (leader === undefined) return
    for (const watcher of [...this.#watchers]) {
      const why = whyLost(watcher, leader)
      if (why === undefined) continue
      this.#watchers.delete(watcher)
      watcher.onLost(why)
    }
  }

  async #news(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  /** Once, until something else is to be said. */
  #say(why: string): void {
    if (this.#told === why) return
    this.#told = why
    this.#log.warn({ path: this.#ensemble.path, why }, 'the leading Mesos master is not known')
  }
}

function whyLost(watcher: Watcher, leader: Leader | 'none'): string | undefined {
  if (leader === 'none') return `ZooKeeper knows no leading master any more, ${watcher.origin} was it`
  if (leader.origin === watcher.origin) {
    watcher.node ??= leader.node
    return leader.node === watcher.node ? undefined : `the master at ${watcher.origin} was started anew`
  }
  if (leader.node === watcher.node) return undefined // its text cannot be read any more, which says nothing
  return `ZooKeeper names ${leader.origin ?? leader.node} as the leading master, not ${watcher.origin}`
}
