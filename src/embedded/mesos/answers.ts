import { gzipSync } from 'node:zlib'
import type { Clock } from '../../core/clock.ts'
import type { HttpRequest, HttpResponse } from '../http.ts'

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  202: 'Accepted',
  307: 'Temporary Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  415: 'Unsupported Media Type',
  501: 'Not Implemented',
  503: 'Service Unavailable',
}

/** Mesos compresses an ordinary body from this size on, if the client accepts gzip. */
const GZIP_FROM_BYTES = 1024

/** Answers with Mesos' headers in Mesos' order. */
export class Answers {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  date(): readonly [string, string] {
    return ['Date', new Date(this.#clock.now()).toUTCString()]
  }

  text(status: number, text: string, extra: readonly (readonly [string, string])[] = []): HttpResponse {
    const body = Buffer.from(text)
    return this.#answer(
      status,
      [...extra, ['Content-Type', 'text/plain; charset=utf-8'], ['Content-Length', String(body.length)]],
      body,
    )
  }

  empty(status: number, extra: readonly (readonly [string, string])[] = []): HttpResponse {
    return this.#answer(status, [...extra, ['Content-Length', '0']], Buffer.alloc(0))
  }

  json(request: HttpRequest, value: unknown): HttpResponse {
    const plain = Buffer.from(JSON.stringify(value))
    const accepts = /(?:^|[\s,])(?:gzip|\*)(?:[\s,;]|$)/.test(request.headers['accept-encoding'] ?? '')
    if (!accepts || plain.length < GZIP_FROM_BYTES) {
      return this.#answer(
        200,
        [
          ['Content-Length', String(plain.length)],
          ['Content-Type', 'application/json'],
        ],
        plain,
      )
    }
    const body = gzipSync(plain)
    return this.#answer(
      200,
      [
        ['Content-Encoding', 'gzip'],
        ['Content-Length', String(body.length)],
        ['Content-Type', 'application/json'],
      ],
      body,
    )
  }

  unauthorized(challenge: string): HttpResponse {
    return this.text(401, '401 Unauthorized.', [['WWW-Authenticate', challenge]])
  }

  notFound(): HttpResponse {
    return this.text(404, '404 Not Found.')
  }

  methodNotAllowed(method: string, allowed: string): HttpResponse {
    return this.text(405, `405 Method Not Allowed. Expecting one of { '${allowed}' }, but received '${method}'.`, [
      ['Allow', allowed],
    ])
  }

  redirect(location: string): HttpResponse {
    return this.empty(307, [['Location', location]])
  }

  #answer(status: number, headers: readonly (readonly [string, string])[], body: Buffer): HttpResponse {
    return { status, reason: REASONS[status] ?? '', headers: [this.date(), ...headers], body }
  }
}

/** The path without query and trailing slash, `%28` and the like decoded, and the query apart. */
export function target(request: HttpRequest): { readonly path: string; readonly query: URLSearchParams } {
  const [path = '', query = ''] = request.path.split('?', 2)
  return { path: decoded(path).replace(/(?<=.)\/+$/, ''), query: new URLSearchParams(query) }
}

function decoded(path: string): string {
  return path.replaceAll(/%28/gi, '(').replaceAll(/%29/gi, ')')
}
