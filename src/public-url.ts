import type { IncomingMessage } from 'node:http'

/**
 * The path before ours, where a proxy leaves it in: `/sidecar` of `https://ci.example.com/sidecar/`.
 * @returns `''` where there is none
 */
export function prefixOf(publicUrl: URL | undefined): string {
  return publicUrl?.pathname.replace(/\/$/, '') ?? ''
}

/** Takes the prefix off, where it is there: some proxies do so themselves. */
export function withoutPrefix(prefix: string): ({ url }: Pick<IncomingMessage, 'url'>) => string {
  return ({ url = '/' }) => (prefix !== '' && url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : url)
}

/**
 * Whether a caller's address is what this one says (X-Forwarded-For). Only the last one before us is believed, and only
 * where it is in the same private network: what other proxies or the caller itself wrote before is anybody's word.
 */
export function isTrustedProxy(address: string, hop: number): boolean {
  return hop === 0 && PRIVATE.test(address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, ''))
}

/** Loopback, RFC 1918, link-local, and the same of IPv6. */
const PRIVATE =
  /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/
