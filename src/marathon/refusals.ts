import type { Definition } from './definition.ts'
import { MarathonError } from './errors.ts'
import type { Answer } from './http.ts'
import { entryName, isRecord, showPath } from './path.ts'
import { objectsIn, textIn, textsIn } from './read.ts'

export interface Asked {
  readonly definition: Definition
  /** `PUT /v2/pods/ci/jenkins` */
  readonly what: string
  /** A login was sent along. */
  readonly loggedIn: boolean
}

/** Why Marathon does not do what it was asked, and what to do about it. */
export function refusal(answer: Answer, asked: Asked): MarathonError {
  const { status } = answer
  if (status === 503 || status === 502 || status === 504) {
    return new MarathonError(
      'MARATHON_BUSY',
      `Marathon has no leader, or is too busy (${status}). ${saidBy(answer)}`.trim(),
    )
  }
  return new MarathonError('MARATHON_REFUSED', words(answer, asked))
}

function words(answer: Answer, asked: Asked): string {
  const { status } = answer
  const { id } = asked.definition
  if (status === 401) {
    return asked.loggedIn
      ? 'Marathon does not accept the login (401): see to MARATHON_TOKEN, or MARATHON_USER and MARATHON_PASSWORD.'
      : 'Marathon wants a login (401): set MARATHON_TOKEN, or MARATHON_USER and MARATHON_PASSWORD (or each with _FILE).'
  }
  if (status === 403)
    return `Marathon does not let this login change ${id} (403): give it the right to, or use another. ${saidBy(answer)}`
  if (status >= 300 && status < 400) return redirectWords(answer)
  if (status === 422)
    return [`Marathon refuses ${id}, something in it does not hold:`, ...detailsOf(answer, asked.definition)].join('\n')
  if (status === 400) return [`Marathon cannot read ${id}:`, ...detailsOf(answer, asked.definition)].join('\n')
  if (status === 409) {
    return `There is an app, a pod or a group with the id ${id} already: delete it, or deploy under another id. ${saidBy(answer)}`
  }
  return `${asked.what} was answered with ${status}: is that Marathon? ${saidBy(answer)}`.trim()
}

function redirectWords(answer: Answer): string {
  const location = answer.header('location') ?? ''
  const origin = URL.canParse(location) ? new URL(location).origin : undefined
  return origin === undefined
    ? `Marathon's address answers with a redirect (${answer.status}): give --marathon the address behind it.`
    : `Marathon's address sends us on to ${origin}: give --marathon ${origin}, the login is sent nowhere else.`
}

function saidBy({ body, text }: Answer): string {
  const message = isRecord(body)
    ? textIn(body, 'message')
    : text
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim()
        .slice(0, 200)
  return message === undefined || message === '' ? '' : `It says: ${message}`
}

function detailsOf(answer: Answer, { body: definition }: Definition): readonly string[] {
  const body = isRecord(answer.body) ? answer.body : undefined
  const details = objectsIn(body, 'details').map((detail) => {
    const path = textIn(detail, 'path') ?? ''
    return `- ${placeOf(path, definition)}: ${textsIn(detail, 'errors').join('; ')}`
  })
  const all = details.length === 0 ? [`- ${saidBy(answer)}`] : details
  return /secrets/i.test(answer.text) && /feature/i.test(answer.text) ? [...all, NO_SECRETS] : all
}

const NO_SECRETS =
  'This Marathon has no secrets: they need --enable_features secrets and a plugin. Give them as files of the host ' +
  'instead, as marathon/pod.json does; see docs/marathon.md.'

/** `/containers(0)/endpoints(1)/name` as `containers.jenkins.endpoints.agents.name`. */
function placeOf(path: string, definition: unknown): string {
  let value = definition
  const parts = (path.match(/[^/()]+/g) ?? []).map((part) => {
    const index = Array.isArray(value) ? Number(part) : Number.NaN
    const entry: unknown = Array.isArray(value) ? value[index] : isRecord(value) ? value[part] : undefined
    const name = Array.isArray(value) ? entryName(entry, index) : part
    value = entry
    return name
  })
  return parts.length === 0 ? 'the whole' : showPath(parts)
}

/** Deployments that 409 names: the app or pod is theirs until they end. `undefined`: it is no such answer. */
export function lockedBy({ status, body }: Answer): readonly string[] | undefined {
  if (status !== 409 || !isRecord(body)) return undefined
  const ids = objectsIn(body, 'deployments').flatMap((deployment) => textIn(deployment, 'id') ?? [])
  return ids.length === 0 ? undefined : ids
}
