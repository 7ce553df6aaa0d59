import type { Expression } from './label-expression.ts'

/** How loosely each kind binds: an operand must bind tighter than what it is an operand of. */
const LOOSENESS: Readonly<Record<Expression['kind'], number>> = {
  atom: 0,
  paren: 0,
  not: 1,
  and: 2,
  or: 3,
  implies: 4,
  iff: 5,
}

/**
 * The expression as Jenkins writes it: no blanks, parentheses as they were and where they are needed, labels quoted
 * where needed. What it returns can be parsed again and means the same.
 *
 * A lone label is quoted too, as inside of an expression; as a *name* Jenkins shows it bare.
 */
export function formatExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'atom':
      return quoteLabel(expression.label)
    case 'paren':
      return `(${formatExpression(expression.inner)})`
    case 'not':
      return `!${operand(expression.operand, expression)}`
    case 'and':
      return expression.operands.map((one) => operand(one, expression)).join('&&')
    case 'or':
      return expression.operands.map((one) => operand(one, expression)).join('||')
    case 'iff':
      return expression.operands.map((one) => operand(one, expression)).join('<->')
    case 'implies':
      return `${operand(expression.condition, expression)}->${operand(expression.consequence, expression)}`
  }
}

function operand(inner: Expression, outer: Expression): string {
  const text = formatExpression(inner)
  return LOOSENESS[inner.kind] < LOOSENESS[outer.kind] ? text : `(${text})`
}

/**
 * Jenkins quotes every label that would be no good name of a job. A quote in the label it forgets, so that its own
 * text cannot be read again; here it is quoted.
 */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f?*/\\%!@#$^&|<>[\]:; ()"']|^$|\.[ \t]*$/

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
}

/** One label as it stands in an expression. */
export function quoteLabel(label: string): string {
  if (!UNSAFE.test(label)) return label
  return `"${label.replaceAll(/["\\\n\r\t\f\b]/g, (character) => ESCAPES[character] ?? character)}"`
}
