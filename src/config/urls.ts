import { isIPv6 } from 'node:net'
import type { Findings } from './findings.ts'

/**
 * An http(s) address with a trailing slash, or `undefined` after a mistake. Its value is in no message: people put
 * passwords into addresses.
 */
export function readHttpUrl(name: string, text: string, findings: Findings): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const why = problemOf(url)
  if (url !== undefined && why === undefined) return url.href.endsWith('/') ? url.href : `${url.href}/`
  findings.mistake(`${name} ${why}.`)
  return undefined
}

function problemOf(url: URL | undefined): string | undefined {
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return 'must be an address that begins with http:// or https://'
  }
  // A password with a slash ends the host too early, and what is left of it stands in the path.
  if (url.username !== '' || url.password !== '' || url.pathname.includes('@')) {
    return 'holds a user or a password: give these by variables of their own, an address is shown and logged'
  }
  return url.search !== '' || url.hash !== '' ? 'must end with the path, without ? or #' : undefined
}

/** Origins of `http://a:5050,b:5050`: the scheme holds for those after it that have none. */
export function readMasters(name: string, text: string, findings: Findings): readonly string[] | undefined {
  const masters: string[] = []
  let scheme: string | undefined
  for (const part of text.split(',').map((each) => each.trim())) {
    const own = /^(https?):\/\//i.exec(part)?.[1]
    scheme = own ?? scheme
    if (scheme === undefined || part === '') {
      findings.mistake(
        `${name} must be zk://host:2181/mesos, or http://host:5050, several with commas between them, or embedded.`,
      )
      return undefined
    }
    const url = readHttpUrl(name, own === undefined ? `${scheme}://${part}` : part, findings)
    if (url === undefined) return undefined
    const { origin, pathname } = new URL(url)
    if (pathname !== '/') {
      findings.mistake(`${name} must be the master itself, host and port without a path.`)
      return undefined
    }
    masters.push(origin)
  }
  return [...new Set(masters)]
}

/** This machine only: other hosts cannot reach it. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  if (isIPv6(bare)) return bare === '::1' || /^::ffff:(127\.|7f)/.test(bare)
  return bare === 'localhost' || bare.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(bare)
}

export function isLoopbackUrl(url: string): boolean {
  return isLoopback(new URL(url).hostname)
}
