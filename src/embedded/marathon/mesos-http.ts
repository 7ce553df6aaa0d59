import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { HttpHandler, HttpRequest } from '../http.ts'

/**
 * Masters as a handler: calls go to where the last redirect led, and to the next of them once nobody is there.
 * @param urls one, or several with commas between
 */
export function masterAt(urls: string): HttpHandler {
  const origins = urls.split(',').map((url) => new URL(url).origin)
  let turn = 0
  let origin = origins[0] ?? ''
  return async (request) => {
    for (let hops = 0; ; hops++) {
      let response: IncomingMessage
      try {
        response = await exchange(new URL(request.path, origin), request)
      } catch (error) {
        turn = (turn + 1) % origins.length
        origin = origins[turn] ?? origin
        throw error
      }
      const { statusCode = 0, headers } = response
      const location = headers.location
      if (statusCode !== 307 || location === undefined || hops === 3) {
        return { status: statusCode, headers: pairsOf(response), body: response }
      }
      response.resume()
      origin = new URL(location, origin).origin
    }
  }
}

async function exchange(url: URL, { method, headers, body, signal }: HttpRequest): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const outgoing = send(url, { method, headers, signal, agent: false }, resolve)
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

function pairsOf({ headersDistinct }: IncomingMessage): [string, string][] {
  return Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
}
