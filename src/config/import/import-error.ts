/** Why a configuration of the Mesos plugin cannot be imported, sorted by what can be done about it. */
export type ImportErrorCode =
  | 'IMPORT_TOO_BIG' // more than a configuration can be: another file is meant
  | 'IMPORT_ENCODING' // not UTF-8, in which Jenkins writes
  | 'IMPORT_ENTITIES' // a document type with entities of its own: Jenkins writes none, an attacker might
  | 'IMPORT_MALFORMED' // neither XML nor YAML, or cut off
  | 'IMPORT_NO_CLOUD' // it reads well, and there is no Mesos cloud in it

/** A sentence for people. It repeats names of the file, never values: one may be a secret. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
  readonly code: ImportErrorCode

  constructor(code: ImportErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }
}
