import { redact } from '../core/secret.ts'

export const HIDDEN = '(hidden)'

/** Names of variables and options that promise a secret. */
const SECRET_NAME = /pass|pwd|secret|token|credential|private|auth|api[-_.]?key|access[-_.]?key|_key$/i
/** `-Dhttp.proxyPassword=x`, `--token x`, `NAME_SECRET: x` within a text. */
const SECRET_IN_TEXT =
  /([\w.-]*(?:passw(?:or)?d|pwd|secret|token|credential|api[-_.]?key)[\w.-]*["']?(?:\s*[=:]\s*|\s+))("[^"]*"|'[^']*'|[^\s"'{}][^\s"']*)/gi

/** A text without passwords, as far as they can be told: it may be a command, an option or an address. */
export function hideInText(text: string): string {
  return redact(text)
    .replace(SECRET_IN_TEXT, `$1${HIDDEN}`)
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"']+)\?[^\s"']*/gi, `$1?${HIDDEN}`) // signed addresses carry one there
}

/** Words of a command line: one that promises a secret has it in itself, or in the word behind it. */
export function hideInWords(words: readonly string[]): readonly string[] {
  return words.map((word, at) => {
    const before = at === 0 ? '' : (words[at - 1] ?? '')
    return /^-[^=:]*$/.test(before) && SECRET_NAME.test(before) ? HIDDEN : hideInText(word)
  })
}

/** Variables by name: the value is kept back where the name promises a secret. */
export function hideValues(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, hideValue(name, value)]))
}

export function hideValue(name: string, value: string): string {
  return SECRET_NAME.test(name) ? HIDDEN : hideInText(value)
}
