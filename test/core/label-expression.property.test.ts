import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { atoms, compileLabels, matches, parseLabelExpression } from '../../src/core/label-expression.ts'
import { formatExpression } from '../../src/core/label-format.ts'
import { isIn, LabelIndex } from '../../src/core/label-index.ts'

/** An expression as a person thinks of it, written and evaluated here by other means than those of the program. */
type Tree =
  | { readonly op: 'label'; readonly label: number }
  | { readonly op: '!'; readonly inner: Tree }
  | { readonly op: '&&' | '||' | '->' | '<->'; readonly left: Tree; readonly right: Tree }

interface Case {
  readonly labels: readonly string[]
  readonly tree: Tree
  /** Where a choice is free: blanks, parentheses that are not needed, quotes. */
  readonly whims: readonly boolean[]
}

const anyTree = (labels: number): fc.Arbitrary<Tree> =>
  fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, depthSize: 'medium' },
      fc.nat({ max: labels - 1 }).map((label): Tree => ({ op: 'label', label })),
      tie('tree').map((inner): Tree => ({ op: '!', inner })),
      fc
        .tuple(fc.constantFrom('&&' as const, '||', '->', '<->'), tie('tree'), tie('tree'))
        .map(([op, left, right]): Tree => ({ op, left, right })),
    ),
  })).tree

const SAMPLES = [
  'linux',
  'x86-64',
  '-',
  'mesos:reg.test:5000/a/b:1.2',
  'my label',
  'a&&b',
  'c:\\d',
  'say "x"',
  'é',
  '!',
]

const anyCase: fc.Arbitrary<Case> = fc
  .uniqueArray(fc.oneof(fc.constantFrom(...SAMPLES), fc.string({ minLength: 1, maxLength: 4 })), {
    minLength: 1,
    maxLength: 5,
  })
  .chain((labels) =>
    fc.record({
      labels: fc.constant(labels),
      tree: anyTree(labels.length),
      whims: fc.array(fc.boolean(), { minLength: 1, maxLength: 50 }),
    }),
  )

const RANK = { label: 0, '!': 1, '&&': 2, '||': 3, '->': 4, '<->': 5 } as const

function written({ labels, tree, whims }: Case): string {
  let used = 0
  const whim = (): boolean => whims[used++ % whims.length] ?? false
  const blank = (): string => (whim() ? ' ' : '')
  const label = (text: string): string =>
    /^[a-z0-9]+$/.test(text) && whim() ? text : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
  const inside = (inner: Tree, most: number): string => {
    const text = write(inner)
    return RANK[inner.op] > most || whim() ? `(${blank()}${text})` : text
  }
  const write = (one: Tree): string => {
    if (one.op === 'label') return label(labels[one.label] ?? '')
    // A negation of a negation needs parentheses.
    if (one.op === '!') return `!${blank()}${inside(one.inner, 0)}`
    const rank = RANK[one.op]
    // They group from the left, but for the arrow, which does not chain.
    const left = inside(one.left, one.op === '->' ? rank - 1 : rank)
    return `${left}${blank()}${one.op}${blank()}${inside(one.right, rank - 1)}`
  }
  return write(tree)
}

function value(tree: Tree, holds: readonly boolean[]): boolean {
  switch (tree.op) {
    case 'label':
      return holds[tree.label] ?? false
    case '!':
      return value(tree.inner, holds) ? false : true
    case '&&':
      return value(tree.left, holds) ? value(tree.right, holds) : false
    case '||':
      return value(tree.left, holds) ? true : value(tree.right, holds)
    case '->':
      return value(tree.left, holds) ? value(tree.right, holds) : true
    case '<->':
      return value(tree.left, holds) === value(tree.right, holds)
  }
}

function labelsOf(tree: Tree, labels: readonly string[]): readonly string[] {
  if (tree.op === 'label') return [labels[tree.label] ?? '']
  return tree.op === '!'
    ? labelsOf(tree.inner, labels)
    : [tree.left, tree.right].flatMap((one) => labelsOf(one, labels))
}

test('a label expression is read, written back and read again as it was meant, for every set of labels', () => {
  fc.assert(
    fc.property(anyCase, (one) => {
      const { labels, tree } = one
      const read = parseLabelExpression(written(one))
      if (!read.ok) throw new Error(`${written(one)} at ${read.position}: ${read.message}`)
      const normal = formatExpression(read.expression)
      const again = parseLabelExpression(normal)
      if (!again.ok) throw new Error(`${normal} at ${again.position}: ${again.message}`)
      expect(again.expression).toEqual(read.expression)
      expect(formatExpression(again.expression)).toBe(normal)
      expect([...atoms(read.expression)].toSorted()).toEqual([...new Set(labelsOf(tree, labels))].toSorted())

      const assignments = Array.from({ length: 2 ** labels.length }, (_, bits) =>
        labels.map((_l, at) => (bits >> at) % 2 === 1),
      )
      const sets = assignments.map((holds) => new Set(labels.filter((_l, at) => holds[at] === true)))
      const meant = assignments.map((holds) => value(tree, holds))
      const compiled = compileLabels(read.expression)
      const indexed = new LabelIndex(sets).matching(again.expression)
      expect(sets.map((set) => matches(again.expression, set))).toEqual(meant)
      expect(sets.map((set) => compiled(set))).toEqual(meant)
      expect(sets.map((_, at) => isIn(indexed, at))).toEqual(meant)
    }),
    { numRuns: 1_000 },
  )
})
