/** Shorter texts are looked through faster than they are kept. */
const LEAST_LENGTH = 64 * 1024

/**
 * What is worked out from a text, kept for the last long one: while the state of a big farm stands for a moment, all who
 * ask are sent the same text. Comparing a text with itself costs nothing.
 */
export function ofLatest<T>(make: (text: string) => T): (text: string) => T {
  let latest: { readonly text: string; readonly made: T } | undefined
  return (text) => {
    if (text.length < LEAST_LENGTH) return make(text)
    if (latest?.text !== text) latest = { text, made: make(text) }
    return latest.made
  }
}

const texts = new WeakMap<object, string>()

/** The JSON of a value that several callers are sent, made once. */
export function sharedJson(value: object): string {
  const before = texts.get(value)
  if (before !== undefined) return before
  const text = JSON.stringify(value)
  texts.set(value, text)
  return text
}
