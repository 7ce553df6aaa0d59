/** Why something with Mesos failed, sorted by what the caller can do about it. */
export type MesosErrorCode =
  | 'MESOS_UNREACHABLE' // no answer: try again later; a call may have been carried out all the same
  | 'MESOS_NOT_LEADING' // another master leads, or none: ask again
  | 'MESOS_RECOVERING' // the master starts up: try again soon
  | 'MESOS_LOGIN_FAILED' // no token to be had just now: nothing was sent, a subscription goes on
  | 'MESOS_UNAUTHORIZED' // the credentials are wrong or lack a right: a person must act
  | 'MESOS_SUBSCRIPTION_LOST' // there is no subscription (any more); the call was not carried out
  | 'MESOS_OFFER_GONE' // rescinded, answered or of an earlier subscription; nothing was sent
  | 'MESOS_REFUSED' // the master understood and says no: configuration or a mistake of this program
  | 'MESOS_MALFORMED' // an answer that is not of this protocol

export interface MesosErrorOptions {
  readonly status?: number
  /** Origin of the master that was named as the leader. */
  readonly leader?: string | undefined
  readonly cause?: unknown
}

export class MesosError extends Error {
  override readonly name = 'MesosError'
  readonly code: MesosErrorCode
  readonly status: number | undefined
  readonly leader: string | undefined

  constructor(code: MesosErrorCode, message: string, options: MesosErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.status = options.status
    this.leader = options.leader
  }

  /** The same may work later without anybody's doing. */
  get retryable(): boolean {
    return this.endsSubscription || this.code === 'MESOS_LOGIN_FAILED'
  }

  /** After this answer to a call the subscription is of no more use: subscribe again. */
  get endsSubscription(): boolean {
    return (
      this.code === 'MESOS_UNREACHABLE' ||
      this.code === 'MESOS_NOT_LEADING' ||
      this.code === 'MESOS_RECOVERING' ||
      this.code === 'MESOS_SUBSCRIPTION_LOST'
    )
  }
}

/** These come as 400, as do all mistakes in a call: only the text tells. */
const LOST = [
  /^Framework cannot be found/,
  /^The stream ID .* included in this request didn't match/,
  /^All non-subscribe calls should include the 'Mesos-Stream-Id' header/,
  /^Framework is not (?:subscribed|connected via HTTP)/,
]
const LONGEST_TEXT = 500

/** Some answers begin with it: `401 Unauthorized.` */
export function withStatus(status: number, text: string): string {
  return text.startsWith(String(status)) ? text : `${status} ${text}`.trimEnd()
}

/**
 * Sorts an answer that is no success.
 * @param what begins the message: `DECLINE at http://10.0.0.1:5050`
 * @param location of a 307
 */
export function fromAnswer(what: string, status: number, body: string, location?: string, origin?: string): MesosError {
  const text = textOf(body)
  const message = `${what}: ${withStatus(status, text)}`
  if (status === 301 || status === 302 || status === 307 || status === 308) {
    return notLeading(what, status, location, origin)
  }
  if (status === 401) return new MesosError('MESOS_UNAUTHORIZED', message, { status })
  if ((status === 400 || status === 403) && LOST.some((lost) => lost.test(text))) {
    return new MesosError('MESOS_SUBSCRIPTION_LOST', message, { status })
  }
  if (status === 403) return new MesosError('MESOS_UNAUTHORIZED', message, { status })
  if (status === 503 && /^No leader elected/.test(text)) return new MesosError('MESOS_NOT_LEADING', message, { status })
  // A master that has just started answers 404 until its routes are there.
  if (status === 404 || status === 503) return new MesosError('MESOS_RECOVERING', message, { status })
  if (status === 502 || status === 504) return new MesosError('MESOS_UNREACHABLE', message, { status })
  if (status >= 400) return new MesosError('MESOS_REFUSED', message, { status })
  return new MesosError('MESOS_MALFORMED', `${message}: not an answer of a Mesos master`, { status })
}

/** `Location` is protocol-relative and its path is the master's own: only host and port are of use. */
function notLeading(
  what: string,
  status: number,
  location: string | undefined,
  origin: string | undefined,
): MesosError {
  const leader = origin === undefined ? undefined : leaderOf(location, origin)
  const where = leader ?? (location === undefined ? 'nowhere' : `"${location}", which is no address`)
  return new MesosError('MESOS_NOT_LEADING', `${what}: ${status}, not the leader, points to ${where}`, {
    status,
    leader,
  })
}

function leaderOf(location: string | undefined, origin: string): string | undefined {
  if (location === undefined || !URL.canParse(location, origin)) return undefined
  const { host } = new URL(location, origin)
  return host === '' ? undefined : `${new URL(origin).protocol}//${host}`
}

/** Mesos answers plain text. A page comes from something else, and its markup helps nobody. */
function textOf(body: string): string {
  const text = body.trim()
  if (/^<(?:!doctype|html|\?xml)/i.test(text)) return 'an HTML page: is this the address of a Mesos master?'
  return text.slice(0, LONGEST_TEXT)
}
