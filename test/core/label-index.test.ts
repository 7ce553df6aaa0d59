import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Expression, isConjunction, matches, parseLabelExpression } from '../../src/core/label-expression.ts'
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

test('says which of its labels an expression names, whatever it says of them', () => {
  const index = new LabelIndex([new Set(['linux', 'gpu']), new Set(['mac'])])
  expect(index.named(parsed('linux&&!gpu'))).toBe(index.named(parsed('gpu->(linux<->nowhere)')))
  expect(index.named(parsed('mac'))).not.toBe(index.named(parsed('linux')))
  expect(index.named(parsed('nowhere||!neither'))).toBe(0n)
})

test.each([
  ['linux', true],
  ['linux&&!gpu&&(mac)', true],
  ['!(gpu)', true],
  ['!(gpu&&mac)', false],
  ['linux||mac', false],
  ['linux&&(gpu||mac)', false],
  ['linux->gpu', false],
  ['linux<->gpu', false],
])('whether %s only says what must be there and what must not: %s', (text, plain) => {
  expect(isConjunction(parsed(text))).toBe(plain)
})

function parsed(text: string): Expression {
  const read = parseLabelExpression(text)
  if (!read.ok) throw new Error(read.message)
  return read.expression
}
