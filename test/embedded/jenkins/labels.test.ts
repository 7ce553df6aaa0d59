import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { labelOf, parseLabel, splitLabels } from '../../../src/embedded/jenkins/labels.ts'

const has = (expression: string, ...labels: string[]) => labelOf(expression).matches(new Set(labels))

describe('a label expression', () => {
  test.each([
    ['a', ['a'], true],
    ['a', ['b'], false],
    ['!a', [], true],
    ['a && b', ['a'], false],
    ['a||b&&c', ['a'], true],
    ['(a||b)&&c', ['a'], false],
    ['a->b', [], true],
    ['a->b', ['a'], false],
    ['a<->b', ['a', 'b'], true],
    ['a<->b', ['a'], false],
    ['!a||b->c', ['b'], false],
    ['"my label"', ['my label'], true],
    ['mesos-linux-1 && x.y', ['mesos-linux-1', 'x.y'], true],
    ['!(a && b)', ['a'], true],
    ['a<b', ['a<b'], true],
  ])('%s holds for %j: %p', (expression, labels, holds) => {
    expect(has(expression, ...labels)).toBe(holds)
  })

  test.each([
    ['linux && (gpu || !arm)', 'linux&&(gpu||!arm)', 'And'],
    ['"my label"', 'my label', 'LabelAtom'],
    ['"my label" && x', '"my label"&&x', 'And'],
    ['a -> b', 'a->b', 'Implies'],
    ['a <-> b', 'a<->b', 'Iff'],
    ['bad label expr(', 'bad label expr(', 'LabelAtom'],
  ])('%s is named %s', (expression, name, kind) => {
    expect(labelOf(expression)).toMatchObject({ name, kind })
  })

  test.each(['', 'a b', 'a &&', '&& a', '(a', 'a)', '!', 'a & b', '"a'])('"%s" is none', (text) => {
    expect(parseLabel(text)).toBeUndefined()
  })

  test('reads the same when it is written again', () => {
    const atoms = fc.constantFrom('a', 'b-1', 'c.d', '"x y"', 'agent-1')
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { depthSize: 'small' },
        atoms,
        tie('expression').map((inner) => `!(${inner})`),
        fc
          .tuple(tie('expression'), fc.constantFrom('&&', '||', '->', '<->'), tie('expression'))
          .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
      ),
    }))
    const labels = fc.subarray(['a', 'b-1', 'c.d', 'x y', 'agent-1'])
    fc.assert(
      fc.property(expression, labels, (text, present) => {
        const once = labelOf(text)
        const twice = labelOf(once.expression)
        expect(twice.name).toBe(once.name)
        expect(twice.matches(new Set(present))).toBe(once.matches(new Set(present)))
      }),
    )
  })
})

test('labels of a node are words, operators in them are text', () => {
  expect(splitLabels('a||b "q" (x) !y "two words"')).toEqual(['a||b', 'q', '(x)', '!y', 'two words'])
})
