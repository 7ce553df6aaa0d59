import { Client, type Dispatcher } from 'undici'
import { messageOf } from '../core/code-of.ts'
import { type TlsFiles, tlsOptions } from '../core/tls.ts'
import { explainTls } from '../core/tls-errors.ts'
import type { Authorizer } from './auth/authorizer.ts'
import { MesosError, withStatus } from './errors.ts'

/** Makes the way to one origin. Whoever calls it destroys what it gets. */
export type Dispatch = (origin: string) => Dispatcher

/** One keep-alive connection at a time; this program's own clock says when it took too long. */
export function ownConnection(tls?: TlsFiles): Dispatch {
  const connect = tlsOptions(tls)
  return (origin) =>
    new Client(origin, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 60_000, connect })
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
 * @throws MesosError MESOS_UNAUTHORIZED after a 401, MESOS_UNREACHABLE, what the authorizer throws, or the signal's
 *   reason
 */
export async function send(call: HttpCall): Promise<Dispatcher.ResponseData> {
  const header = await untilAborted(call.authorize(call.origin), call.signal)
  const response = await sendAs(call, header)
  if (response.statusCode !== 401) return response
  const newer = header === undefined ? undefined : await untilAborted(call.authorize(call.origin, header), call.signal)
  if (newer === undefined || newer === header) throw await unauthorized(call, response, header)
  await response.body.dump()
  const again = await sendAs(call, newer)
  if (again.statusCode === 401) throw await unauthorized(call, again, newer)
  return again
}

async function unauthorized(
  call: HttpCall,
  response: Dispatcher.ResponseData,
  header: string | undefined,
): Promise<unknown> {
  const text = (await readText(call, response)).trim().slice(0, 200)
  const hint =
    header === undefined
      ? 'it wants a login: set MESOS_PRINCIPAL and MESOS_SECRET, on DC/OS DCOS_SERVICE_ACCOUNT_CREDENTIAL'
      : header.startsWith('Basic ')
        ? 'check MESOS_PRINCIPAL and MESOS_SECRET'
        : 'it does not take the token of the account in DCOS_SERVICE_ACCOUNT_CREDENTIAL'
  const message = `${call.what}: ${withStatus(401, text)} (${hint})`
  return new MesosError('MESOS_UNAUTHORIZED', message, { status: 401 })
}

/** A login that takes long must not hold up an end. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Sends a request with this header, whatever comes back. @throws MesosError MESOS_UNREACHABLE, or the signal's reason */
export async function sendAs(call: HttpCall, authorization: string | undefined): Promise<Dispatcher.ResponseData> {
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
  const tls = explainTls(cause, 'MESOS', call.origin)
  if (tls !== undefined) return new MesosError('MESOS_UNREACHABLE', `${call.what}: ${tls}`, { cause })
  return new MesosError('MESOS_UNREACHABLE', `${call.what}: no answer: ${messageOf(cause)}`, { cause })
}

/** The first value of a header. */
export function header(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name]
  return typeof value === 'string' ? value : value?.[0]
}
