import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { codeOf } from './core/code-of.ts'

/** What is no request at all gets an answer and is cut off: whatever follows cannot be understood either. */
export function answerBrokenRequest(error: Error, socket: Duplex): void {
  // A handshake that failed has nothing to write on.
  const code = codeOf(error) ?? ''
  if (!socket.writable || code === 'ECONNRESET' || /^ERR_(?:SSL|TLS)_/.test(code)) {
    socket.destroy()
    return
  }
  const [status, detail] = BROKEN[code] ?? [400, 'This is no HTTP request that can be read.']
  const body = JSON.stringify(problem(status, detail))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Content-Type: application/problem+json; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => {
    socket.destroy()
  })
}

const BROKEN: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The head of this request is too long.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions of this request are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'This request took too long to arrive.'],
}

/** An address that no route can be looked up for. It is not repeated: nobody knows what is in it. */
export function answerBadAddress(
  { statusCode = 400 }: { readonly statusCode?: number },
  _request: FastifyRequest,
  reply: FastifyReply,
): void {
  const detail = statusCode === 414 ? 'A part of this address is too long.' : 'This address cannot be read.'
  void reply
    .code(statusCode)
    .header('x-content-type-options', 'nosniff')
    .type('application/problem+json; charset=utf-8')
    .send(problem(statusCode, detail))
}

function problem(status: number, detail: string): object {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail }
}
