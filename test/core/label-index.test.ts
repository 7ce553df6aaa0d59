import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Expression, matches, parseLabelExpression } from '../../src/core/label-expression.ts'
import { isIn, LabelIndex } from '../../src/core/label-index.ts'

const LABELS = ['linux', 'docker', 'gpu', 'arm']

const { expression: anyExpression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...LABELS, 'nowhere').map((label) => ({ kind: 'atom' as const, label })),
    fc.record({ kind: fc.constant('not' as const), operand: tie('expression') }),
    fc.record({ kind: fc.constant('paren' as const), inner: tie('expression') }),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const, 'iff' as const),
      operands: fc.array(tie('expression'), { minLength: 2, maxLength: 4 }),
    }),
    fc.record({
      kind: fc.constant('implies' as const),
      condition: tie('expression'),
      consequence: tie('expression'),
    }),
  ),
}))

const anySets = fc.array(
  fc.subarray(LABELS).map((labels) => new Set(labels)),
  { maxLength: 80 },
)

describe('an index of label sets', () => {
  test('answers for each set as the expression itself does', () => {
    fc.assert(
      fc.property(anyExpression, anySets, (expression, sets) => {
        const matching = new LabelIndex(sets).matching(expression)
        expect(sets.map((_, index) => isIn(matching, index))).toEqual(sets.map((set) => matches(expression, set)))
      }),
    )
  })

  test('gives the same answer for expressions that match the same sets', () => {
    const index = new LabelIndex([new Set(['linux']), new Set(['linux', 'gpu']), new Set(['mac'])])
    expect(index.matching(parsed('!mac&&!nowhere'))).toBe(index.matching(parsed('linux||gpu')))
  })
})

function parsed(text: string): Expression {
  const read = parseLabelExpression(text)
  if (!read.ok) throw new Error(read.message)
  return read.expression
}
