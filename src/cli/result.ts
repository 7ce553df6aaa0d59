/** One line of what `check` found. */
export interface Result {
  readonly ok: boolean
  readonly what: string
  readonly detail: string
}
