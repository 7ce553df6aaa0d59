/** Why the store failed, sorted by what can be done about it. */
export type StoreErrorCode =
  | 'STORE_LOCKED' // another live process holds it: end that one
  | 'STORE_UNTRUSTED' // content is there and cannot be believed: a person must act
  | 'STORE_VERSION' // written in a format that this version does not know
  | 'STORE_INVALID' // the caller's change could not be read back: a mistake in this program
  | 'STORE_WRITE' // disk full, input/output error: nothing is acknowledged until a later write succeeds
  | 'STORE_LOST' // somebody took its files away while it was in use: it must be opened again
  | 'STORE_DEPOSED' // another instance may lead by now: nothing was stored, and nothing may be done any more
  | 'STORE_MOVED' // its content was moved to another store, or is being moved here: a person must act
  | 'STORE_CLOSED' // commit after close

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}
