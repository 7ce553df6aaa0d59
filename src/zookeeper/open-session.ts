import { Client } from './client.ts'
import type { ZooKeeperOptions, ZooKeeperSession } from './session.ts'

/** Connects at once, and again whenever that is needed, until the session has ended. */
export function openSession(options: ZooKeeperOptions): ZooKeeperSession {
  return new Client(options)
}
