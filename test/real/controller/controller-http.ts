import { Agent, request } from 'undici'
import { codeOf } from '../../../src/core/code-of.ts'

export const FORM = 'application/x-www-form-urlencoded'
const REQUEST_WITHIN_MS = 10_000
/** A GET that got no answer is sent again: about once in twenty thousand this controller forgets one. */
const GET_ATTEMPTS = 3

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Uint8Array
  readonly text: string
}

/** Requests to the real controller. Redirects are not followed; a status of 400 or more is an error. */
export class ControllerHttp {
  readonly #url: string
  /** A connection for each request, so that a restart leaves no dead one behind. */
  readonly #connections = new Agent({ pipelining: 0 })
  #login: Readonly<Record<string, string>> = {}

  constructor(url: string) {
    this.#url = url
  }

  /** From now on requests are this user's. */
  logIn(user: string, password: string): void {
    this.#login = { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
  }

  async get(path: string): Promise<Answer> {
    return expectOk(await this.send('GET', path), path)
  }

  async getJson(path: string): Promise<unknown> {
    return JSON.parse((await this.get(path)).text)
  }

  async post(path: string, type = FORM, body = ''): Promise<Answer> {
    return expectOk(await this.send('POST', path, type, body), path)
  }

  /** Whatever the status is. */
  async send(method: 'GET' | 'POST', path: string, type?: string, body?: string, attempt = 1): Promise<Answer> {
    try {
      const response = await request(this.#url + path, {
        method,
        dispatcher: this.#connections,
        headers: type === undefined ? this.#login : { ...this.#login, 'content-type': type },
        body: body ?? null,
        headersTimeout: REQUEST_WITHIN_MS,
        bodyTimeout: REQUEST_WITHIN_MS,
      })
      const bytes = new Uint8Array(await response.body.arrayBuffer())
      return {
        status: response.statusCode,
        headers: response.headers,
        bytes,
        text: new TextDecoder().decode(bytes),
      }
    } catch (thrown) {
      if (codeOf(thrown) !== 'UND_ERR_HEADERS_TIMEOUT' || method !== 'GET' || attempt === GET_ATTEMPTS) throw thrown
      return this.send(method, path, type, body, attempt + 1)
    }
  }
}

function expectOk(answer: Answer, path: string): Answer {
  if (answer.status < 400) return answer
  const firstLines = answer.text.split('\n').slice(0, 3).join('\n')
  throw new Error(`${path} answered ${answer.status}: ${firstLines}`)
}
