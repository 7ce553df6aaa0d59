/**
 * - `MARATHON_UNREACHABLE`: no answer came; whether a change was made is not known
 * - `MARATHON_BUSY`: 503, no leader or overloaded; the same
 * - `MARATHON_REFUSED`: it says no, and would say it again
 */
export type MarathonCode = 'MARATHON_UNREACHABLE' | 'MARATHON_BUSY' | 'MARATHON_REFUSED'

/** Its message says what is wrong, where, and what to do; it may have several lines. */
export class MarathonError extends Error {
  override readonly name = 'MarathonError'
  readonly code: MarathonCode

  constructor(code: MarathonCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
