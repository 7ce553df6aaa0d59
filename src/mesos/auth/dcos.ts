import type { Clock } from '../../core/clock.ts'
import { messageOf } from '../../core/code-of.ts'
import type { Log } from '../../core/log.ts'
import { Secret } from '../../core/secret.ts'
import type { ServiceAccount } from '../../core/service-account.ts'
import { deadline } from '../deadline.ts'
import { backoffMs } from '../ends.ts'
import { MesosError } from '../errors.ts'
import { type Dispatch, type HttpCall, readText, sendAs } from '../http.ts'
import { none } from './authorizer.ts'
import { lifeOf, signLogin } from './login-token.ts'

const TIMEOUT_MS = 15_000
/** A token is renewed this long before it ends. */
const EARLY_MS = 60_000
/** For one that does not tell when it ends; also the least time between two logins that a 401 calls for. */
const DEFAULT_LIFE_MS = 600_000
const LEAST_LIFE_MS = 30_000
const WHAT = 'the login of DCOS_SERVICE_ACCOUNT_CREDENTIAL'

export interface DcosLoginOptions {
  readonly account: ServiceAccount
  readonly clock: Clock
  /** 0 up to 1, for the back-off. */
  readonly random: () => number
  readonly log: Log
  readonly dispatcher: Dispatch
  /** Ends a login that is under way. */
  readonly signal: AbortSignal
}

/** Its times are those of `Clock.monotonic`: somebody may set the clock while it lives. */
interface Token {
  readonly token: Secret
  readonly receivedAt: number
  readonly renewAt: number
  readonly until: number
}

/** A DC/OS service account: changes a signed login for a token, and keeps the token fresh. */
export class DcosLogin {
  readonly #options: DcosLoginOptions
  #token: Token | undefined
  #running: Promise<Token> | undefined
  /** Failed logins in a row, and when the next one may be tried. */
  #failures = 0
  #failure: { readonly error: unknown; readonly until: number } | undefined

  constructor(options: DcosLoginOptions) {
    this.#options = options
  }

  /** An `Authorizer`. One login at a time, however many requests wait for it. */
  readonly authorize = async (_origin: string, rejected?: string): Promise<string> => {
    const now = this.#options.clock.monotonic()
    const token = this.#token
    const refused = token !== undefined && rejected === headerOf(token)
    // A new token that is refused at once will not be better the next time: a right is missing, not a token.
    if (refused && now - token.receivedAt < LEAST_LIFE_MS) return rejected
    if (token !== undefined && !refused && now < token.renewAt) return headerOf(token)
    try {
      return headerOf(await this.#login())
    } catch (error) {
      if (token === undefined || refused || this.#options.clock.monotonic() >= token.until) throw error
      return headerOf(token)
    }
  }

  /** While logins fail most callers get the last failure: an IAM that is down is not asked by everybody. */
  async #login(): Promise<Token> {
    const failure = this.#failure
    if (failure !== undefined && this.#options.clock.monotonic() < failure.until) throw failure.error
    this.#running ??= this.#tryLogin().finally(() => {
      this.#running = undefined
    })
    return await this.#running
  }

  async #tryLogin(): Promise<Token> {
    const { clock, log, random } = this.#options
    try {
      const text = await this.#post()
      const lifeMs = Math.max(lifeOf(text, clock.now()) ?? DEFAULT_LIFE_MS, LEAST_LIFE_MS)
      const receivedAt = clock.monotonic()
      const until = receivedAt + lifeMs
      const renewAt = receivedAt + Math.max(lifeMs - EARLY_MS, lifeMs / 2)
      this.#token = { token: new Secret(text), receivedAt, renewAt, until }
      if (this.#failures > 0) log.info({}, 'the DC/OS login works again')
      this.#failures = 0
      this.#failure = undefined
      return this.#token
    } catch (error) {
      if (this.#failures === 0) log.warn({ why: messageOf(error) }, 'the DC/OS login failed')
      this.#failure = { error, until: clock.monotonic() + backoffMs(this.#failures++, random) }
      throw error
    }
  }

  async #post(): Promise<string> {
    const { account, clock, dispatcher, signal } = this.#options
    const { origin, pathname, search } = new URL(account.loginEndpoint)
    const limit = deadline(clock, signal)
    limit.set(
      TIMEOUT_MS,
      () => new MesosError('MESOS_LOGIN_FAILED', `${WHAT}: no answer within ${TIMEOUT_MS / 1000} s`),
    )
    const connection = dispatcher(origin)
    const call: HttpCall = {
      dispatcher: connection,
      origin,
      method: 'POST',
      path: `${pathname}${search}`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ uid: account.uid, token: signLogin(account, clock.now()) }),
      authorize: none,
      signal: limit.signal,
      what: WHAT,
    }
    try {
      const response = await sendAs(call, undefined)
      const text = await readText(call, response)
      return tokenOf(response.statusCode, text, origin)
    } catch (error) {
      // A master that does not answer ends a subscription, a login that does not must not.
      if (!(error instanceof MesosError) || error.code !== 'MESOS_UNREACHABLE') throw error
      throw new MesosError('MESOS_LOGIN_FAILED', `${messageOf(error)} (${origin})`, { cause: error })
    } finally {
      limit.disarm()
      await connection.destroy()
    }
  }
}

function headerOf({ token }: Token): string {
  return `token=${token.reveal()}`
}

/** What the answer says is left out of every message: it may be the token. */
function tokenOf(status: number, text: string, origin: string): string {
  if (status === 401 || status === 403) {
    const hint = 'check uid and private_key, that the account exists, and that the clock here is right'
    throw new MesosError('MESOS_UNAUTHORIZED', `${WHAT}: ${origin} answers ${status}: ${hint}`, { status })
  }
  if (status !== 200) {
    const hint = status < 500 ? ': is login_endpoint right?' : ''
    throw new MesosError('MESOS_LOGIN_FAILED', `${WHAT}: ${origin} answers ${status}${hint}`, { status })
  }
  const token = parseToken(text)
  if (token !== undefined) return token
  throw new MesosError('MESOS_LOGIN_FAILED', `${WHAT}: ${origin} answers without a token: is login_endpoint right?`)
}

function parseToken(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null || !('token' in answer)) return undefined
    return typeof answer.token === 'string' && /^[\x21-\x7e]+$/.test(answer.token) ? answer.token : undefined
  } catch {
    // What the parser says quotes the text.
    return undefined
  }
}
