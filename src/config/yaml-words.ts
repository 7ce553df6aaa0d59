/** Quotes make text of what begins like something else. */
const BEGINS: Readonly<Record<string, string>> = {
  alias: 'text that begins with * must be in quotes',
  tag: 'text that begins with ! must be in quotes',
  header: 'text that begins with | or > must be in quotes',
}

/**
 * What the parser says of a text, without the pieces of it that it quotes: any may be a secret.
 * @param message without prettyErrors, which would quote even more
 */
export function yamlWords(message: string): string {
  const plain = message
    .replaceAll(/\s+/g, ' ')
    .replace(/(?<=\S): .*$/, '')
    .replace(/^(Invalid escape sequence) .*$/, '$1')
    .replace(/\.$/, '')
  const kind = /^Unresolved (alias|tag)|^Block scalar (header)/.exec(plain)?.slice(1).find(Boolean)
  const hint = kind === undefined ? undefined : BEGINS[kind]
  return hint === undefined ? plain : `${plain}: ${hint}`
}
