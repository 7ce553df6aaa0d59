import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  atoms,
  compileLabels,
  type Expression,
  matches,
  parseLabelExpression,
} from '../../src/core/label-expression.ts'
import { formatExpression, quoteLabel } from '../../src/core/label-format.ts'

function parsed(text: string): Expression {
  const result = parseLabelExpression(text)
  if (!result.ok) throw new Error(`${text} at ${result.position}: ${result.message}`)
  return result.expression
}

const LABELS = ['a', 'b', 'c', 'd']
const ASSIGNMENTS: readonly ReadonlySet<string>[] = Array.from(
  { length: 2 ** LABELS.length },
  (_, bits) => new Set(LABELS.filter((_label, at) => (bits >> at) % 2 === 1)),
)

/** Its value under every assignment of a, b, c and d. */
function truth(expression: Expression): readonly boolean[] {
  return ASSIGNMENTS.map((labels) => matches(expression, labels))
}

const labels = fc.oneof(
  fc.constantFrom(
    ...LABELS,
    'linux',
    'x86-64',
    'a-',
    '-',
    'node.js',
    'a->b',
    'image:tag',
    "it's",
    'a"b',
    'my label',
    '',
  ),
  fc.string({ unit: 'binary' }),
)

function expressions(leaf: fc.Arbitrary<string>): fc.Arbitrary<Expression> {
  return fc.letrec<{ any: Expression }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      leaf.map((label): Expression => ({ kind: 'atom', label })),
      tie('any').map((operand): Expression => ({ kind: 'not', operand })),
      tie('any').map((inner): Expression => ({ kind: 'paren', inner })),
      fc
        .tuple(fc.constantFrom('and' as const, 'or', 'iff'), fc.array(tie('any'), { minLength: 2, maxLength: 3 }))
        .map(([kind, operands]): Expression => ({ kind, operands })),
      fc
        .tuple(tie('any'), tie('any'))
        .map(([condition, consequence]): Expression => ({ kind: 'implies', condition, consequence })),
    ),
  })).any
}

describe('parseLabelExpression', () => {
  test.each([
    ['linux', 'linux'],
    ['x86-64', 'x86-64'],
    ['-', '-'],
    ['a--', 'a--'],
    ['node.js+v20=yes,no', 'node.js+v20=yes,no'],
    ['mesos:registry/image:1.2@sha256', 'mesos:registry/image:1.2@sha256'],
    ['日本語🚀', '日本語🚀'],
    ['"my label"', 'my label'],
    ['""', ''],
    [String.raw`"a\"b\\c\'d\te\nf\rg\fh\b"`, 'a"b\\c\'d\te\nf\rg\fh\b'],
    ['"a->b"', 'a->b'],
    ['line\nbreak', 'line\nbreak'],
  ])('reads %j as one label', (text, label) => {
    expect(parsed(text)).toEqual({ kind: 'atom', label })
  })

  test.each([
    ['a->b', 'a->b'],
    ['a-->b', 'a-->b'],
    ['a- -> b', 'a-->b'],
    ['a<->b', 'a<->b'],
    ['a-<->-b', 'a-<->-b'],
    [' linux \t&& ( gpu || ! arm ) ', 'linux&&(gpu||!arm)'],
    ['((a))', '((a))'],
    ['"a" && "b c"', 'a&&"b c"'],
    ['image:tag&&linux', '"image:tag"&&linux'],
    ['a&&b&&c||d', 'a&&b&&c||d'],
    ['a<->b<->c', 'a<->b<->c'],
  ])('writes %j as Jenkins does: %j', (text, normal) => {
    expect(formatExpression(parsed(text))).toBe(normal)
  })

  test.each([
    ['a-->b', ['a-', 'b']],
    ['a&&(b||"c d"->!a)', ['a', 'b', 'c d']],
    ['x<->y', ['x', 'y']],
  ])('finds the labels that %s names', (text, names) => {
    expect([...atoms(parsed(text))]).toEqual(names)
  })

  test.each([
    ['', 0, 'missing at the end'],
    ['  \t', 3, 'missing at the end'],
    ['a b', 2, 'operator is missing'],
    ['a & b', 2, 'write "&&"'],
    ['a || b | c', 7, 'write "||"'],
    ['a<b', 1, 'quote a label'],
    ['a>b', 1, 'quote a label'],
    ['a-b->', 5, 'missing at the end'],
    ["'a'", 0, 'double quotes'],
    ['"a', 0, 'no end'],
    ['"a\nb"', 0, 'no end'],
    [String.raw`"a\xb"`, 0, 'no end, or a backslash'],
    ['(a', 2, '")" or an operator'],
    ['(a b)', 3, '")" or an operator'],
    ['a)', 1, 'closes nothing'],
    ['()', 1, 'before ")"'],
    ['!!a', 1, 'before "!"'],
    ['&&a', 0, 'before "&&"'],
    ['a->b->c', 4, 'say with parentheses'],
    ['bad label expr(', 4, 'operator is missing'],
    ['a"b"', 1, 'operator is missing'],
  ])('refuses %j at %i', (text, position, message) => {
    expect(parseLabelExpression(text)).toEqual({ ok: false, position, message: expect.stringContaining(message) })
  })

  test.each([
    ['opened', '('.repeat(100_000)],
    ['closed', ')'.repeat(100_000)],
    ['balanced', `${'('.repeat(50_000)}a${')'.repeat(50_000)}`],
    ['negated', '!('.repeat(50_000)],
    ['not negated', '!'.repeat(100_000)],
  ])('answers 100 kB of parentheses or negations, %s, with an error', (_name, text) => {
    expect(parseLabelExpression(text).ok).toBe(false)
  })

  test.each(['&&', '||', '<->'])('reads and evaluates 50,000 operands of %s', (operator) => {
    const expression = parsed(Array.from({ length: 50_000 }, () => 'a').join(operator))
    expect(matches(expression, new Set(['a']))).toBe(true)
    expect(atoms(expression)).toEqual(new Set(['a']))
  })

  test.each(['x', '-', 'é'])('reads a label of a million %s', (character) => {
    const label = character.repeat(1_000_000)
    expect(parsed(label)).toEqual({ kind: 'atom', label })
    expect(parsed(`"${label}"`)).toEqual({ kind: 'atom', label })
  })

  test('allows a hundred parentheses within each other, and any number side by side', () => {
    expect(parseLabelExpression(`${'('.repeat(100)}a${')'.repeat(100)}`).ok).toBe(true)
    expect(parseLabelExpression(`${'('.repeat(101)}a${')'.repeat(101)}`)).toMatchObject({ ok: false, position: 100 })
    expect(parseLabelExpression(Array.from({ length: 500 }, () => '(a)').join('&&')).ok).toBe(true)
  })

  test('never throws, and an error points into the text', () => {
    const pieces = fc.constantFrom(
      '&&',
      '||',
      '->',
      '<->',
      '!',
      '(',
      ')',
      '"',
      '\\',
      "'",
      '-',
      '<',
      '>',
      '&',
      ' ',
      'a',
      'b',
    )
    const garbage = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(garbage, (text) => {
        const result = parseLabelExpression(text)
        if (result.ok) {
          expect(typeof matches(result.expression, new Set())).toBe('boolean')
          return
        }
        expect(result.position).toBeGreaterThanOrEqual(0)
        expect(result.position).toBeLessThanOrEqual(text.length)
        expect(result.message).not.toBe('')
      }),
      { numRuns: 500 },
    )
  })
})

describe('precedence', () => {
  const OPERATORS = [
    { text: '&&', rank: 1, of: (x: boolean, y: boolean) => x && y },
    { text: '||', rank: 2, of: (x: boolean, y: boolean) => x || y },
    { text: '->', rank: 3, of: (x: boolean, y: boolean) => !x || y },
    { text: '<->', rank: 4, of: (x: boolean, y: boolean) => x === y },
  ]
  const pairs = OPERATORS.flatMap((first) =>
    OPERATORS.map((second) => ({ first, second, name: `a${first.text}b${second.text}c` })),
  )

  test.each(pairs.filter(({ first, second }) => first.text !== '->' || second.text !== '->'))(
    'of $name is as the truth table says',
    ({ first, second, name }) => {
      const byHand = ASSIGNMENTS.map((set) => {
        const [a, b, c] = [set.has('a'), set.has('b'), set.has('c')]
        return first.rank <= second.rank ? second.of(first.of(a, b), c) : first.of(a, second.of(b, c))
      })
      expect(truth(parsed(name))).toEqual(byHand)
    },
  )

  test.each([
    ['!a&&b', (a: boolean, b: boolean) => !a && b],
    ['!a||b', (a: boolean, b: boolean) => !a || b],
    ['!(a&&b)', (a: boolean, b: boolean) => !(a && b)],
    ['!a->b', (a: boolean, b: boolean) => a || b],
    ['!a<->b', (a: boolean, b: boolean) => a !== b],
    ['(a->b)->c', (a: boolean, b: boolean, c: boolean) => (a && !b) || c],
    ['a->(b->c)', (a: boolean, b: boolean, c: boolean) => !a || !b || c],
    ['a->b<->!b->!a', () => true],
  ])('of %s is as the truth table says', (text, byHand) => {
    expect(truth(parsed(text))).toEqual(ASSIGNMENTS.map((set) => byHand(set.has('a'), set.has('b'), set.has('c'))))
  })
})

describe('formatExpression', () => {
  test('gives a text that is read with the same meaning and the same labels', () => {
    fc.assert(
      fc.property(expressions(fc.constantFrom(...LABELS)), (expression) => {
        const again = parsed(formatExpression(expression))
        expect(truth(again)).toEqual(truth(expression))
        expect(atoms(again)).toEqual(atoms(expression))
      }),
    )
  })

  test('gives a normal form: read and written again it is the same text, whatever the labels', () => {
    fc.assert(
      fc.property(expressions(labels), (expression) => {
        const normal = formatExpression(expression)
        const again = parsed(normal)
        expect(formatExpression(again)).toBe(normal)
        expect(atoms(again)).toEqual(atoms(expression))
      }),
    )
  })

  test('writes any label so that it is read as that label', () => {
    fc.assert(
      fc.property(labels, (label) => {
        expect(parsed(quoteLabel(label))).toEqual({ kind: 'atom', label })
      }),
    )
  })

  test.each([
    ['linux', 'linux'],
    ['my label', '"my label"'],
    ['..', '".."'],
    ['v1.', '"v1."'],
    ['', '""'],
    ['a\tb', String.raw`"a\tb"`],
    ['c:\\x "y"', String.raw`"c:\\x \"y\""`],
  ])('quotes the label %j as Jenkins does: %j', (label, text) => {
    expect(quoteLabel(label)).toBe(text)
  })
})

test('a compiled expression answers for every node as matches does', () => {
  fc.assert(
    fc.property(expressions(fc.constantFrom(...LABELS)), (expression) => {
      const compiled = compileLabels(expression)
      expect(ASSIGNMENTS.map((set) => compiled(set))).toEqual(truth(expression))
    }),
  )
})
