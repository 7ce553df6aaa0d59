import { createHmac, randomBytes, timingSafeEqual, verify } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import type { HttpHandler, HttpRequest, HttpResponse } from '../http.ts'
import { Answers, target } from './answers.ts'
import type { Authenticator } from './authentication.ts'
import { parseJson } from './json-text.ts'

export interface IamOptions {
  readonly clock: Clock
  /** By uid: the public key of each service account, as PEM. */
  readonly accounts: Readonly<Record<string, string>>
  /** How long a token is good; DC/OS has 5 days. */
  readonly tokenSeconds?: number
}

const LOGIN = '/acs/api/v1/auth/login'
const DEFAULT_TOKEN_SECONDS = 432_000

/**
 * The part of a DC/OS IAM that a service account needs: a login with a token signed by the account's key, and the
 * check of the tokens given out. After the documentation, not a recording: the words of a refusal are its own.
 * Deliberately not here: users with passwords, permissions, keys of the IAM (its tokens are signed with a secret).
 */
export class EmbeddedIam implements Authenticator {
  readonly handler: HttpHandler
  readonly #options: IamOptions
  readonly #answers: Answers
  #secret = randomBytes(32)
  #logins = 0

  constructor(options: IamOptions) {
    this.#options = options
    this.#answers = new Answers(options.clock)
    this.handler = async (request) => this.#handle(request)
  }

  /** Logins that were granted. */
  get logins(): number {
    return this.#logins
  }

  /** No token given out so far is good any more. */
  revoke(): void {
    this.#secret = randomBytes(32)
  }

  readonly challenge = (): string => 'acsjwt'

  readonly principalOf = (authorization = ''): string | undefined => {
    const token = /^token=(\S+)$/.exec(authorization)?.[1]
    const parts = token === undefined ? undefined : partsOf(token)
    if (parts === undefined) return undefined
    const expected = this.#sign(parts.signed)
    if (expected.length !== parts.signature.length || !timingSafeEqual(expected, parts.signature)) return undefined
    return this.#uidOf(parts)
  }

  #handle(request: HttpRequest): HttpResponse {
    if (target(request).path !== LOGIN) return this.#answers.notFound()
    if (request.method !== 'POST') return this.#answers.methodNotAllowed(request.method, 'POST')
    const read = parseJson(request.body.toString('utf8'))
    const { uid, token } = ('error' in read ? {} : read.value) as { readonly uid?: unknown; readonly token?: unknown }
    if (typeof uid !== 'string' || typeof token !== 'string') {
      return this.#answers.text(400, 'a login needs a JSON object with uid and token')
    }
    const wrong = this.#refusal(uid, token)
    if (wrong !== undefined) return this.#answers.text(401, wrong)
    this.#logins += 1
    return this.#answers.json(request, { token: this.#issue(uid) })
  }

  #refusal(uid: string, token: string): string | undefined {
    const key = Object.hasOwn(this.#options.accounts, uid) ? this.#options.accounts[uid] : undefined
    if (key === undefined) return `there is no service account ${uid}`
    const parts = partsOf(token)
    if (parts === undefined) return 'the login token is no JWT'
    if (parts.header['alg'] !== 'RS256') return 'the login token is not signed with RS256'
    if (!verify('RSA-SHA256', Buffer.from(parts.signed), key, parts.signature)) {
      return `the login token is not signed by the key of ${uid}`
    }
    return this.#uidOf(parts) === uid ? undefined : 'the login token is expired or of another account'
  }

  #uidOf({ payload }: Parts): string | undefined {
    const { uid, exp } = payload
    if (typeof uid !== 'string' || typeof exp !== 'number') return undefined
    return exp * 1000 > this.#options.clock.now() ? uid : undefined
  }

  #issue(uid: string): string {
    const { clock, tokenSeconds = DEFAULT_TOKEN_SECONDS } = this.#options
    const exp = Math.floor(clock.now() / 1000) + tokenSeconds
    const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ uid, exp })}`
    return `${signed}.${this.#sign(signed).toString('base64url')}`
  }

  #sign(text: string): Buffer {
    return createHmac('sha256', this.#secret).update(text).digest()
  }
}

interface Parts {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  readonly signed: string
  readonly signature: Buffer
}

function partsOf(token: string): Parts | undefined {
  const [header = '', payload = '', signature, ...more] = token.split('.')
  const [readHeader, readPayload] = [header, payload].map((part) =>
    parseJson(Buffer.from(part, 'base64url').toString()),
  )
  if (signature === undefined || more.length > 0 || readHeader === undefined || readPayload === undefined)
    return undefined
  if ('error' in readHeader || 'error' in readPayload) return undefined
  return {
    header: asObject(readHeader.value),
    payload: asObject(readPayload.value),
    signed: `${header}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
