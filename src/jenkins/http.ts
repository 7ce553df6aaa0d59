import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { type Dispatcher, Pool } from 'undici'
import { codeOf } from '../core/code-of.ts'
import { whyNoAnswer } from '../core/no-answer.ts'
import { type TlsFiles, tlsOptions } from '../core/tls.ts'
import { isHandshakeFailure } from '../core/tls-errors.ts'
import { JenkinsError } from './errors.ts'

const unzip = promisify(gunzip)

/** Below the 30 s after which Jenkins closes idle connections: one that it closes under a request is a reset. */
const KEEP_ALIVE_MS = 20_000
const CONNECTIONS = 10

export interface HttpOptions {
  readonly origin: string
  /** For the head of an answer, and between any two pieces of its body. */
  readonly timeoutMs: number
  /** A longer answer is an error, unzipped or not. */
  readonly maxAnswerBytes: number
  /** Tests hand in undici's `MockAgent`. It is owned: `close` closes it. */
  readonly dispatcher?: Dispatcher | undefined
  readonly tls?: TlsFiles | undefined
  /** Called as each POST is sent; what it throws keeps the request back. */
  readonly mayPost?: ((what: string) => void) | undefined
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  /** From the root of the host, query included. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpAnswer {
  readonly status: number
  /** The first value of a header, by its name in lower case. */
  readonly header: (name: string) => string | undefined
  readonly setCookies: readonly string[]
  readonly text: string
}

/** HTTP to one origin: whole answers, bounded in size and time. No redirects, no credentials, no retries of POSTs. */
export class Http {
  readonly #options: HttpOptions
  readonly #dispatcher: Dispatcher

  constructor(options: HttpOptions) {
    this.#options = options
    this.#dispatcher =
      options.dispatcher ??
      new Pool(options.origin, {
        connections: CONNECTIONS,
        pipelining: 1,
        keepAliveTimeout: KEEP_ALIVE_MS,
        keepAliveMaxTimeout: KEEP_ALIVE_MS,
        connect: tlsOptions(options.tls),
      })
  }

  /** A GET is sent once more when its connection is reset: a pooled one may have been closed just then. */
  async send(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    if (request.method === 'POST') this.#options.mayPost?.(describe(request))
    try {
      return await this.#once(request, signal)
    } catch (cause) {
      if (signal?.aborted) throw signal.reason
      if (cause instanceof JenkinsError) throw cause
      if (request.method !== 'GET' || !isReset(cause)) throw this.#unreachable(request, cause)
    }
    try {
      return await this.#once(request, signal)
    } catch (cause) {
      if (signal?.aborted) throw signal.reason
      if (cause instanceof JenkinsError) throw cause
      throw this.#unreachable(request, cause)
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher.close()
  }

  async #once(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const { origin, timeoutMs } = this.#options
    const response = await this.#dispatcher.request({
      origin,
      path: request.path,
      method: request.method,
      headers: { ...request.headers, 'accept-encoding': 'gzip' },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(request.body !== undefined && { body: request.body }),
      ...(signal && { signal }),
    })
    const header = (name: string): string | undefined => {
      const value = response.headers[name]
      return Array.isArray(value) ? value[0] : value
    }
    const bytes = await this.#bytes(response.body, header('content-encoding'), describe(request))
    const cookies = response.headers['set-cookie']
    return {
      status: response.statusCode,
      header,
      setCookies: cookies === undefined ? [] : Array.isArray(cookies) ? cookies : [cookies],
      text: /charset=iso-8859-1/i.test(header('content-type') ?? '')
        ? bytes.toString('latin1')
        : bytes.toString('utf8'),
    }
  }

  async #bytes(body: AsyncIterable<Uint8Array>, encoding: string | undefined, what: string): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of body) {
      size += chunk.length
      if (size > this.#options.maxAnswerBytes) throw this.#tooLong(what) // leaving the loop destroys the stream
      chunks.push(chunk)
    }
    const bytes = Buffer.concat(chunks)
    if (encoding === undefined || encoding === '' || encoding === 'identity' || size === 0) return bytes
    if (encoding !== 'gzip' && encoding !== 'x-gzip') {
      throw new JenkinsError(
        'JENKINS_MALFORMED',
        `${what}: the answer is encoded as ${encoding}, only gzip was asked for`,
      )
    }
    try {
      return await unzip(bytes, { maxOutputLength: this.#options.maxAnswerBytes })
    } catch (cause) {
      if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw this.#tooLong(what)
      throw new JenkinsError('JENKINS_MALFORMED', `${what}: the answer is not valid gzip`, { cause })
    }
  }

  #tooLong(what: string): JenkinsError {
    return new JenkinsError(
      'JENKINS_MALFORMED',
      `${what}: the answer is longer than ${this.#options.maxAnswerBytes} bytes; is JENKINS_URL really a Jenkins?`,
    )
  }

  #unreachable(request: HttpRequest, cause: unknown): JenkinsError {
    const code = codeOf(cause)
    const notSent = code !== undefined && (NEVER_SENT.has(code) || isHandshakeFailure(code))
    const doubt = request.method === 'POST' && !notSent ? '; whether Jenkins has done it is not known' : ''
    const why = whyNoAnswer(cause, 'JENKINS', this.#options.origin)
    return new JenkinsError(
      'JENKINS_UNREACHABLE',
      `${describe(request)}: no answer from ${this.#options.origin}: ${why}${doubt}. Check JENKINS_URL and that Jenkins runs.`,
      { cause, notSent },
    )
  }
}

/** Method and path without the query: a `tree` is long and tells nobody anything. */
export function describe(request: HttpRequest): string {
  const query = request.path.indexOf('?')
  return `${request.method} ${query === -1 ? request.path : request.path.slice(0, query)}`
}

const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])

function isReset(cause: unknown): boolean {
  const code = codeOf(cause)
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET'
}
