import type { Instant } from './model.ts'

/** How long a template is left alone after launches that failed, and its breaker. */
export interface Backoff {
  /** In a row, since a launch last succeeded. */
  readonly failures: number
  /** Of the back-off under way or just over; 0 without failures. */
  readonly delayMs: number
  /** No launch before then. */
  readonly until: Instant
  /** The breaker is open since then: once `until` is over, one launch at a time may try. `undefined`: closed. */
  readonly openSince: Instant | undefined
}

const FIRST_DELAY_MS = 10_000
const MAX_DELAY_MS = 600_000
/** So many failures in a row open the breaker. */
export const OPENS_AT = 3

export const NO_BACKOFF: Backoff = Object.freeze({ failures: 0, delayMs: 0, until: 0, openSince: undefined })

/**
 * After one more failure. The delay doubles from failure to failure; those that come while the template is backed off
 * are of launches that were under way already, so they begin the same delay anew: fifty agents that fail together
 * are one reason to wait, not fifty.
 */
export function failed(backoff: Backoff, now: Instant): Backoff {
  const failures = backoff.failures + 1
  const delayMs = isBackedOff(backoff, now)
    ? backoff.delayMs
    : Math.min(MAX_DELAY_MS, Math.max(FIRST_DELAY_MS, backoff.delayMs * 2))
  const openSince = failures < OPENS_AT ? undefined : (backoff.openSince ?? now)
  return { failures, delayMs, until: now + delayMs, openSince }
}

/** As `failed`, where only a person can put it right: from the third in a row on it is tried at the longest delay. */
export function failedForSure(backoff: Backoff, now: Instant): Backoff {
  const next = failed(backoff, now)
  return next.failures < OPENS_AT ? next : { ...next, delayMs: MAX_DELAY_MS, until: now + MAX_DELAY_MS }
}

/** After a success, whatever was before. */
export function succeeded(): Backoff {
  return NO_BACKOFF
}

/** Never for longer than the delay, even if the clock was set back. */
export function isBackedOff(backoff: Backoff, now: Instant): boolean {
  const left = backoff.until - now
  return left > 0 && left <= backoff.delayMs
}

/** Why nothing is started now, in words. */
export function showFailures({ failures, until }: Backoff, what: string, now: Instant): string {
  const which = failures === 1 ? `the last launch of ${what} failed` : `${failures} launches of ${what} failed in a row`
  return `${which}: the next try is in ${Math.ceil((until - now) / 1000)} s`
}

export type BreakerState = 'closed' | 'open' | 'halfOpen'

/** `halfOpen`: one launch may try. */
export function breakerState(backoff: Backoff, now: Instant): BreakerState {
  if (backoff.openSince === undefined) return 'closed'
  return isBackedOff(backoff, now) ? 'open' : 'halfOpen'
}

/**
 * How long to wait before a request is tried again: anything from 0 up to `baseMs` doubled `attempt` times,
 * `capMs` at most. Full jitter keeps those that failed together from coming back together.
 *
 * @param attempt 0 before the first repetition
 * @param chance from 0 up to, not including, 1
 * @returns whole milliseconds
 */
export function jittered(baseMs: number, attempt: number, capMs: number, chance: number): number {
  return Math.floor(chance * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 52)))
}
