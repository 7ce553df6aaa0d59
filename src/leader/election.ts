import type { Cancel, Clock } from '../core/clock.ts'
import { codeOf, messageOf } from '../core/code-of.ts'
import type { Log } from '../core/log.ts'
import type { LeaderPort } from '../loop/ports.ts'
import { makePath } from '../zookeeper/make-path.ts'
import type { SessionState, ZooKeeperSession } from '../zookeeper/session.ts'
import { type Candidate, describeCandidate, nameOf } from './candidate.ts'

export interface ElectionOptions {
  /** Opens another session, by `clock`: the first, and one after each that expired. */
  readonly open: () => ZooKeeperSession
  /** Of the state; candidates stand in `leader` below it. */
  readonly path: string
  readonly me: Candidate
  /** So many lower-case letters and digits, other ones each time. */
  readonly letters: (length: number) => string
  readonly clock: Clock
  readonly log: Log
}

/** What entitles the leader to write: see `Fence` of the store. */
export interface Elected {
  readonly session: ZooKeeperSession
  readonly node: string
}

/** This part of the session's timeout before it could expire nothing is begun any more: for what is on its way. */
const MARGIN = 1 / 5
const AGAIN_MS = 5_000
const PROOF_MS = 250

/**
 * Elects one of the instances on one state. Each has an ephemeral sequential znode and the lowest one leads; each other
 * watches the one before its own alone, so that an end wakes one instance and not all.
 *
 * A leader whose connection is lost does not act, and when it is back its leadership begins anew: nobody else can have
 * led in between, as long as its znode is there.
 */
export class Election implements LeaderPort {
  readonly #options: ElectionOptions
  readonly #folder: string
  #onChange: ((leading: boolean, why: string) => void) | undefined
  #session: ZooKeeperSession | undefined
  /** Begins the name of this session's znode, so that it is found when the answer to its making was lost. */
  #prefix = ''
  #node: string | undefined
  #leading = false
  #standsBy = false
  #why: string | undefined
  #looking = false
  #lookAgain = false
  #cancelState: Cancel = () => undefined
  #cancelTimer: Cancel = () => undefined
  #stopped = false

  constructor(options: ElectionOptions) {
    this.#options = options
    this.#folder = `${options.path === '/' ? '' : options.path}/leader`
  }

  readonly mayAct = (): boolean => this.#leading && this.#isSafe()

  readonly standsBy = (): boolean => this.#standsBy && this.#session?.state === 'connected'

  /** While this instance leads. */
  get elected(): Elected | undefined {
    if (!this.#leading || this.#session === undefined || this.#node === undefined) return undefined
    return { session: this.#session, node: this.#node }
  }

  start(onChange: (leading: boolean, why: string) => void): void {
    if (this.#onChange !== undefined) return
    this.#onChange = onChange
    this.#campaign('connecting to ZooKeeper')
  }

  /** The next instance leads at once. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#leading = false
    this.#standsBy = false
    this.#cancelTimer()
    this.#cancelState()
    await this.#session?.close()
  }

  #campaign(why: string): void {
    this.#cancelState()
    this.#node = undefined
    this.#prefix = `${this.#options.letters(16)}-`
    this.#set(false, why)
    const session = this.#options.open()
    this.#session = session
    this.#cancelState = session.onState((state, reason) => {
      this.#follow(state, reason)
    })
    if (session.state === 'connected') this.#look()
  }

  #follow(state: SessionState, reason: string): void {
    if (this.#stopped) return
    if (state === 'connected') this.#look()
    if (state === 'connecting') this.#set(false, `no connection to ZooKeeper yet: ${reason}`)
    if (state === 'suspended') this.#set(false, `the connection to ZooKeeper is lost: ${reason}`)
    if (state === 'expired') this.#campaign(`the session with ZooKeeper expired: ${reason}`)
  }

  /** Looks where this instance stands. One look at a time, and one more where something changed meanwhile. */
  readonly #look = (): void => {
    if (this.#stopped) return
    this.#lookAgain = true
    if (this.#looking) return
    void this.#looks()
  }

  /** Somebody changed or deleted this candidate's own znode: the next one may lead before this one has looked. */
  readonly #touched = (): void => {
    if (this.#leading) this.#set(false, 'its place in the election was touched by somebody else')
    this.#look()
  }

  async #looks(): Promise<void> {
    this.#looking = true
    while (this.#lookAgain && !this.#stopped) {
      this.#lookAgain = false
      const session = this.#session
      if (session?.state !== 'connected') break // its next state looks again
      try {
        await this.#stand(session)
      } catch (error) {
        this.#failed(session, error)
      }
    }
    this.#looking = false
  }

  async #stand(session: ZooKeeperSession): Promise<void> {
    await makePath(session, this.#folder)
    await session.sync(this.#folder) // what this session made over another server is to be seen
    let candidates = await this.#candidates(session)
    if (!candidates.some((name) => this.#isMine(name))) {
      const data = Buffer.from(JSON.stringify(this.#options.me))
      await session.create(`${this.#folder}/${this.#prefix}`, data, { ephemeral: true, sequential: true })
      candidates = await this.#candidates(session)
    }
    const [mine, ...doubles] = candidates.filter((name) => this.#isMine(name))
    if (mine === undefined) throw new Error('the znode of this candidate is gone again')
    // The first attempt arrived after all, later than the second.
    for (const name of doubles) await session.delete(`${this.#folder}/${name}`, -1)
    this.#node = `${this.#folder}/${mine}`
    const before = candidates[candidates.indexOf(mine) - 1]
    const look = (name: string, watch: () => void): Promise<boolean> => session.exists(`${this.#folder}/${name}`, watch)
    const there = await Promise.all([
      look(mine, this.#touched),
      ...(before === undefined ? [] : [look(before, this.#look)]),
    ])
    if (there.includes(false)) this.#look()
    else if (before === undefined) this.#lead(session)
    else await this.#standBy(session, candidates[0] ?? before)
  }

  async #standBy(session: ZooKeeperSession, first: string): Promise<void> {
    const leader = await session.get(`${this.#folder}/${first}`)
    if (session !== this.#session || session.state !== 'connected') return
    const name = leader === undefined ? 'another instance' : nameOf(leader.data)
    if (name === describeCandidate(this.#options.me)) {
      this.#set(false, 'waiting for ZooKeeper to end an earlier session of this instance: nobody leads until then')
      return
    }
    this.#set(false, `${name} leads`)
    this.#standsBy = true
  }

  /** By their numbers: the name before it is nobody's rank. */
  async #candidates(session: ZooKeeperSession): Promise<readonly string[]> {
    const names = (await session.children(this.#folder)) ?? []
    const rank = (name: string): number => Number(name.slice(-10))
    return [...names].sort((one, other) => rank(one) - rank(other))
  }

  #isMine(name: string): boolean {
    return name.startsWith(this.#prefix)
  }

  #lead(session: ZooKeeperSession): void {
    if (session !== this.#session || session.state !== 'connected' || this.#stopped) return
    this.#cancelTimer()
    if (this.#isSafe()) {
      this.#set(true, `elected, as ${describeCandidate(this.#options.me)}`)
      this.#watchLease(session)
      return
    }
    this.#set(false, 'first in line, and waiting for ZooKeeper to confirm the session')
    this.#cancelTimer = this.#options.clock.timer(PROOF_MS, this.#look)
  }

  /** A server that has fallen silent is noticed by the session; this is for one that answers and proves nothing. */
  #watchLease(session: ZooKeeperSession): void {
    this.#cancelTimer = this.#options.clock.timer(Math.max(0, this.#leftMs(session)), () => {
      if (this.#leading && session === this.#session) this.#lead(session)
    })
  }

  #isSafe(): boolean {
    const session = this.#session
    return session?.state === 'connected' && this.#leftMs(session) > 0
  }

  /**
   * `safeUntil` goes by the clock that may be set and by the one that stands still while the machine sleeps, whichever
   * went further: a clock set forth costs a few seconds of not acting, until the next proof.
   */
  #leftMs(session: ZooKeeperSession): number {
    const untilMs = session.safeUntil - session.timeoutMs * MARGIN // before the clock: a pause in between counts
    return untilMs - this.#options.clock.now()
  }

  #failed(session: ZooKeeperSession, error: unknown): void {
    if (this.#stopped || PASSING.has(codeOf(error) ?? '')) return // the next state of the session looks again
    const hint = codeOf(error) === 'ZK_NO_AUTH' ? '; check user and password in STATE_URL' : ''
    const why = `${messageOf(error)}${hint}`
    const words = `ZooKeeper refuses the election: ${why}`
    if (this.#why !== words) this.#options.log.error({ why, err: error }, 'ZooKeeper refuses the election')
    this.#set(false, words)
    this.#cancelTimer()
    this.#cancelTimer = this.#options.clock.timer(AGAIN_MS, () => {
      if (session === this.#session) this.#look()
    })
  }

  #set(leading: boolean, why: string): void {
    this.#standsBy = false
    if (!leading) this.#cancelTimer()
    if (this.#stopped || (this.#leading === leading && (leading || this.#why === why))) return
    this.#leading = leading
    this.#why = why
    this.#onChange?.(leading, why)
  }
}

const PASSING: ReadonlySet<string> = new Set(['ZK_CONNECTION_LOSS', 'ZK_NOT_CONNECTED', 'ZK_EXPIRED', 'ZK_CLOSED'])
