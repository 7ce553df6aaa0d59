/** A DC/OS service account: what `DCOS_SERVICE_ACCOUNT_CREDENTIAL` holds as JSON. */
export interface ServiceAccount {
  readonly uid: string
  /** Where a signed login is changed for a token. */
  readonly loginEndpoint: string
  /** PEM. */
  readonly privateKey: string
}

/** @returns the account, or what is wrong with the text, in words that follow its name and hold nothing of it */
export function readServiceAccount(text: string): ServiceAccount | readonly string[] {
  const fields = parse(text)
  if (fields === undefined)
    return ['must be the JSON of a service account: { "uid", "login_endpoint", "private_key" … }']
  const { uid, scheme, login_endpoint: endpoint, private_key: key } = fields
  const wrong: string[] = []
  const loginEndpoint = typeof endpoint === 'string' && isHttp(endpoint) ? endpoint : undefined
  const privateKey = typeof key === 'string' && key.includes('PRIVATE KEY') ? key : undefined
  if (typeof uid !== 'string' || uid === '') wrong.push('has no uid, the name of the account')
  if (loginEndpoint === undefined) {
    wrong.push('has no login_endpoint such as https://leader.mesos/acs/api/v1/auth/login, without a user in it')
  }
  if (scheme !== undefined && scheme !== 'RS256') wrong.push('has another scheme than RS256: no other is supported')
  if (privateKey === undefined) wrong.push('has no private_key in PEM form')
  if (typeof uid !== 'string' || loginEndpoint === undefined || privateKey === undefined || wrong.length > 0) {
    return wrong
  }
  return { uid, loginEndpoint, privateKey }
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    // What the parser says quotes the text, which holds a key.
    return undefined
  }
}

function isHttp(text: string): boolean {
  return /^https?:\/\/[^\s/@]+(\/[^\s@]*)?$/i.test(text)
}
