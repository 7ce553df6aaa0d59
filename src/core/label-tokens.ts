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
const QUOTED = /"((?:\\[btnfr"'\\]|[^\\"\r\n])*)"/y
const ESCAPE = /\\(.)/g
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' }

export function readTokens(text: string): Tokens {
  const tokens: Token[] = []
  let position = 0
  while (position < text.length) {
    const blank = matchAt(BLANK, text, position)
    if (blank !== null) {
      position += blank[0].length
      continue
    }
    const operator = matchAt(OPERATOR, text, position)?.[0] as Operator | undefined
    if (operator !== undefined) {
      tokens.push({ kind: operator, position })
      position += operator.length
      continue
    }
    const bare = matchAt(BARE, text, position)?.[0]
    if (bare !== undefined) {
      tokens.push({ kind: 'atom', position, label: bare })
      position += bare.length
      continue
    }
    const quoted = matchAt(QUOTED, text, position)
    if (quoted === null) return { ok: false, position, message: complaint(text[position]) }
    const label = (quoted[1] ?? '').replaceAll(ESCAPE, (_, letter: string) => ESCAPED[letter] ?? letter)
    tokens.push({ kind: 'atom', position, label })
    position += quoted[0].length
  }
  return { ok: true, tokens }
}

function matchAt(sticky: RegExp, text: string, position: number): RegExpExecArray | null {
  sticky.lastIndex = position
  return sticky.exec(text)
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
