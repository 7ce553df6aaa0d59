/** Says who sends a request by its `Authorization` header; `undefined` for nobody that it knows. */
export interface Authenticator {
  readonly principalOf: (authorization: string | undefined) => string | undefined
  /** The `WWW-Authenticate` of a 401. */
  readonly challenge: (realm: string) => string
}

/** Which of a master's or host's pages ask for credentials; the others are open, as with a real one. */
export interface Authentication {
  /** The scheduler API of masters. Hosts have none. */
  readonly frameworks?: Authenticator
  /** Pages. */
  readonly readonly?: Authenticator
  /** The operator API, `POST /api/v1`. */
  readonly readwrite?: Authenticator
}

/** HTTP basic as Mesos reads it: one blank, the scheme in this case, and no secret with a colon. */
export function basicAuthenticator(secrets: Readonly<Record<string, string>>): Authenticator {
  return {
    challenge: (realm) => `Basic realm="${realm}"`,
    principalOf: (authorization = '') => {
      const [scheme, encoded, ...more] = authorization.split(' ')
      if (scheme !== 'Basic' || encoded === undefined || more.length > 0) return undefined
      if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined
      const [principal, secret, ...colons] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
      if (principal === undefined || secret === undefined || colons.length > 0) return undefined
      return Object.hasOwn(secrets, principal) && secrets[principal] === secret ? principal : undefined
    },
  }
}
