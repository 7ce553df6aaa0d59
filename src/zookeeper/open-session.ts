import type { ZooKeeperOptions, ZooKeeperSession } from './session.ts'

/** Connects at once, and again whenever that is needed, until the session has ended. */
export function openSession(_options: ZooKeeperOptions): ZooKeeperSession {
  throw new Error('not there yet')
}
