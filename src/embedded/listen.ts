import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { HttpHandler, HttpRequest, HttpResponse } from './http.ts'

export interface ListenOptions {
  readonly host: string
  /** 0: any free port, see `Listener.port`. */
  readonly port: number
  /** Speaks https, with these PEM texts. */
  readonly tls?: ListenTls
  /** A handler or a body that threw. The connection is destroyed whatever this does; it is for the log. */
  readonly onError?: (thrown: unknown) => void
}

export interface ListenTls {
  readonly key: string
  readonly cert: string
  /** Whoever has no certificate of this authority is not let in. Without, nobody is asked for one. */
  readonly clientCa?: string
}

export interface Listener {
  /** With the port that was really taken and a trailing slash. */
  readonly url: URL
  readonly port: number
  /** Ends every connection, running streams included; resolves when the port is free. */
  readonly close: () => Promise<void>
}

/**
 * Puts a real HTTP server before a handler.
 * @throws (rejects) what `node:net` says where the address cannot be taken, such as `EADDRINUSE`
 */
export async function listen(handler: HttpHandler, options: ListenOptions): Promise<Listener> {
  const settings = { keepAliveTimeout: 30_000, requestTimeout: 0 }
  const listener: RequestListener = (incoming, outgoing) => {
    const gone = new AbortController()
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort(new Error('the client has gone'))
    })
    exchange(handler, incoming, outgoing, gone.signal).catch((thrown: unknown) => {
      // What a body throws because its client has gone is its way to end, no error.
      if (gone.signal.aborted) return
      // Nothing sensible can follow: a cut connection tells the client that this answer is not whole.
      outgoing.destroy()
      options.onError?.(thrown)
    })
  }
  const server =
    options.tls === undefined
      ? createServer(settings, listener)
      : createSecureServer({ ...settings, ...secure(options.tls) }, listener)
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  let closing: Promise<void> | undefined
  return {
    url: new URL(`http${options.tls === undefined ? '' : 's'}://${host}:${port}/`),
    port,
    close: () => {
      closing ??= new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      })
      return closing
    },
  }
}

function secure({ key, cert, clientCa }: ListenTls): TlsOptions {
  return { key, cert, ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }) }
}

async function exchange(
  handler: HttpHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  const sent: Buffer[] = []
  for await (const chunk of incoming) sent.push(chunk as Buffer)
  const response = await handler(toRequest(incoming, Buffer.concat(sent), gone))
  await answer(incoming, outgoing, response, gone)
}

function toRequest(incoming: IncomingMessage, body: Buffer, signal: AbortSignal): HttpRequest {
  const headers: Record<string, string> = {}
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    if (values !== undefined) headers[name] = values.join(name === 'cookie' ? '; ' : ', ')
  }
  const { remoteAddress = '', remotePort = 0 } = incoming.socket
  return {
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers,
    body,
    signal,
    remote: `${remoteAddress}:${remotePort}`,
  }
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  response: HttpResponse,
  gone: AbortSignal,
): Promise<void> {
  const { status, reason, headers, body } = response
  for (const [name, value] of headers) outgoing.appendHeader(name, value)
  const bodiless = incoming.method === 'HEAD' || status === 204 || status === 304
  if (Buffer.isBuffer(body)) {
    if (!bodiless || incoming.method === 'HEAD') outgoing.setHeader('content-length', body.length)
    writeHead(outgoing, status, reason)
    outgoing.end(bodiless ? undefined : body)
    return
  }
  writeHead(outgoing, status, reason)
  const chunks = body[Symbol.asyncIterator]()
  if (bodiless) {
    outgoing.end()
    await chunks.return?.()
    return
  }
  // The first chunk may be minutes away (an event stream), the status must not wait for it.
  outgoing.flushHeaders()
  await pump(chunks, outgoing, gone)
}

function writeHead(outgoing: ServerResponse, status: number, reason: string | undefined): void {
  if (reason === undefined) outgoing.writeHead(status)
  else outgoing.writeHead(status, reason)
}

async function pump(chunks: AsyncIterator<Uint8Array>, outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  const leave = (): void => {
    // A generator that is waiting for its next event hears of this when that comes, or by `request.signal`.
    chunks.return?.().catch(() => undefined)
  }
  if (gone.aborted) leave()
  else gone.addEventListener('abort', leave, { once: true })
  for (;;) {
    const next = await chunks.next()
    if (gone.aborted) return
    if (next.done) break
    if (!outgoing.write(next.value)) await drained(outgoing)
  }
  gone.removeEventListener('abort', leave)
  outgoing.end()
}

/** Resolves when there is room again, or nobody to write to. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done)
      outgoing.off('close', done)
      resolve()
    }
    outgoing.once('drain', done)
    outgoing.once('close', done)
  })
}
