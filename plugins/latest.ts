/** Shorter texts are looked through faster than they are kept. */
const LEAST_LENGTH = 64 * 1024

/** Answers that are asked for in turn, such as the state and the metrics. */
const MOST_TEXTS = 2

/**
 * What is worked out from a text, kept for the last long ones: while the state of a big farm stands for a moment, all
 * who ask are sent the same text. Comparing a text with itself costs nothing.
 */
export function ofLatest<T>(make: (text: string) => T): (text: string) => T {
  let latest: readonly { readonly text: string; readonly made: T }[] = []
  return (text) => {
    if (text.length < LEAST_LENGTH) return make(text)
    const found = latest.find((one) => one.text === text) ?? { text, made: make(text) }
    if (latest[0] !== found) latest = [found, ...latest.filter((one) => one !== found)].slice(0, MOST_TEXTS)
    return found.made
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
