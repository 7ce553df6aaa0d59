/** The words of one line as a POSIX shell splits it: quotes, backslashes and `$NAME` outside of single quotes. */
export function shellWords(line: string, variables: Readonly<Record<string, string>>): readonly string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < line.length; at++) {
    const sign = line.charAt(at)
    if (quote === "'") {
      if (sign === "'") quote = ''
      else word = (word ?? '') + sign
    } else if (sign === '$') {
      const name = /^\w+/.exec(line.slice(at + 1))?.[0] ?? ''
      if (variables[name] === undefined) throw new Error(`$${name} is not set in: ${line}`)
      word = (word ?? '') + variables[name]
      at += name.length
    } else if (sign === '\\') word = (word ?? '') + line.charAt(++at)
    else if (sign === quote) quote = ''
    else if (quote === '' && (sign === "'" || sign === '"')) {
      quote = sign
      word ??= ''
    } else if (quote === '' && sign === ' ') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + sign
  }
  if (quote !== '') throw new Error(`a quote is not closed in: ${line}`)
  if (word !== undefined) words.push(word)
  return words
}
