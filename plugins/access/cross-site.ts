import type { FastifyRequest } from 'fastify'
import { isReading } from '../scope.ts'

/**
 * Why a request counts as one of another site's page, which a browser sends with all that it knows of us. Browsers say
 * where it comes from; programs that are none do not, and are not meant.
 * @param publicOrigin how people reach the page, where a proxy stands before it
 */
export function whyCrossSite(
  { headers, method }: FastifyRequest,
  publicOrigin: string | undefined,
): string | undefined {
  const { origin, host, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
  // A link to us on another page is no attack: that page does not see what opens.
  if (isReading(method) && mode === 'navigate') return undefined
  if (origin !== undefined && origin !== publicOrigin && !isOwn(origin, host)) {
    const hint = publicOrigin === undefined ? ' If that is this page behind a proxy, set PUBLIC_URL.' : ''
    return `This call came from a page of another origin.${hint}`
  }
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined
  return 'This call came from a page of another site.'
}

/** A proxy may end TLS before us, so the scheme does not count. */
function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)
}
