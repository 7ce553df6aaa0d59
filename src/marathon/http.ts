import { type Dispatcher, Pool } from 'undici'
import { whyNoAnswer } from '../core/no-answer.ts'
import { tlsOptions } from '../core/tls.ts'
import type { Access } from './access.ts'
import { MarathonError } from './errors.ts'

const TIMEOUT_MS = 15_000
/** A group with thousands of apps is not asked for. */
const MOST_BYTES = 20_000_000

export interface Answer {
  readonly status: number
  /** The body where it is JSON, else `undefined`. */
  readonly body: unknown
  readonly text: string
  /** The first value of a header, by its name in lower case. */
  readonly header: (name: string) => string | undefined
}

/** What the rest of this folder needs of the wire. */
export interface MarathonHttp {
  /** Whatever the status is. @throws MarathonError where there is no answer; the signal's reason */
  readonly send: (method: 'GET' | 'HEAD' | 'PUT', path: string, body: unknown, signal: AbortSignal) => Promise<Answer>
}

/** HTTP to one Marathon. Redirects are told, not followed: credentials go nowhere else. */
export class Http implements MarathonHttp {
  readonly #access: Access
  readonly #origin: string
  readonly #prefix: string
  readonly #pool: Pool

  constructor(access: Access) {
    const { origin, pathname } = new URL(access.url)
    this.#access = access
    this.#origin = origin
    this.#prefix = pathname === '/' ? '' : pathname
    this.#pool = new Pool(origin, { connections: 2, pipelining: 1, connect: tlsOptions(access.tls) })
  }

  readonly send: MarathonHttp['send'] = async (method, path, body, signal) => {
    const { authorization } = this.#access
    try {
      const response = await this.#pool.request({
        path: `${this.#prefix}${path}`,
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(authorization !== undefined && { authorization: authorization.reveal() }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        signal,
      })
      return await this.#answer(response)
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      if (cause instanceof MarathonError) throw cause
      const why = whyNoAnswer(cause, 'MARATHON', this.#origin)
      throw new MarathonError(
        'MARATHON_UNREACHABLE',
        `No answer from Marathon at ${this.#origin}: ${why}. See to --marathon (or MARATHON_URL), and that it runs.`,
        { cause },
      )
    }
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }

  async #answer(response: Dispatcher.ResponseData): Promise<Answer> {
    const header = (name: string): string | undefined => {
      const value = response.headers[name]
      return Array.isArray(value) ? value[0] : value
    }
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > MOST_BYTES)
        throw new MarathonError('MARATHON_REFUSED', `${this.#origin} answers too much to be Marathon.`)
      chunks.push(chunk)
    }
    const text = Buffer.concat(chunks).toString('utf8')
    return { status: response.statusCode, header, text, body: parse(text) }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Proxies answer with pages of their own.
    return undefined
  }
}
