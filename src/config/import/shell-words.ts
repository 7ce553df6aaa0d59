/** One argument as a POSIX shell would pass it on, and how it was written. */
export interface ShellWord {
  readonly text: string
  readonly raw: string
  /** The shell would put something in its place: `$NAME`, a command. */
  readonly isExpanded: boolean
}

/** The arguments in a piece of shell text. The plugin pasted such pieces into its command; here each is one word. */
export function shellWords(text: string): readonly ShellWord[] {
  const words: ShellWord[] = []
  let word = ''
  let raw = ''
  let isExpanded = false
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? ''
    if (quote === '' && /\s/.test(sign)) {
      if (raw !== '') words.push({ text: word, raw, isExpanded })
      word = raw = ''
      isExpanded = false
      continue
    }
    raw += sign
    if (sign === '\\' && quote !== "'") {
      at++
      const next = text[at] ?? ''
      raw += next
      word += quote === '"' && !/["\\$`]/.test(next) ? sign + next : next
    } else if (sign === quote) quote = ''
    else if (quote === '' && (sign === '"' || sign === "'")) quote = sign
    else {
      if (quote !== "'" && (sign === '$' || sign === '`')) isExpanded = true
      word += sign
    }
  }
  if (raw !== '') words.push({ text: word, raw, isExpanded })
  return words
}
