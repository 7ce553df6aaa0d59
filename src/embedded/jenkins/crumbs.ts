import { createHmac } from 'node:crypto'

/**
 * Sessions and crumbs of one start of the controller. A crumb belongs to user and session, lives as long as the
 * session, may be used many times; the next start knows neither.
 */
export class Crumbs {
  readonly #random: (bytes: number) => string
  readonly #cookieName: string
  readonly #salt: string
  readonly #sessions = new Set<string>()

  /** @param random so many random bytes in hex */
  constructor(random: (bytes: number) => string) {
    this.#random = random
    this.#cookieName = `JSESSIONID.${random(4)}`
    this.#salt = random(16)
  }

  /** The session that this Cookie header names, if it is one of ours. */
  sessionOf(cookie: string | undefined): string | undefined {
    for (const part of (cookie ?? '').split(';')) {
      const [name, value] = part.trim().split('=', 2)
      if (name === this.#cookieName && value !== undefined && this.#sessions.has(value)) return value
    }
    return undefined
  }

  open(): string {
    const session = `node0${this.#random(13)}.node0`
    this.#sessions.add(session)
    return session
  }

  setCookie(session: string): readonly [string, string] {
    return ['Set-Cookie', `${this.#cookieName}=${session}; Path=/; HttpOnly; SameSite=Lax`]
  }

  crumb(user: string, session: string): string {
    return createHmac('sha256', this.#salt).update(`${user};${session}`).digest('hex')
  }

  valid(user: string, session: string | undefined, crumb: string | undefined): boolean {
    return session !== undefined && crumb === this.crumb(user, session)
  }
}
