import { createHash } from 'node:crypto'
import type { Cancel, Clock } from '../../core/clock.ts'
import type { Handshake, ServerConnection, SessionRecord } from './server-connection.ts'

interface Live extends SessionRecord {
  cancel: Cancel
  /** Its time was over while nobody could end it. */
  overdue: boolean
}

export interface SessionTableOptions {
  readonly clock: Clock
  readonly tickMs: number
  /** Whether somebody leads who can end sessions. */
  readonly isLed: () => boolean
  /** Whether what this server hears of its clients is the leading server's own knowledge, or told to it, or lost. */
  readonly hears: (server: number) => 'leads' | 'tells' | 'isolated'
  /** Its time is over. */
  readonly onSilence: (session: SessionRecord) => void
}

/** The sessions as the leading server keeps them. */
export class SessionTable {
  readonly #options: SessionTableOptions
  readonly #sessions = new Map<bigint, Live>()
  /** What other servers heard of, until they tell the leading one, which they do every half tick. */
  readonly #heard = new Map<Live, number>()
  #made = 0
  #cancelForward: Cancel | undefined

  constructor(options: SessionTableOptions) {
    this.#options = options
  }

  get all(): readonly SessionRecord[] {
    return [...this.#sessions.values()]
  }

  /** @returns `undefined`: there is no such session, or that is not its password */
  attach(server: number, connection: ServerConnection, asked: Handshake): SessionRecord | undefined {
    if (asked.id === 0n) return this.#make(server, connection, asked.timeoutMs)
    const session = this.#sessions.get(asked.id)
    if (session?.password.equals(asked.password) !== true) return undefined
    session.connection = connection
    this.#credit(session)
    return session
  }

  touch(server: number, { id }: SessionRecord): void {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    const hears = this.#options.hears(server)
    if (hears === 'leads') this.#credit(session)
    if (hears !== 'tells') return
    const { clock, tickMs } = this.#options
    this.#heard.set(session, server)
    this.#cancelForward ??= clock.timer(tickMs / 2, () => {
      this.#cancelForward = undefined
      // A leading server that is frozen finds it too late.
      if (this.#options.isLed()) for (const heard of this.#heard.keys()) this.#credit(heard)
      this.#heard.clear()
    })
  }

  /** The leading server was frozen, and ends first what is overdue. */
  wake(): void {
    for (const session of [...this.#sessions.values()]) if (session.overdue) this.#options.onSilence(session)
  }

  /** This server does not get to tell what it heard. */
  lose(server: number): void {
    for (const [session, at] of [...this.#heard]) if (at === server) this.#heard.delete(session)
  }

  /** A new leading server gives each session its whole timeout. */
  beginAnew(): void {
    this.#heard.clear()
    for (const session of this.#sessions.values()) this.#credit(session)
  }

  /** @returns whether there was such a session */
  delete({ id }: SessionRecord): boolean {
    const session = this.#sessions.get(id)
    if (session === undefined) return false
    session.cancel()
    this.#heard.delete(session)
    return this.#sessions.delete(id)
  }

  close(): void {
    for (const session of this.#sessions.values()) session.cancel()
    this.#cancelForward?.()
  }

  #make(server: number, connection: ServerConnection, askedMs: number): SessionRecord {
    const { tickMs } = this.#options
    const id = (BigInt(server + 1) << 56n) | BigInt(++this.#made)
    const session: Live = {
      id,
      password: createHash('md5').update(`session ${id}`).digest(),
      timeoutMs: Math.min(20 * tickMs, Math.max(2 * tickMs, askedMs)),
      connection,
      cancel: () => undefined,
      overdue: false,
    }
    this.#sessions.set(id, session)
    this.#credit(session)
    return session
  }

  /** The leading server heard of it now. */
  #credit(session: Live): void {
    if (!this.#sessions.has(session.id)) return
    const { clock, isLed, onSilence } = this.#options
    session.cancel()
    session.overdue = false
    session.cancel = clock.timer(session.timeoutMs, () => {
      // Without a leading server nobody ends sessions; the next one begins anew.
      if (isLed()) onSilence(session)
      else session.overdue = true
    })
  }
}
