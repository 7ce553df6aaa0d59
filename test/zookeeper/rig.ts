import type { Ensemble } from '../../src/core/ensemble.ts'
import { openSession } from '../../src/zookeeper/open-session.ts'
import type { SessionState, ZooKeeperOptions, ZooKeeperSession } from '../../src/zookeeper/session.ts'
import { aLog } from '../support/log.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { SimulatedEnsemble } from '../support/zookeeper/simulated-ensemble.ts'

/** A simulated ensemble and sessions with it, all on one clock that stands still. */
export class ZooKeeperRig {
  readonly clock = new VirtualClock()
  readonly ensemble: SimulatedEnsemble
  readonly #logged = aLog()
  readonly #sessions: ZooKeeperSession[] = []

  constructor(servers = 3) {
    this.ensemble = new SimulatedEnsemble({ clock: this.clock, servers })
  }

  get lines(): readonly string[] {
    return this.#logged.text().split('\n')
  }

  /** Tries the servers in their order. */
  open(
    options: Partial<ZooKeeperOptions> & { readonly client?: string; readonly at?: Ensemble } = {},
  ): ZooKeeperSession {
    const { client, at = this.ensemble.at('/'), ...rest } = options
    const session = openSession({
      ensemble: at,
      clock: this.clock,
      random: () => 0,
      log: this.#logged.log,
      connect: this.ensemble.connect(client),
      ...rest,
    })
    this.#sessions.push(session)
    return session
  }

  async connected(options: Parameters<ZooKeeperRig['open']>[0] = {}): Promise<ZooKeeperSession> {
    const session = this.open(options)
    await this.until(session, 'connected')
    return session
  }

  async until(session: ZooKeeperSession, state: SessionState, limitMs = 60_000): Promise<void> {
    await this.clock.until(() => session.state === state, limitMs, `state ${state} (it is ${session.state})`)
  }

  /** Ends everything. @returns timers that were left */
  async close(): Promise<number> {
    const closed = Promise.all(this.#sessions.map((session) => session.close()))
    await this.clock.advance(2_000)
    await closed
    this.ensemble.close()
    return this.clock.pending
  }
}

/** Remembers what a session told. */
export function statesOf(session: ZooKeeperSession): readonly SessionState[] {
  const states: SessionState[] = []
  session.onState((state) => states.push(state))
  return states
}
