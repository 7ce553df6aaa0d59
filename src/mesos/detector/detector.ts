import type { Cancel } from '../../core/clock.ts'

/** Knows, or finds out, which master leads. */
export interface MasterDetector {
  /** Origin of the master to subscribe at, such as `http://10.0.0.1:5050`; waits while none is known. */
  readonly find: (signal: AbortSignal) => Promise<string>
  /** This master accepted the subscription. */
  readonly leads: (origin: string) => void
  /** This master did not serve: no answer, no leader, still recovering. */
  readonly failed: (origin: string) => void
  /**
   * This master named another one as the leader.
   * @returns whether `find` now gives a master that is worth asking at once
   */
  readonly redirected: (origin: string, leader: string) => boolean
  /** Calls back once when another master than this one is known to lead, or none. */
  readonly watch: (origin: string, onLost: (why: string) => void) => Cancel
  readonly close: () => Promise<void>
}
