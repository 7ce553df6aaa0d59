import type { Cancel, Clock } from '../core/clock.ts'
import type { Ensemble } from '../core/ensemble.ts'
import type { Log } from '../core/log.ts'
import type { Instant } from '../core/model.ts'
import type { TlsFiles } from '../core/tls.ts'
import type { Connect } from './transport.ts'

/**
 * - `connecting`: no server has made the session yet
 * - `suspended`: the connection is lost; the session and its ephemeral nodes may live on
 * - `expired`, `closed`: final
 */
export type SessionState = 'connecting' | 'connected' | 'suspended' | 'expired' | 'closed'

/** What `get` found. */
export interface NodeData {
  readonly data: Buffer
  readonly version: number
}

export interface CreateOptions {
  /** The node goes with the session. */
  readonly ephemeral?: boolean
  /** The server adds ten digits to the path. */
  readonly sequential?: boolean
}

/** One operation of a `multi`. A version of -1 stands for any. */
export type ZooKeeperOp =
  | { readonly kind: 'create'; readonly path: string; readonly data: Buffer; readonly ephemeral?: boolean }
  | { readonly kind: 'set'; readonly path: string; readonly data: Buffer; readonly version: number }
  | { readonly kind: 'delete'; readonly path: string; readonly version: number }
  | { readonly kind: 'check'; readonly path: string; readonly version: number }

/**
 * One session with an ensemble, from connecting to its end. An expired session is of no more use: open a new one.
 *
 * Paths are whole paths of the ensemble; the path of `Ensemble` is not put before them. Calls are sent in the order
 * in which they are made and carried out in that order. A call while not `connected` rejects at once with
 * `ZK_NOT_CONNECTED`; calls that wait for their answer when the connection is lost reject with `ZK_CONNECTION_LOSS`.
 *
 * A watch is called once, after the node (`get`, `exists`) or its list of children (`children`) changed or went away;
 * `exists` also when it comes to be, and `get` of a missing node like `exists`. After a lost connection it is set
 * again, and called at once if something happened in between. It is never called after the end of the session, of
 * which `onState` tells.
 */
export interface ZooKeeperSession {
  readonly state: SessionState
  /** Milliseconds; as asked for until the first server has answered, then as that server granted. */
  readonly timeoutMs: number
  /**
   * Until this instant of the session's clock no server can have expired the session: act for it only before then,
   * minus a margin for what is under way. 0 when nothing is proved. It counts from when a request was sent, and by the
   * clock and by its monotonic time, whichever went further: it holds after a pause of this process and when the clock
   * is set. Ask for it before each act. In quiet times it is half to two thirds of the timeout ahead.
   */
  readonly safeUntil: Instant
  readonly onState: (listener: (state: SessionState, why: string) => void) => Cancel
  /** @returns names without the path, in no order; `undefined`: no such node, and `watch` was not set */
  readonly children: (path: string, watch?: () => void) => Promise<readonly string[] | undefined>
  /** @returns `undefined`: no such node; `watch` then waits for it */
  readonly get: (path: string, watch?: () => void) => Promise<NodeData | undefined>
  readonly exists: (path: string, watch?: () => void) => Promise<boolean>
  /**
   * With `Ensemble.auth` only that user may do anything with the node, else everybody.
   * @returns the path that was made
   * @throws ZooKeeperError ZK_NODE_EXISTS, ZK_NO_NODE (of the parent) and what any call may
   */
  readonly create: (path: string, data: Buffer, options?: CreateOptions) => Promise<string>
  /**
   * @param version -1: any
   * @returns the new version
   */
  readonly set: (path: string, data: Buffer, version: number) => Promise<number>
  readonly delete: (path: string, version: number) => Promise<void>
  /** All or nothing. The error names the first operation that failed. */
  readonly multi: (ops: readonly ZooKeeperOp[]) => Promise<void>
  /** Reads of `path` after it see everything that was written before it, by whichever session. */
  readonly sync: (path: string) => Promise<void>
  /** Ends the session, on the server too if one is connected: ephemeral nodes go at once. Never rejects. */
  readonly close: () => Promise<void>
}

export interface ZooKeeperOptions {
  readonly ensemble: Ensemble
  /** Asked for, 10 000 by default; the server grants what its own limits allow (2 to 20 of its ticks). */
  readonly sessionTimeoutMs?: number
  readonly clock: Clock
  /** 0 up to 1, for the order of the servers and the back-off. */
  readonly random: () => number
  readonly log: Log
  /** [TCP, or TLS where `tls` is given] */
  readonly connect?: Connect
  readonly tls?: TlsFiles | undefined
  /**
   * What `safeUntil` takes for a proof. `quorum` [default]: answers to writes only, and heartbeats are small writes: a
   * server that is cut off from the others answers reads and pings for a while, though they may expire its sessions
   * meanwhile. `server`: any answer, heartbeats are pings; for sessions that hold nothing.
   */
  readonly proof?: 'quorum' | 'server'
}
