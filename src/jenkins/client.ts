import type { Dispatcher } from 'undici'
import type { Log } from '../core/log.ts'
import type { Secret } from '../core/secret.ts'
import type { TlsFiles } from '../core/tls.ts'
import { isCrumbRefusal, notJson, refusal } from './answers.ts'
import { Cookies } from './cookies.ts'
import { JenkinsError } from './errors.ts'
import { describe, Http, type HttpAnswer, type HttpRequest } from './http.ts'
import { Login } from './login.ts'
import { parseAs, type Shape } from './parse.ts'
import { redirectProblem, sameOriginTarget } from './redirects.ts'
import { Crumb } from './shapes.ts'

const TIMEOUT_MS = 30_000
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

export interface JenkinsClientOptions {
  /** Where Jenkins answers, with its context path: `https://ci.example.com/jenkins/`. Holds no credentials. */
  readonly url: URL
  /** Without a user nothing is sent: a Jenkins without security, or with rights for anonymous. */
  readonly user?: string | undefined
  /** API token (better: needs no crumb) or password of `user`. A function is asked at each request: it may change. */
  readonly token?: string | Secret | (() => Secret | undefined) | undefined
  readonly tls?: TlsFiles | undefined
  /** Most time for the head of an answer, and between any two pieces of it [30 s]. */
  readonly timeoutMs?: number | undefined
  /** A longer answer is an error [64 MiB]. */
  readonly maxAnswerBytes?: number | undefined
  /** Tests hand in undici's `MockAgent` here. The client owns it: `close` closes it. */
  readonly dispatcher?: Dispatcher | undefined
  readonly log?: Log | undefined
  /** Called as each POST is sent, long after its call was made perhaps; what it throws keeps the request back. */
  readonly mayPost?: ((what: string) => void) | undefined
}

interface HeldCrumb {
  readonly field: string
  readonly value: string
  /** The cookies that it is bound to: later answers may set another session. */
  readonly cookie: string | undefined
}

/**
 * Requests to one Jenkins: credentials, crumbs, cookies, redirects, and failures as `JenkinsError`.
 * Paths are relative to the context path and begin without a slash.
 */
export class JenkinsClient {
  /** Jenkins' URL with a trailing slash. */
  readonly url: string
  readonly #origin: string
  readonly #base: string
  readonly #http: Http
  readonly #headers: Readonly<Record<string, string>>
  readonly #login: Login
  #cookies = new Cookies()
  readonly #log: Log | undefined
  #crumb: HeldCrumb | undefined
  #crumbRequest: Promise<HeldCrumb> | undefined
  #version: string | undefined
  #session: string | undefined

  constructor(options: JenkinsClientOptions) {
    const { url, user } = options
    if (url.username !== '' || url.password !== '') {
      throw new JenkinsError(
        'JENKINS_UNAUTHORIZED',
        'JENKINS_URL must not hold credentials: use JENKINS_USER and JENKINS_TOKEN.',
      )
    }
    this.#origin = url.origin
    this.#base = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`
    this.url = `${this.#origin}${this.#base}`
    this.#headers = {
      accept: 'application/json, */*;q=0.5',
      // Jenkins translates `why` and the causes of offline nodes.
      'accept-language': 'en',
      'user-agent': 'jenkins-mesos-sidecar',
    }
    this.#login = new Login(user, options.token)
    this.#log = options.log
    this.#http = new Http({
      origin: this.#origin,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      maxAnswerBytes: options.maxAnswerBytes ?? MAX_ANSWER_BYTES,
      dispatcher: options.dispatcher,
      tls: options.tls,
      mayPost: options.mayPost,
    })
  }

  /** As the last answer told it; `undefined` before the first. */
  get version(): string | undefined {
    return this.#version
  }

  /** Another one after each start of the controller; old ones have none. */
  get session(): string | undefined {
    return this.#session
  }

  /** @throws JenkinsError unless the answer is 200 */
  async get(path: string, signal?: AbortSignal): Promise<HttpAnswer> {
    const request: HttpRequest = { method: 'GET', path: `${this.#base}${path}`, headers: this.#withCookies() }
    const answer = await this.#send(request, signal)
    if (answer.status >= 300 && answer.status < 400) return await this.#follow(request, answer, signal)
    if (answer.status !== 200) throw refusal(answer, describe(request), this.url)
    return answer
  }

  /** @throws JenkinsError `JENKINS_MALFORMED` where the answer is not JSON of that shape */
  async getJson<T>(path: string, shape: Shape<T>, signal?: AbortSignal): Promise<T> {
    const answer = await this.get(path, signal)
    const what = describe({ method: 'GET', path: `${this.#base}${path}`, headers: {} })
    let json: unknown
    try {
      json = JSON.parse(answer.text)
    } catch (cause) {
      throw notJson(answer, what, this.url, cause)
    }
    return parseAs(shape, json, what)
  }

  /**
   * Sends a form. A redirect is a success and not followed, if it leads to where Jenkins leads after such a POST.
   * Sent again only where Jenkins refused to look at it for want of a crumb.
   * @param fields body of the form; what must be in the query stands in `path`
   */
  async post(path: string, fields: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<HttpAnswer> {
    const form = new URLSearchParams(fields).toString()
    const request = (): HttpRequest => ({
      method: 'POST',
      path: `${this.#base}${path}`,
      headers: {
        ...this.#withCookies(),
        'content-type': 'application/x-www-form-urlencoded',
        ...(this.#crumb && { [this.#crumb.field]: this.#crumb.value }),
        ...(this.#crumb?.cookie !== undefined && { cookie: this.#crumb.cookie }),
      },
      body: form,
    })
    const tried = this.#crumb
    let answer = await this.#send(request(), signal)
    if (isCrumbRefusal(answer)) {
      // Another call may have fetched a new one meanwhile.
      if (this.#crumb === tried) this.#crumb = undefined
      this.#crumb ??= await this.#fetchCrumb()
      answer = await this.#send(request(), signal)
    }
    const what = describe(request())
    if (answer.status >= 300 && answer.status < 400) {
      const problem = redirectProblem(answer, what, this.url)
      if (problem !== undefined) throw problem
      return answer
    }
    if (answer.status >= 400) throw refusal(answer, what, this.url)
    return answer
  }

  /**
   * A header of whatever answer comes; where it comes from elsewhere (a redirect) is not followed.
   * @throws JenkinsError where none comes, or one that only says that Jenkins is not ready
   */
  async headerOf(path: string, name: string, signal?: AbortSignal): Promise<string | undefined> {
    const request: HttpRequest = { method: 'GET', path: `${this.#base}${path}`, headers: this.#withCookies() }
    const answer = await this.#send(request, signal)
    if (answer.status >= 500) throw refusal(answer, describe(request), this.url)
    return answer.header(name)
  }

  /** A URL below Jenkins' own, for people and agents. */
  urlOf(path: string): string {
    return `${this.url}${path}`
  }

  async close(): Promise<void> {
    await this.#http.close()
  }

  #withCookies(): Record<string, string> {
    if (this.#login.renew()) {
      // Session and crumb were had with the token of before.
      this.#cookies = new Cookies()
      this.#crumb = undefined
    }
    const cookie = this.#cookies.header()
    const { authorization } = this.#login
    return {
      ...this.#headers,
      ...(authorization !== undefined && { authorization }),
      ...(cookie !== undefined && { cookie }),
    }
  }

  async #send(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const answer = await this.#http.send(request, signal)
    this.#cookies.accept(answer.setCookies)
    this.#version = answer.header('x-jenkins') ?? this.#version ?? answer.header('x-hudson')
    this.#session = answer.header('x-jenkins-session') ?? this.#session
    return answer
  }

  async #follow(request: HttpRequest, answer: HttpAnswer, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const what = describe(request)
    const path = sameOriginTarget(answer, request.path, what, this.url)
    const next = await this.#send({ ...request, path, headers: this.#withCookies() }, signal)
    if (next.status >= 300 && next.status < 400) {
      throw new JenkinsError(
        'JENKINS_MALFORMED',
        `${what}: one redirect leads to the next. Check JENKINS_URL (${this.url}).`,
        {
          status: next.status,
        },
      )
    }
    if (next.status !== 200) throw refusal(next, what, this.url)
    return next
  }

  /** One request however many POSTs wait for it; so it obeys the signal of none of them. */
  async #fetchCrumb(): Promise<HeldCrumb> {
    this.#crumbRequest ??= this.#requestCrumb().finally(() => {
      this.#crumbRequest = undefined
    })
    return await this.#crumbRequest
  }

  async #requestCrumb(): Promise<HeldCrumb> {
    try {
      const crumb = await this.getJson('crumbIssuer/api/json', Crumb)
      this.#log?.debug({}, 'fetched a crumb from Jenkins')
      return { field: crumb.crumbRequestField, value: crumb.crumb, cookie: this.#cookies.header() }
    } catch (cause) {
      // As it stands it would be taken for the answer to the POST.
      if (!(cause instanceof JenkinsError && cause.code === 'JENKINS_NOT_FOUND')) throw cause
      throw new JenkinsError('JENKINS_CRUMB', `Jenkins wants a crumb and gives none. ${cause.message}`, {
        cause,
        status: 403,
      })
    }
  }
}
