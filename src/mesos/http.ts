import { Client, type Dispatcher } from 'undici'
import { messageOf } from '../core/code-of.ts'
import type { Authorizer } from './auth/authorizer.ts'
import { MesosError } from './errors.ts'

/** Makes the way to one origin. Whoever calls it destroys what it gets. */
export type Dispatch = (origin: string) => Dispatcher

/** One keep-alive connection at a time; this program's own clock says when it took too long. */
export function ownConnection(origin: string): Dispatcher {
  return new Client(origin, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 60_000 })
}

export interface HttpCall {
  readonly dispatcher: Dispatcher
  readonly origin: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly authorize: Authorizer
  readonly signal: AbortSignal
  /** Begins the messages of errors. */
  readonly what: string
}

/**
 * Sends a request; after a 401 once more, if the authorizer has a newer header then.
 * @throws MesosError MESOS_UNREACHABLE, or the signal's reason
 */
export async function send(call: HttpCall): Promise<Dispatcher.ResponseData> {
  const header = await call.authorize(call.origin)
  const response = await sendOnce(call, header)
  if (response.statusCode !== 401 || header === undefined) return response
  const newer = await call.authorize(call.origin, header)
  if (newer === undefined || newer === header) return response
  await response.body.dump()
  return sendOnce(call, newer)
}

async function sendOnce(call: HttpCall, authorization: string | undefined): Promise<Dispatcher.ResponseData> {
  try {
    return await call.dispatcher.request({
      origin: call.origin,
      path: call.path,
      method: call.method,
      headers: { ...call.headers, ...(authorization !== undefined && { authorization }) },
      signal: call.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(call.body !== undefined && { body: call.body }),
    })
  } catch (cause) {
    throw unreachable(call, cause)
  }
}

/** The whole body as text. @throws MesosError MESOS_UNREACHABLE, or the signal's reason */
export async function readText(call: HttpCall, response: Dispatcher.ResponseData): Promise<string> {
  try {
    return await response.body.text()
  } catch (cause) {
    throw unreachable(call, cause)
  }
}

function unreachable(call: HttpCall, cause: unknown): unknown {
  if (call.signal.aborted) return call.signal.reason
  return new MesosError('MESOS_UNREACHABLE', `${call.what}: no answer: ${messageOf(cause)}`, { cause })
}

/** The first value of a header. */
export function header(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name]
  return typeof value === 'string' ? value : value?.[0]
}
