import { isByJenkins } from './answers.ts'
import { JenkinsError } from './errors.ts'
import type { HttpAnswer } from './http.ts'

const LOGIN = /\/(?:login|signin|sign_in|securityRealm\/|oauth2?\/|saml2?\/|sso\b|adfs\/)/i

/**
 * Where a redirected GET goes on: the same host, another spelling of the path.
 * @returns path and query
 * @throws JenkinsError on a login page, another host or scheme: credentials never go there
 */
export function sameOriginTarget(answer: HttpAnswer, from: string, what: string, jenkinsUrl: string): string {
  const base = new URL(jenkinsUrl)
  const target = targetOf(answer, new URL(from, base))
  if (target === undefined) throw nowhere(answer, what)
  if (LOGIN.test(target.pathname)) throw login(answer, target, what)
  if (target.origin !== base.origin) throw elsewhere(answer, target, what, jenkinsUrl)
  return `${target.pathname}${target.search}`
}

/**
 * After a POST that did its work Jenkins leads to a page of `/computer`, by a path or by its configured URL.
 * Anything else comes from a proxy or a login in between, and nothing was done.
 */
export function redirectProblem(answer: HttpAnswer, what: string, jenkinsUrl: string): JenkinsError | undefined {
  const target = targetOf(answer, new URL(jenkinsUrl))
  if (target === undefined) return nowhere(answer, what)
  if (LOGIN.test(target.pathname)) return login(answer, target, what)
  if (/\/computer(?:\/|$)/.test(target.pathname)) {
    // A 301 or 308 is a proxy that spells the URL in another way, and asks for the POST to be sent there.
    return answer.status === 302 || answer.status === 303 ? undefined : elsewhere(answer, target, what, jenkinsUrl)
  }
  return elsewhere(answer, target, what, jenkinsUrl)
}

function targetOf(answer: HttpAnswer, base: URL): URL | undefined {
  const location = answer.header('location')
  return location !== undefined && URL.canParse(location, base.href) ? new URL(location, base) : undefined
}

/** Without query: it may hold tokens of a login. */
function shown(target: URL): string {
  return `${target.origin}${target.pathname}`
}

function login(answer: HttpAnswer, target: URL, what: string): JenkinsError {
  return new JenkinsError(
    'JENKINS_UNAUTHORIZED',
    `${what}: redirected to the login page ${shown(target)}. Set JENKINS_USER and JENKINS_TOKEN, and let the proxy pass API requests with Basic authentication.`,
    { status: answer.status, byJenkins: isByJenkins(answer) },
  )
}

function elsewhere(answer: HttpAnswer, target: URL, what: string, jenkinsUrl: string): JenkinsError {
  return new JenkinsError(
    'JENKINS_MALFORMED',
    `${what}: redirected to ${shown(target)}. JENKINS_URL is ${jenkinsUrl}: set it to the address that Jenkins has now (scheme, host and context path).`,
    { status: answer.status, byJenkins: isByJenkins(answer) },
  )
}

function nowhere(answer: HttpAnswer, what: string): JenkinsError {
  return new JenkinsError('JENKINS_MALFORMED', `${what}: ${answer.status} without a usable Location.`, {
    status: answer.status,
  })
}
