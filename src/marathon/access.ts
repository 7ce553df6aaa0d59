import { messageOf } from '../core/code-of.ts'
import { Secret } from '../core/secret.ts'
import type { TlsFiles } from '../core/tls.ts'

/** Where Marathon is, and who asks. */
export interface Access {
  /** With the path under which it is found, without a slash at the end. */
  readonly url: string
  /** The whole `Authorization` header. */
  readonly authorization: Secret | undefined
  readonly tls: TlsFiles
}

export type AccessReading =
  | { readonly ok: true; readonly access: Access }
  | { readonly ok: false; readonly mistakes: readonly string[] }

type Variables = Readonly<Record<string, string | undefined>>
type ReadFile = (path: string) => string

/**
 * From `--marathon` and the variables MARATHON_…; all mistakes at once, no value in them.
 * @param option what `--marathon` says
 */
export function readAccess(option: string | undefined, variables: Variables, readFile: ReadFile): AccessReading {
  const { MARATHON_URL, MARATHON_TOKEN, MARATHON_TOKEN_FILE, MARATHON_USER } = variables
  const { MARATHON_PASSWORD, MARATHON_PASSWORD_FILE, MARATHON_CA_FILE } = variables
  const { MARATHON_CLIENT_CERT_FILE, MARATHON_CLIENT_KEY_FILE } = variables
  const mistakes: string[] = []
  const content = (name: string, path: string | undefined): string | undefined => {
    if (isEmpty(path)) return undefined
    try {
      return readFile(path)
    } catch (thrown) {
      mistakes.push(`${name} cannot be read: ${messageOf(thrown)}.`)
      return undefined
    }
  }
  const secret = (name: string, own: string | undefined, path: string | undefined): string | undefined => {
    if (!isEmpty(own) && !isEmpty(path)) mistakes.push(`${name} and ${name}_FILE are both given: keep one of them.`)
    const value = isEmpty(own) ? content(`${name}_FILE`, path)?.trim() : own.trim()
    if (value === '') mistakes.push(`${name}_FILE names a file that is empty.`)
    if (value === undefined || /^[\x20-\x7e]*$/.test(value)) return value
    mistakes.push(`${name} holds a line break or another character that none has: copy it again.`)
    return undefined
  }
  const url = readUrl(option, isEmpty(MARATHON_URL) ? undefined : MARATHON_URL, mistakes)
  const token = secret('MARATHON_TOKEN', MARATHON_TOKEN, MARATHON_TOKEN_FILE)
  const user = isEmpty(MARATHON_USER) ? undefined : MARATHON_USER
  const password = secret('MARATHON_PASSWORD', MARATHON_PASSWORD, MARATHON_PASSWORD_FILE)
  const isPasswordGiven = !isEmpty(MARATHON_PASSWORD) || !isEmpty(MARATHON_PASSWORD_FILE)
  if (token !== undefined && user !== undefined) {
    mistakes.push('MARATHON_TOKEN and MARATHON_USER are both given: keep one of them.')
  }
  if (user !== undefined && !isPasswordGiven) {
    mistakes.push('MARATHON_PASSWORD (or MARATHON_PASSWORD_FILE) is missing: MARATHON_USER needs it.')
  } else if (user === undefined && isPasswordGiven) {
    mistakes.push('MARATHON_USER is missing: MARATHON_PASSWORD is the password of a user.')
  }
  const key = content('MARATHON_CLIENT_KEY_FILE', MARATHON_CLIENT_KEY_FILE)
  const tls = {
    ca: content('MARATHON_CA_FILE', MARATHON_CA_FILE),
    cert: content('MARATHON_CLIENT_CERT_FILE', MARATHON_CLIENT_CERT_FILE),
    key: key === undefined ? undefined : new Secret(key),
  }
  if (isEmpty(MARATHON_CLIENT_CERT_FILE) !== isEmpty(MARATHON_CLIENT_KEY_FILE)) {
    mistakes.push('MARATHON_CLIENT_CERT_FILE and MARATHON_CLIENT_KEY_FILE belong together: give both.')
  }
  if (mistakes.length > 0 || url === undefined) return { ok: false, mistakes }
  return { ok: true, access: { url, authorization: authorizationOf(token, user, password), tls } }
}

function isEmpty(text: string | undefined): text is undefined {
  return text === undefined || text.trim() === ''
}

function readUrl(option: string | undefined, variable: string | undefined, mistakes: string[]): string | undefined {
  const text = option ?? variable
  const name = option === undefined ? 'MARATHON_URL' : '--marathon'
  if (text === undefined) {
    mistakes.push('It is not said where Marathon is: give --marathon http://host:8080, or set MARATHON_URL.')
    return undefined
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    mistakes.push(`${name} must be an address that begins with http:// or https://.`)
    return undefined
  }
  if (url.username !== '' || url.password !== '') {
    mistakes.push(`${name} holds a user or a password: set MARATHON_USER and MARATHON_PASSWORD instead.`)
    return undefined
  }
  if (url.search !== '' || url.hash !== '') {
    mistakes.push(`${name} must end with the path, without ? or #.`)
    return undefined
  }
  return url.href.replace(/\/+$/, '')
}

/** A token is sent as `Bearer`, unless it brings its scheme along, as that of DC/OS does: `token=…`. */
function authorizationOf(token?: string, user?: string, password?: string): Secret | undefined {
  if (token !== undefined) {
    // What stands alone in a message is the token.
    keep(token)
    return new Secret(/^token=|^\S+ /.test(token) ? token : `Bearer ${token}`)
  }
  if (user === undefined || password === undefined) return undefined
  keep(password)
  return new Secret(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
}

/** For as long as the program runs, so that no text shows it. */
const kept: Secret[] = []
function keep(value: string): void {
  kept.push(new Secret(value))
}
