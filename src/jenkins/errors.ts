/** Why a call to Jenkins failed, sorted by what the caller can do about it. */
export type JenkinsErrorCode =
  | 'JENKINS_UNREACHABLE' // no whole answer: try again later; a POST may have been done all the same
  | 'JENKINS_UNAUTHORIZED' // no credentials, or wrong ones: a person must act
  | 'JENKINS_FORBIDDEN' // the user lacks a permission: a person must act
  | 'JENKINS_CRUMB' // a POST is refused even with a fresh crumb: usually a proxy that drops header or cookie
  | 'JENKINS_NOT_FOUND' // the node is gone, often just what was wanted
  | 'JENKINS_REFUSED' // any other 4xx: the request is wrong, again and again
  | 'JENKINS_CONFLICT' // somebody changed the same node at the same moment: try again later
  | 'JENKINS_UNAVAILABLE' // 5xx, or still starting up: try again later
  | 'JENKINS_MALFORMED' // an answer that is not Jenkins', or not of the documented shape

export interface JenkinsErrorDetails {
  /** HTTP status of the answer. */
  readonly status?: number
  /** The permission that Jenkins misses, in its own words: `hudson.model.Computer.Create`. */
  readonly permission?: string
  /** The answer carries Jenkins' version header; without it a proxy or another server may have spoken. */
  readonly byJenkins?: boolean
  /** The request never left, so nothing can have come of it. */
  readonly notSent?: boolean
  readonly cause?: unknown
}

/** Never carries a credential, a crumb or the body of an agent's JNLP file. */
export class JenkinsError extends Error {
  override readonly name = 'JenkinsError'
  readonly code: JenkinsErrorCode
  readonly status: number | undefined
  readonly permission: string | undefined
  readonly byJenkins: boolean
  readonly notSent: boolean

  constructor(code: JenkinsErrorCode, message: string, details: JenkinsErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.status = details.status
    this.permission = details.permission
    this.byJenkins = details.byJenkins ?? false
    this.notSent = details.notSent ?? false
  }

  get retryable(): boolean {
    return (
      this.code === 'JENKINS_UNREACHABLE' || this.code === 'JENKINS_UNAVAILABLE' || this.code === 'JENKINS_CONFLICT'
    )
  }
}
