/**
 * The `code` of anything thrown. Errors that Node makes may belong to another realm (under jest they do),
 * where `instanceof Error` is false: ask for the code, never for the class.
 */
export function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}

/** The message of anything thrown, for a sentence that a person reads. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string') {
    return thrown.message
  }
  return String(thrown)
}
