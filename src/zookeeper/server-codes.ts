import { ZooKeeperError, type ZooKeeperErrorCode } from './errors.ts'

/** The server's numbers that mean something to us; see `KeeperException.Code` of ZooKeeper. */
const CODES: Readonly<Record<number, readonly [ZooKeeperErrorCode, string]>> = {
  [-101]: ['ZK_NO_NODE', 'no such node'],
  [-102]: ['ZK_NO_AUTH', 'the ACL of the node does not allow it to this user'],
  [-103]: ['ZK_BAD_VERSION', 'the node has another version'],
  [-108]: ['ZK_NO_CHILDREN', 'the parent is an ephemeral node, which has no children'],
  [-110]: ['ZK_NODE_EXISTS', 'the node exists'],
  [-111]: ['ZK_NOT_EMPTY', 'the node has children'],
  [-112]: ['ZK_EXPIRED', 'the session has expired'],
  [-115]: ['ZK_AUTH_FAILED', 'the server does not take the credentials'],
  // The session is held by another server by now: it was not done, and this connection is of no use.
  [-118]: ['ZK_CONNECTION_LOSS', 'the session has moved to another server'],
}

/** What the server gives every other operation of a `multi` that failed. */
export const ROLLED_BACK = -2

export const NO_NODE = -101
export const SESSION_EXPIRED = -112
export const SESSION_MOVED = -118

/** @param what begins the message: `create /a/b` */
export function fromServer(what: string, serverCode: number, path?: string, operation?: number): ZooKeeperError {
  const known = CODES[serverCode]
  const [code, why] = known ?? ['ZK_REFUSED', `ZooKeeper refuses with error ${serverCode}`]
  return new ZooKeeperError(code, `${what}: ${why}`, { path, serverCode, operation })
}
