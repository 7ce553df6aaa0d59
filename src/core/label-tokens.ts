/** The words of a label expression: what Jenkins' lexer makes of a text. */
export type Token =
  | { readonly kind: 'atom'; readonly position: number; readonly label: string }
  | { readonly kind: Operator; readonly position: number }

type Operator = '<->' | '->' | '&&' | '||' | '!' | '(' | ')'

export type Tokens =
  | { readonly ok: true; readonly tokens: readonly Token[] }
  | { readonly ok: false; readonly position: number; readonly message: string }

/**
 * Longest first. A bare label may hold anything but blanks and the characters of operators and quotes;
 * `-` belongs to it unless `>` follows.
 */
const BLANK = /[ \t]+/y
const OPERATOR = /<->|->|&&|\|\||[!()]/y
const BARE = /(?:[^&|!<>() \t"'-]|-(?!>))+/y
const QUOTED = /"(?:\\[btnfr"'\\]|[^\\"\r\n])*"/y
const ESCAPE = /\\(.)/g
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' }

export function readTokens(text: string): Tokens {
  const tokens: Token[] = []
  let position = 0
  for (;;) {
    position = endOf(BLANK, text, position) ?? position
    if (position === text.length) return { ok: true, tokens }
    const read = readToken(text, position)
    if (read === undefined) return { ok: false, position, message: complaint(text[position]) }
    tokens.push(read.token)
    position = read.end
  }
}

function readToken(text: string, position: number): { readonly token: Token; readonly end: number } | undefined {
  const operator = endOf(OPERATOR, text, position)
  if (operator !== undefined) {
    return { token: { kind: text.slice(position, operator) as Operator, position }, end: operator }
  }
  const bare = endOf(BARE, text, position)
  if (bare !== undefined) {
    return { token: { kind: 'atom', position, label: text.slice(position, bare) }, end: bare }
  }
  const quoted = endOf(QUOTED, text, position)
  if (quoted === undefined) return undefined
  const escaped = text.slice(position + 1, quoted - 1)
  const label = escaped.replaceAll(ESCAPE, (_, letter: string) => ESCAPED[letter] ?? letter)
  return { token: { kind: 'atom', position, label }, end: quoted }
}

/** Where what the sticky pattern matches at this place ends; `exec` would make an array of it each time. */
function endOf(sticky: RegExp, text: string, position: number): number | undefined {
  sticky.lastIndex = position
  return sticky.test(text) ? sticky.lastIndex : undefined
}

function complaint(character: string | undefined): string {
  switch (character) {
    case '&':
    case '|':
      return `a single "${character}" means nothing: write "${character}${character}"`
    case '<':
    case '>':
      return `"${character}" stands only in "->" and "<->": quote a label that has it`
    case "'":
      return `"'" cannot stand here: quote labels with double quotes`
    default:
      return 'the quoted label has no end, or a backslash in it before a character that needs none'
  }
}
