/**
 * Jenkins' label expressions, as Jenkins reads them: `!`, `&&`, `||`, `->`, `<->` in this order of precedence,
 * parentheses, quoted atoms. Written for this simulator alone: it must not share a mistake with the program.
 */
export interface Label {
  /** As Jenkins names it in `why` and in `/label/NAME`: spaces gone, parentheses kept; an atom without quotes. */
  readonly name: string
  /** As it stands inside of a bigger expression: an atom that needs quotes has them. */
  readonly expression: string
  readonly kind: 'LabelAtom' | 'And' | 'Or' | 'Not' | 'Paren' | 'Implies' | 'Iff'
  readonly matches: (labels: ReadonlySet<string>) => boolean
}

const BINARY = [
  { operator: '<->', kind: 'Iff', holds: (left: boolean, right: boolean) => left === right },
  { operator: '->', kind: 'Implies', holds: (left: boolean, right: boolean) => !left || right },
  { operator: '||', kind: 'Or', holds: (left: boolean, right: boolean) => left || right },
  { operator: '&&', kind: 'And', holds: (left: boolean, right: boolean) => left && right },
] as const

function atom(name: string): Label {
  const plain = name !== '' && /^(?:[^&!|()"\s<>-]|-(?!>)|<(?!->))+$/.test(name)
  return {
    name,
    expression: plain ? name : `"${name.replaceAll(/["\\]/g, '\\$&')}"`,
    kind: 'LabelAtom',
    matches: (labels) => labels.has(name),
  }
}

/** `undefined` where the text is no expression: Jenkins then takes the whole of it for one atom. */
export function parseLabel(text: string): Label | undefined {
  const tokens = tokenize(text)
  if (tokens === undefined || tokens.length === 0) return undefined
  let at = 0
  const binary = (level: number): Label | undefined => {
    const rule = BINARY[level]
    if (rule === undefined) return unary()
    let left = binary(level + 1)
    while (left !== undefined && tokens[at] === rule.operator) {
      at++
      const right = binary(level + 1)
      if (right === undefined) return undefined
      const [one, two] = [left, right]
      const name = `${one.expression}${rule.operator}${two.expression}`
      const { kind, holds } = rule
      left = { name, expression: name, kind, matches: (labels) => holds(one.matches(labels), two.matches(labels)) }
    }
    return left
  }
  const unary = (): Label | undefined => {
    const token = tokens[at++]
    if (token === '!') {
      const inner = unary()
      if (inner === undefined) return undefined
      const name = `!${inner.expression}`
      return { name, expression: name, kind: 'Not', matches: (labels) => !inner.matches(labels) }
    }
    if (token === '(') {
      const inner = binary(0)
      if (inner === undefined || tokens[at++] !== ')') return undefined
      const name = `(${inner.expression})`
      return { name, expression: name, kind: 'Paren', matches: inner.matches }
    }
    if (token === undefined || (!token.startsWith('"') && /^(?:[)!]|&&|\|\||<?->)$/.test(token))) return undefined
    return token.startsWith('"') ? atom(token.slice(1)) : atom(token)
  }
  const label = binary(0)
  return at === tokens.length ? label : undefined
}

/** Quoted atoms come with their first quote, so that `"!"` stays an atom. */
function tokenize(text: string): string[] | undefined {
  const pattern = /\s*(?:(<->|->|&&|\|\||[!()])|"((?:[^"\\]|\\.)*)"|((?:[^&!|()"\s<>-]|-(?!>)|<(?!->))+))\s*/y
  const tokens: string[] = []
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (match === null) return undefined
    const quoted = match[2]
    tokens.push(quoted === undefined ? (match[1] ?? match[3] ?? '') : `"${quoted.replaceAll(/\\(.)/g, '$1')}`)
  }
  return tokens
}

/** A label from a job or from an address: an expression if it is one, else the text as one atom. */
export function labelOf(text: string): Label {
  const known = KNOWN.get(text)
  if (known !== undefined) return known
  const label = parseLabel(text) ?? atom(text)
  if (KNOWN.size >= 1000) KNOWN.clear()
  KNOWN.set(text, label)
  return label
}

/** Reading a label anew for every node would be most of the work of a big farm. */
const KNOWN = new Map<string, Label>()

/** The labels of a node: words, or quoted text with blanks; nothing in them is an operator. */
export function splitLabels(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '')
}
