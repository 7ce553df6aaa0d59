import { messageOf } from '../core/code-of.ts'
import { MesosError } from './errors.ts'

/** The ERROR record: the master says it and ends the stream. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
}

/** What the end of a subscription, or a failed attempt at one, means. */
export type End =
  /** Another master was named. */
  | { readonly kind: 'redirected'; readonly leader: string; readonly why: string }
  /** No answer, no leader, or the stream broke: try again. */
  | { readonly kind: 'lost'; readonly why: string }
  /** The framework id is spent. */
  | { readonly kind: 'removed'; readonly why: string }
  /** Another connection subscribed with our id. */
  | { readonly kind: 'failedOver'; readonly why: string }
  /** A person must act. */
  | { readonly kind: 'refused'; readonly why: string }

/** @param subscribed the stream had begun well */
export function sortEnd(error: unknown, subscribed: boolean): End {
  const why = messageOf(error)
  if (error instanceof StreamError) return sortStreamError(why)
  if (!(error instanceof MesosError)) return { kind: 'lost', why }
  if (error.leader !== undefined) return { kind: 'redirected', leader: error.leader, why }
  if (subscribed) return { kind: 'lost', why }
  const refused = ['MESOS_UNAUTHORIZED', 'MESOS_REFUSED', 'MESOS_MALFORMED'].includes(error.code)
  return { kind: refused ? 'refused' : 'lost', why }
}

/** The master has no codes for these, only sentences. */
function sortStreamError(why: string): End {
  if (why === 'Framework has been removed') return { kind: 'removed', why }
  if (why === 'Framework failed over') return { kind: 'failedOver', why }
  return { kind: 'refused', why }
}

const BACKOFF_BASE_MS = 1_000
export const BACKOFF_MAX_MS = 15_000

/** Full jitter: anything from 0 to a limit that doubles with each attempt, so that many do not come back at once. */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 10))
}
