import type { Access, TokenScope } from '../../src/core/access.ts'
import { Secret } from '../../src/core/secret.ts'

/** Without a token only this machine may call. */
export const NO_TOKENS: Access = { tokens: [] }

/** A token that may do everything. */
export function oneToken(token: string): Access {
  return { tokens: [{ name: 'token', scope: 'act', secret: new Secret(token) }] }
}

/** One token a scope, named after it. */
export function scopedTokens(tokens: Readonly<Partial<Record<TokenScope, string>>>): Access {
  const entries = Object.entries(tokens) as [TokenScope, string][]
  return { tokens: entries.map(([scope, token]) => ({ name: `the ${scope} one`, scope, secret: new Secret(token) })) }
}
