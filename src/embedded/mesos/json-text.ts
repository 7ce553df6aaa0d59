/** A JSON text read the way the master does it: what is wrong is named by line and by the text that follows. */
export type JsonText = { readonly value: unknown } | { readonly error: string }

export function parseJson(text: string): JsonText {
  const end = endOfValue(text)
  if (end.failedAt !== undefined) return { error: syntaxError(text, end.failedAt) }
  const rest = text.slice(end.at)
  if (rest.trim() !== '') return { error: `Parsed JSON included non-whitespace trailing characters: ${rest}` }
  return { value: JSON.parse(text.slice(0, end.at)) }
}

/** The same words for a number that stands in a string. */
function syntaxError(text: string, at: number): string {
  const line = text.slice(0, at).split('\n').length
  const near = text.slice(at).split('\n')[0] ?? ''
  return `syntax error at line ${line} near: ${near}`
}

interface End {
  readonly at: number
  readonly failedAt?: number
}

const BLANK = /[ \t\r\n]*/y
const SCALAR = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings must not contain them
// eslint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

function skip(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  const match = pattern.exec(text)
  return match === null ? undefined : at + match[0].length
}

function blank(text: string, at: number): number {
  return skip(BLANK, text, at) ?? at
}

function endOfValue(text: string, from = 0): End {
  const at = blank(text, from)
  const first = text[at]
  if (first === '{') return endOfList(text, at + 1, '}', true)
  if (first === '[') return endOfList(text, at + 1, ']', false)
  const end = skip(first === '"' ? STRING : SCALAR, text, at)
  return end === undefined ? { at, failedAt: at } : { at: end }
}

function endOfList(text: string, from: number, close: string, named: boolean): End {
  let at = blank(text, from)
  if (text[at] === close) return { at: at + 1 }
  for (;;) {
    if (named) {
      const name = skip(STRING, text, blank(text, at))
      if (name === undefined) return { at, failedAt: at }
      at = blank(text, name)
      if (text[at] !== ':') return { at, failedAt: at }
      at += 1
    }
    const value = endOfValue(text, at)
    if (value.failedAt !== undefined) return value
    at = blank(text, value.at)
    if (text[at] === close) return { at: at + 1 }
    if (text[at] !== ',') return { at, failedAt: at }
    at = blank(text, at + 1)
  }
}
