import type { IncomingHttpHeaders } from 'node:http'
import { isIP, isIPv6 } from 'node:net'

/** Headers that only a proxy adds. */
const OF_PROXIES = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

const SET_TOKEN = 'Set API_TOKEN and send it as a bearer token'

export interface LocalRequest {
  readonly address: string
  readonly headers: IncomingHttpHeaders
  /** HTTP_HOST: the name by which this machine may be called, too. */
  readonly httpHost: string
}

/**
 * Why a request without a token is not taken for one of this machine. The address alone does not tell: a proxy here
 * brings others in, and a page of another site may have given its own name the address of this machine.
 */
export function whyNotLocal({ address, headers, httpHost }: LocalRequest): string | undefined {
  if (!isLoopback(address)) return `Without API_TOKEN only this machine may call. ${SET_TOKEN}.`
  const proxy = OF_PROXIES.find((name) => headers[name] !== undefined)
  if (proxy !== undefined) {
    return `This call came through a proxy (it has the header ${proxy}), and there is no API_TOKEN. ${SET_TOKEN}.`
  }
  const host = hostnameOf(headers.host)
  if (host !== undefined && (isLoopbackName(host) || host === httpHost.toLowerCase())) return undefined
  return `Without API_TOKEN this machine must be called by an address of its own, such as 127.0.0.1, not by another name. ${SET_TOKEN}.`
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address)
}

function isLoopbackName(name: string): boolean {
  return name === 'localhost' || (isIP(name) !== 0 && isLoopback(name))
}

/** Of a Host header, in small letters, without port and brackets. */
function hostnameOf(host: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(host ?? '') ?? []
  if (bracketed !== undefined) return isIPv6(bracketed) ? bracketed.toLowerCase() : undefined
  return plain?.toLowerCase()
}
