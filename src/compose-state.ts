import type { Clock } from './core/clock.ts'
import type { Ensemble } from './core/ensemble.ts'
import type { Log } from './core/log.ts'
import type { TlsFiles } from './core/tls.ts'
import type { Candidate } from './leader/candidate.ts'
import { Election } from './leader/election.ts'
import type { Chance } from './loop/context.ts'
import type { LeaderPort, StorePort } from './loop/ports.ts'
import { checkMarkNode } from './store/zookeeper-mark.ts'
import { ZooKeeperStore } from './store/zookeeper-store.ts'
import { openSession } from './zookeeper/open-session.ts'
import type { ZooKeeperSession } from './zookeeper/session.ts'
import type { Connect } from './zookeeper/transport.ts'

export interface ZooKeeperStateOptions {
  /** Where the state is, path included. */
  readonly ensemble: Ensemble
  readonly tls: TlsFiles | undefined
  readonly me: Candidate
  readonly clock: Clock
  readonly chance: Chance
  readonly log: Log
  /** Tests carry bytes in memory with this. */
  readonly connect?: Connect
}

/** A state, and who may write it. */
export interface ComposedState {
  readonly store: StorePort
  readonly leader: LeaderPort
}

/** The state in ZooKeeper: one of its instances leads, and the store writes for that leadership alone. */
export function composeZooKeeperState(options: ZooKeeperStateOptions): ComposedState {
  const { ensemble, me, clock, chance, log } = options
  const { path } = ensemble
  const open = (): ZooKeeperSession => openStateSession(options)
  const leader = new Election({ open, path, me, letters: chance.letters, clock, log })
  const store = new ZooKeeperStore({
    path,
    fence: () => leader.elected,
    clock,
    check: (session) => checkMarkNode(session, path),
  })
  return { store, leader }
}

/** By the clock as it is, both measures of it: a leader acts only while neither says that its session may be over. */
export function openStateSession(options: Omit<ZooKeeperStateOptions, 'me'>): ZooKeeperSession {
  const { ensemble, tls, clock, chance, log, connect } = options
  return openSession({
    ensemble,
    tls,
    clock,
    random: chance.fraction,
    log,
    ...(connect && { connect }),
  })
}
