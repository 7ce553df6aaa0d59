import type { FastifyRequest } from 'fastify'
import type { Scope } from '../scope.ts'

/** Who sent a request, for the audit log and for what it may do. */
export interface Caller {
  /** Of its token; `this machine` where no token is set; `nobody` where none was asked for. */
  readonly name: string
  readonly scope: Scope
  /** Its address, behind a trusted proxy as that tells it. */
  readonly remote: string
  /** The proxy's address, where `remote` is what a proxy told. */
  readonly proxy?: string
  /** What it calls this request, to find it in other logs. */
  readonly requestId?: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler runs. */
    caller: Caller
  }
}

const REQUEST_ID = /^[\w.:@/+=-]{1,128}$/

/** A caller of whom nothing is known but where it is. */
export function nobody(request: FastifyRequest): Caller {
  const peer = request.socket.remoteAddress ?? 'unknown'
  const remote = request.ip
  const requestId = request.headers['x-request-id']
  return {
    name: 'nobody',
    scope: 'open',
    remote,
    ...(remote !== peer && { proxy: peer }),
    ...(typeof requestId === 'string' && REQUEST_ID.test(requestId) && { requestId }),
  }
}
