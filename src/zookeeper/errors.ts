/** Why a call to ZooKeeper failed, sorted by what the caller can do about it. */
export type ZooKeeperErrorCode =
  | 'ZK_CONNECTION_LOSS' // sent, and the connection was lost before the answer: it may have been done or not
  | 'ZK_NOT_CONNECTED' // never sent: wait for `connected`
  | 'ZK_EXPIRED' // the session is over, and its ephemeral nodes are gone or going: open another one
  | 'ZK_CLOSED' // after `close`
  | 'ZK_NO_NODE'
  | 'ZK_NODE_EXISTS'
  | 'ZK_BAD_VERSION'
  | 'ZK_NOT_EMPTY' // a node with children is not deleted
  | 'ZK_NO_CHILDREN' // an ephemeral node has none
  | 'ZK_NO_AUTH' // the ACL of the node forbids it to this user: a person must act
  | 'ZK_AUTH_FAILED' // the server does not take these credentials: a person must act
  | 'ZK_TOO_BIG' // never sent: more than one packet may hold
  | 'ZK_REFUSED' // the server says no for another reason: a mistake of this program or the server's configuration
  | 'ZK_MALFORMED' // an answer that is not of this protocol

export interface ZooKeeperErrorOptions {
  readonly path?: string | undefined
  /** The server's number for what went wrong. */
  readonly serverCode?: number | undefined
  /** Of a `multi`: which operation failed, from 0. */
  readonly operation?: number | undefined
  readonly cause?: unknown
}

/** Never carries a credential or the data of a node. */
export class ZooKeeperError extends Error {
  override readonly name = 'ZooKeeperError'
  readonly code: ZooKeeperErrorCode
  readonly path: string | undefined
  readonly serverCode: number | undefined
  readonly operation: number | undefined

  constructor(code: ZooKeeperErrorCode, message: string, options: ZooKeeperErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.path = options.path
    this.serverCode = options.serverCode
    this.operation = options.operation
  }

  /** The same may work later without anybody's doing; after `ZK_CONNECTION_LOSS` it may have worked already. */
  get retryable(): boolean {
    return this.code === 'ZK_CONNECTION_LOSS' || this.code === 'ZK_NOT_CONNECTED'
  }
}
