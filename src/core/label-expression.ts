/**
 * Jenkins' label expressions. From loosest to tightest: `<->`, `->`, `||`, `&&`, `!`, parentheses and labels.
 * `<->`, `||` and `&&` group from the left; `->` does not chain, and `!` takes a label or parentheses only
 * (`!!a` is an error in Jenkins too).
 *
 * @see https://github.com/jenkinsci/jenkins/tree/master/core/src/main/antlr4/hudson/model/labels
 */
import { readTokens, type Token } from './label-tokens.ts'

export type Expression =
  | { readonly kind: 'atom'; readonly label: string }
  | { readonly kind: 'not'; readonly operand: Expression }
  /** Two operands or more. `iff` groups from the left: `a<->b<->c` is `(a<->b)<->c`. */
  | { readonly kind: 'and' | 'or' | 'iff'; readonly operands: readonly Expression[] }
  | { readonly kind: 'implies'; readonly condition: Expression; readonly consequence: Expression }
  /** Parentheses as written, needed or not: Jenkins shows them again. */
  | { readonly kind: 'paren'; readonly inner: Expression }

export type ParsedLabel = { readonly ok: true; readonly expression: Expression } | LabelSyntaxError

interface LabelSyntaxError {
  readonly ok: false
  /** In UTF-16 units from the start of the text. */
  readonly position: number
  readonly message: string
}

/** Everything that walks an expression recurses as deep as its parentheses; nobody writes this many. */
const MAX_NESTING = 100

/** Never throws, whatever the text. Jenkins takes a text that is no expression as one label of that very name. */
export function parseLabelExpression(text: string): ParsedLabel {
  const read = readTokens(text)
  return read.ok ? new Parser(read.tokens, text.length).parse() : read
}

class Parser {
  readonly #tokens: readonly Token[]
  readonly #end: number
  #at = 0
  #nesting = 0
  #failure: LabelSyntaxError | undefined

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens
    this.#end = end
  }

  parse(): ParsedLabel {
    const expression = this.#iff()
    if (expression === undefined) return this.#failure ?? this.#fail('this is no label expression')
    if (this.#at === this.#tokens.length) return { ok: true, expression }
    const extra = this.#tokens[this.#at]
    if (extra?.kind === ')') return this.#fail('")" closes nothing: remove it, or open a "(" before')
    if (extra?.kind === '->')
      return this.#fail('"->" cannot follow another "->": say with parentheses which goes first')
    return this.#fail('an operator is missing here: write "&&" or "||", or quote a label that has blanks in it')
  }

  #iff(): Expression | undefined {
    return this.#chain('<->', 'iff', () => this.#implies())
  }

  #implies(): Expression | undefined {
    const condition = this.#or()
    if (condition === undefined || !this.#take('->')) return condition
    const consequence = this.#or()
    return consequence && { kind: 'implies', condition, consequence }
  }

  #or(): Expression | undefined {
    return this.#chain('||', 'or', () => this.#and())
  }

  #and(): Expression | undefined {
    return this.#chain('&&', 'and', () => this.#not())
  }

  #chain(
    operator: Token['kind'],
    kind: 'and' | 'or' | 'iff',
    next: () => Expression | undefined,
  ): Expression | undefined {
    const first = next()
    if (first === undefined) return undefined
    const operands = [first]
    while (this.#take(operator)) {
      const operand = next()
      if (operand === undefined) return undefined
      operands.push(operand)
    }
    return operands.length === 1 ? first : { kind, operands }
  }

  #not(): Expression | undefined {
    if (!this.#take('!')) return this.#primary()
    const operand = this.#primary()
    return operand && { kind: 'not', operand }
  }

  #primary(): Expression | undefined {
    const token = this.#tokens[this.#at]
    if (token?.kind === 'atom') {
      this.#at++
      return { kind: 'atom', label: token.label }
    }
    if (!this.#take('(')) {
      this.#fail(
        token === undefined ? 'a label is missing at the end' : `a label or "(" must stand before "${token.kind}"`,
      )
      return undefined
    }
    if (++this.#nesting > MAX_NESTING) {
      this.#at--
      this.#fail(`parentheses are nested more than ${MAX_NESTING} deep: write the expression with fewer`)
      return undefined
    }
    const inner = this.#iff()
    if (inner === undefined) return undefined
    if (!this.#take(')')) {
      this.#fail('a ")" or an operator is missing here')
      return undefined
    }
    this.#nesting--
    return { kind: 'paren', inner }
  }

  #take(kind: Token['kind']): boolean {
    if (this.#tokens[this.#at]?.kind !== kind) return false
    this.#at++
    return true
  }

  /** The first failure is the one that is told. */
  #fail(message: string): LabelSyntaxError {
    this.#failure ??= { ok: false, position: this.#tokens[this.#at]?.position ?? this.#end, message }
    return this.#failure
  }
}

/** A function that says whether a node with these labels matches: for asking about many nodes. */
export function compileLabels(expression: Expression): (labels: ReadonlySet<string>) => boolean {
  switch (expression.kind) {
    case 'atom': {
      const { label } = expression
      return (labels) => labels.has(label)
    }
    case 'paren':
      return compileLabels(expression.inner)
    case 'not': {
      const operand = compileLabels(expression.operand)
      return (labels) => !operand(labels)
    }
    case 'and': {
      const operands = expression.operands.map(compileLabels)
      return (labels) => operands.every((operand) => operand(labels))
    }
    case 'or': {
      const operands = expression.operands.map(compileLabels)
      return (labels) => operands.some((operand) => operand(labels))
    }
    case 'iff': {
      const operands = expression.operands.map(compileLabels)
      return (labels) => operands.reduce((left, operand) => left === operand(labels), true)
    }
    case 'implies': {
      const condition = compileLabels(expression.condition)
      const consequence = compileLabels(expression.consequence)
      return (labels) => !condition(labels) || consequence(labels)
    }
  }
}

/** Whether a node with these labels (its own name is one of them) matches. */
export function matches(expression: Expression, labels: ReadonlySet<string>): boolean {
  return compileLabels(expression)(labels)
}

/** Every label that the expression names, once each. */
export function atoms(expression: Expression): ReadonlySet<string> {
  const found = new Set<string>()
  const rest = [expression]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    switch (next.kind) {
      case 'atom':
        found.add(next.label)
        break
      case 'paren':
        rest.push(next.inner)
        break
      case 'not':
        rest.push(next.operand)
        break
      case 'implies':
        rest.push(next.consequence, next.condition)
        break
      default:
        for (let at = next.operands.length - 1; at >= 0; at--) rest.push(next.operands[at] as Expression)
    }
  }
  return found
}

/** Labels that a node must have or must not have, and nothing else. */
export function isConjunction(expression: Expression): boolean {
  switch (expression.kind) {
    case 'atom':
      return true
    case 'paren':
      return isConjunction(expression.inner)
    case 'not':
      return isLabel(expression.operand)
    case 'and':
      return expression.operands.every(isConjunction)
    default:
      return false
  }
}

function isLabel(expression: Expression): boolean {
  return expression.kind === 'paren' ? isLabel(expression.inner) : expression.kind === 'atom'
}
