import type { AccessToken, TokenScope } from '../core/access.ts'
import { Secret } from '../core/secret.ts'
import type { EnvReading } from './env.ts'
import type { Findings } from './findings.ts'

const SCOPES: readonly TokenScope[] = ['metrics', 'read', 'act']
/** `NAME:SCOPE:TOKEN`. The token may hold colons. */
const ENTRY = /^([A-Za-z][\w.-]{0,63}):([A-Za-z]+):(.+)$/
/** Whoever may try a thousand a second finds a shorter one some day. */
const SAFE_LENGTH = 16

/**
 * The tokens in API_TOKEN: one that may do everything, or several with names and scopes. A mistake says the number of
 * its entry and nothing that stands in it: who mixes up the order has the token where the name belongs.
 */
export function readTokens({ secrets }: Pick<EnvReading, 'secrets'>, findings: Findings): readonly AccessToken[] {
  const entries = secrets.API_TOKEN?.reveal().split(/\s+/) ?? []
  const tokens: AccessToken[] = []
  for (const [index, entry] of entries.entries()) {
    const which = entries.length === 1 ? 'API_TOKEN' : `API_TOKEN: entry ${index + 1} of ${entries.length}`
    const token = readEntry(entry, entries.length === 1)
    if (typeof token === 'string') {
      findings.mistake(`${which} ${token}.`)
      continue
    }
    if (tokens.some(({ name }) => name === token.name)) {
      findings.mistake(`${which} has the name of an earlier one: the audit log could not tell them apart.`)
    }
    if (tokens.some(({ secret }) => secret.reveal() === token.secret.reveal())) {
      findings.mistake(`${which} has the token of an earlier one: have another one made.`)
    }
    if (token.secret.reveal().length < SAFE_LENGTH) {
      findings.warn(
        `${which} can be guessed: it has less than ${SAFE_LENGTH} characters. Make one with: openssl rand -hex 24`,
      )
    }
    tokens.push(token)
  }
  return tokens
}

/** @returns what is wrong with it, to be said after its name */
function readEntry(entry: string, alone: boolean): AccessToken | string {
  if (!/^[\x21-\x7e]*$/.test(entry)) return 'holds a character that no token has: copy it again'
  const [, name, scope, token] = ENTRY.exec(entry) ?? []
  if (name === undefined || scope === undefined || token === undefined) {
    if (alone) return { name: 'token', scope: 'act', secret: new Secret(entry) }
    return 'must be NAME:SCOPE:TOKEN, as there are several: a name that begins with a letter, the scope metrics, read or act'
  }
  const known = SCOPES.find((each) => each === scope)
  if (known === undefined) return 'has an unknown scope: it must be metrics, read or act, as in NAME:SCOPE:TOKEN'
  return { name, scope: known, secret: new Secret(token) }
}
