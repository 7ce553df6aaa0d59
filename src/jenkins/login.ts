import { Secret } from '../core/secret.ts'

/** Who we are to Jenkins, by HTTP basic authentication, with the token as it is now. */
export class Login {
  readonly #user: string
  readonly #token: () => Secret
  #known: string | undefined
  #credentials: Secret | undefined

  /**
   * @param user `undefined` or empty: nobody
   * @param token a function is asked before each request
   */
  constructor(user: string | undefined, token: string | Secret | (() => Secret | undefined) | undefined) {
    const none = new Secret('')
    const fixed = token instanceof Secret ? token : new Secret(typeof token === 'string' ? token : '')
    this.#user = user ?? ''
    this.#token = typeof token === 'function' ? () => token() ?? none : () => fixed
    this.renew()
  }

  /** What to send. */
  get authorization(): string | undefined {
    return this.#credentials === undefined ? undefined : `Basic ${this.#credentials.reveal()}`
  }

  /** Takes the token as it is now. @returns whether it is another one */
  renew(): boolean {
    const token = this.#token().reveal()
    if (this.#user === '' || token === this.#known) return false
    this.#known = token
    this.#credentials = new Secret(Buffer.from(`${this.#user}:${token}`).toString('base64'))
    return true
  }
}
