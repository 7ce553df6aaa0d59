/** What operators have in mind with a host: words of the operator API. */
export interface Drain {
  readonly markGone: boolean
  readonly state: 'DRAINING' | 'DRAINED'
}

/** In nanoseconds, as it came: frameworks get it as it is. */
export interface Unavailability {
  readonly start: { readonly nanoseconds: number }
  readonly duration?: { readonly nanoseconds: number }
}
