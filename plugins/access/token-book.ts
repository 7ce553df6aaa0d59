import { createHash, timingSafeEqual } from 'node:crypto'
import type { Access, AccessToken } from '../../src/core/access.ts'

interface Page {
  readonly token: AccessToken
  readonly digest: Buffer
}

/** The tokens that open something, as they are now. */
export class TokenBook {
  readonly #access: () => Access
  #read: Access | undefined
  #pages: readonly Page[] = []

  constructor(access: () => Access) {
    this.#access = access
  }

  get isEmpty(): boolean {
    return this.#access().tokens.length === 0
  }

  /** Takes the same time whatever is wrong with it, and whichever token it is. */
  find(given: string): AccessToken | undefined {
    const access = this.#access()
    if (access !== this.#read) {
      this.#read = access
      this.#pages = access.tokens.map((token) => ({ token, digest: digestOf(token.secret.reveal()) }))
    }
    const digest = digestOf(given)
    let found: AccessToken | undefined
    for (const page of this.#pages) if (timingSafeEqual(page.digest, digest)) found = page.token
    return found
  }
}

/** Digests have one length, which the comparison needs, and say nothing about where two texts differ. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
