/** One line of what `check` found. */
export interface Result {
  readonly ok: boolean
  /** It could not be looked at: neither good nor bad. */
  readonly untried?: boolean
  readonly what: string
  readonly detail: string
}
