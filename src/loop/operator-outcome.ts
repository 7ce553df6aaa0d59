/** What became of an operator's call, in words. */
export type CallOutcome =
  | { readonly ok: true; readonly words: string }
  /** `conflict`: there is nothing to do that for. `unknown`: nor such a thing. `failed`: may be tried again. */
  | { readonly ok: false; readonly kind: 'conflict' | 'unknown' | 'failed'; readonly words: string }
