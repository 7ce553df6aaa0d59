import { JenkinsError } from './errors.ts'
import { titleOf } from './html.ts'
import type { HttpAnswer } from './http.ts'

/** What Jenkins calls its permissions in headers, and people in the security settings. */
const PERMISSION_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^hudson\.model\.Computer\./, 'Agent/'],
  [/^(?:hudson\.model\.Hudson|jenkins\.model\.Jenkins)\./, 'Overall/'],
  [/^hudson\.model\.Item\./, 'Job/'],
  [/^hudson\.model\.View\./, 'View/'],
  [/^hudson\.model\.Run\./, 'Run/'],
]

/** `Agent/Create` for `hudson.model.Computer.Create`. */
export function permissionName(permission: string): string {
  for (const [prefix, name] of PERMISSION_NAMES) {
    if (prefix.test(permission)) return permission.replace(prefix, name)
  }
  return permission
}

export function isByJenkins(answer: HttpAnswer): boolean {
  return answer.header('x-jenkins') !== undefined || answer.header('x-hudson') !== undefined
}

/** A POST that Jenkins did not look at for want of a crumb. This text is not translated. */
export function isCrumbRefusal(answer: HttpAnswer): boolean {
  return answer.status === 403 && answer.text.includes('No valid crumb was included in the request')
}

/**
 * Why an answer is no success, as an error that says what to do.
 * @param what the request, as `GET /computer/api/json`
 */
export function refusal(answer: HttpAnswer, what: string, jenkinsUrl: string): JenkinsError {
  const { status } = answer
  const byJenkins = isByJenkins(answer)
  if (status === 401) {
    return new JenkinsError(
      'JENKINS_UNAUTHORIZED',
      `${what}: 401, Jenkins does not accept the credentials. Check JENKINS_USER and JENKINS_TOKEN (an API token of that user).`,
      { status, byJenkins },
    )
  }
  if (status === 403) return forbidden(answer, what, byJenkins)
  if (status === 404) {
    const hint = byJenkins
      ? ''
      : ` The answer does not name a Jenkins version (${whoAnswered(answer)}): check the context path of JENKINS_URL, which is ${jenkinsUrl}.`
    return new JenkinsError('JENKINS_NOT_FOUND', `${what}: 404, there is no such thing.${hint}`, { status, byJenkins })
  }
  if (status === 429 || status >= 500) return unavailable(answer, what, byJenkins)
  const said = answer.header('x-error') ?? titleOf(answer.text)
  const words = said === undefined ? `(${whoAnswered(answer)})` : `“${said.replaceAll(/\s+/g, ' ').trim()}”`
  return new JenkinsError('JENKINS_REFUSED', `${what}: ${status}, refused with ${words}.`, { status, byJenkins })
}

function forbidden(answer: HttpAnswer, what: string, byJenkins: boolean): JenkinsError {
  const status = 403
  if (isCrumbRefusal(answer)) {
    return new JenkinsError(
      'JENKINS_CRUMB',
      `${what}: Jenkins wants a crumb and does not accept a fresh one. Let the proxy before Jenkins pass on Jenkins-Crumb and cookies and keep the client's address, or use an API token instead of a password.`,
      { status, byJenkins },
    )
  }
  const permission = answer.header('x-required-permission') ?? saidPermission(answer.text, what)
  const user = answer.header('x-you-are-authenticated-as')
  if (permission !== undefined) {
    return new JenkinsError(
      'JENKINS_FORBIDDEN',
      `${what}: ${user === undefined ? 'the user' : `user ${user}`} lacks the permission ${permissionName(permission)} (${permission}). Grant it in Jenkins' security settings.`,
      { status, permission, byJenkins },
    )
  }
  if (answer.text.includes('Authentication required') || /<meta[^>]+refresh[^>]+\/login\?/i.test(answer.text)) {
    return new JenkinsError(
      'JENKINS_UNAUTHORIZED',
      `${what}: Jenkins wants a login. Set JENKINS_USER and JENKINS_TOKEN (an API token of that user).`,
      { status, byJenkins },
    )
  }
  return new JenkinsError(
    'JENKINS_FORBIDDEN',
    `${what}: 403 without the name of a permission (${whoAnswered(answer)}). If a proxy stands before Jenkins, see whether it refuses.`,
    { status, byJenkins },
  )
}

/** Controllers of 2011 name the right in their page only, by its last word; of which group it is the path tells. */
function saidPermission(text: string, what: string): string | undefined {
  const right = /<p class="error">\S+ is missing the (\w+) permission<\/p>/.exec(text)?.[1]
  if (right === undefined) return undefined
  if (right === 'Administer') return 'hudson.model.Hudson.Administer'
  if (what.includes('/job/')) return `hudson.model.Item.${right}`
  const ofNode = right !== 'Read' && what.includes('/computer/')
  return `hudson.model.${ofNode ? 'Computer' : 'Hudson'}.${right}`
}

function unavailable(answer: HttpAnswer, what: string, byJenkins: boolean): JenkinsError {
  const { status, text } = answer
  if (status === 503 && /Starting Jenkins|getting ready to work/.test(text)) {
    return new JenkinsError('JENKINS_UNAVAILABLE', `${what}: Jenkins is starting and not ready to work yet.`, {
      status,
    })
  }
  const logged = /Logging ID=([0-9a-f-]{8,40})/.exec(text)?.[1]
  const see = logged === undefined ? whoAnswered(answer) : `see Jenkins' log for ${logged}`
  return new JenkinsError('JENKINS_UNAVAILABLE', `${what}: ${status}, Jenkins failed (${see}).`, { status, byJenkins })
}

/** An answer of 200 that is something else than was asked for. */
export function notJson(answer: HttpAnswer, what: string, jenkinsUrl: string, cause: unknown): JenkinsError {
  const page = /^\s*(?:<!doctype|<html|<\?xml|<)/i.test(answer.text)
  return new JenkinsError(
    'JENKINS_MALFORMED',
    page
      ? `${what}: a page came instead of JSON (${whoAnswered(answer)}). It may be a login page or a proxy, or the context path of JENKINS_URL (${jenkinsUrl}) is wrong.`
      : `${what}: the answer is not JSON (${whoAnswered(answer)}, ${answer.text.length} characters).`,
    { status: answer.status, byJenkins: isByJenkins(answer), cause },
  )
}

/** Who spoke, for a person who looks for the proxy in between. Never quotes the body beyond its title. */
function whoAnswered(answer: HttpAnswer): string {
  const title = titleOf(answer.text)
  const server = answer.header('server')
  const parts = [
    title === undefined ? undefined : `“${title}”`,
    server === undefined ? undefined : `server ${server}`,
    answer.header('content-type'),
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? 'no further words' : parts.join(', ')
}
