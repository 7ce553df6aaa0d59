import { createPrivateKey, sign } from 'node:crypto'
import type { Instant } from '../../core/model.ts'
import type { ServiceAccount } from '../../core/service-account.ts'

/** Long enough for clocks that differ a little. */
const LOGIN_SECONDS = 120

/** A login signed with the account's key (RS256), good for two minutes. */
export function signLogin({ uid, privateKey }: ServiceAccount, now: Instant): string {
  const exp = Math.floor(now / 1000) + LOGIN_SECONDS
  const parts = [
    { alg: 'RS256', typ: 'JWT' },
    { uid, exp },
  ]
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), createPrivateKey(privateKey)).toString('base64url')}`
}

/**
 * How long a token that came just now is good, in milliseconds. Where it says since when it is good, its own two times
 * are compared: the clocks may differ.
 * @returns `undefined` where it does not tell
 */
export function lifeOf(token: string, now: Instant): number | undefined {
  const { exp, iat } = claimsOf(token)
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return undefined
  return typeof iat === 'number' && iat < exp ? (exp - iat) * 1000 : exp * 1000 - now
}

function claimsOf(token: string): { readonly exp?: unknown; readonly iat?: unknown } {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return typeof claims === 'object' && claims !== null ? claims : {}
  } catch {
    // No JWT: it is sent as it is, and renewed now and again.
    return {}
  }
}
