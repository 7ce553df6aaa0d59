import { codeOf, readTree, type Test, type Tree } from './pattern-tree.ts'

/** Longer patterns are refused, and so are those that grow to more steps. */
const LONGEST = 500
const MOST_STEPS = 2_000

/** A regular expression that is matched against whole texts. */
export interface Pattern {
  readonly matches: (text: string) => boolean
}

/**
 * Reads what Java's, JavaScript's and RE2's regular expressions have in common and mean alike: characters, `.`, `[…]`,
 * `\d \w \s` and their opposites, groups, `|`, `* + ? {n,m}`, `^ $`. Matching takes time in proportion to the text,
 * whatever the pattern: a constraint must not be able to stop the program.
 *
 * @returns what is wrong, in words, where it cannot be read
 */
export function readPattern(source: string): Pattern | string {
  if (source.length > LONGEST) return `it is longer than ${LONGEST} characters`
  const tree = readTree(source)
  if (typeof tree === 'string') return tree
  const steps: Step[] = []
  if (!compile(tree, steps)) return `it grows to more than ${MOST_STEPS} steps`
  steps.push({ kind: 'done' })
  return { matches: (text) => run(steps, text) }
}

type Step =
  | { readonly kind: 'one'; readonly test: Test }
  | { readonly kind: 'edge'; readonly at: 'start' | 'end' }
  /** Goes on at one of these. */
  | { readonly kind: 'fork'; readonly to: number[] }
  | { readonly kind: 'done' }

/** @returns whether it is not too much */
function compile(tree: Tree, steps: Step[]): boolean {
  if (steps.length > MOST_STEPS) return false
  switch (tree.kind) {
    case 'one':
    case 'edge':
      steps.push(tree)
      return true
    case 'all':
      return tree.parts.every((part) => compile(part, steps))
    case 'either':
      return compileEither(tree.ways, steps)
    case 'repeat':
      return compileRepeat(tree, steps)
  }
}

function compileEither(ways: readonly Tree[], steps: Step[]): boolean {
  const begins: number[] = []
  const ends: number[][] = []
  steps.push({ kind: 'fork', to: begins })
  for (const way of ways) {
    begins.push(steps.length)
    if (!compile(way, steps)) return false
    const end: number[] = []
    steps.push({ kind: 'fork', to: end })
    ends.push(end)
  }
  for (const end of ends) end.push(steps.length)
  return true
}

function compileRepeat({ of, min, max }: Extract<Tree, { kind: 'repeat' }>, steps: Step[]): boolean {
  for (let time = 0; time < min; time++) {
    const before = steps.length
    if (!compile(of, steps)) return false
    if (steps.length === before) return true // nothing, however often
  }
  const skips: number[][] = []
  for (let time = min; time < (max ?? min + 1); time++) {
    const fork = [steps.length + 1]
    steps.push({ kind: 'fork', to: fork })
    skips.push(fork)
    const begin = steps.length - 1
    if (!compile(of, steps)) return false
    if (max === undefined) steps.push({ kind: 'fork', to: [begin] })
  }
  for (const fork of skips) fork.push(steps.length)
  return true
}

/** All ways at once, character by character. */
function run(steps: readonly Step[], text: string): boolean {
  const chars = Array.from(text)
  let now = new Set<number>()
  reach(steps, 0, now, true, chars.length === 0)
  for (const [index, char] of chars.entries()) {
    const code = codeOf(char)
    const after = new Set<number>()
    for (const at of now) {
      const step = steps[at]
      if (step?.kind === 'one' && step.test(code)) reach(steps, at + 1, after, false, index === chars.length - 1)
    }
    if (after.size === 0) return false
    now = after
  }
  return [...now].some((at) => steps[at]?.kind === 'done')
}

/** Where it gets to from there without a character. */
function reach(steps: readonly Step[], from: number, reached: Set<number>, atStart: boolean, atEnd: boolean): void {
  const todo = [from]
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (reached.has(at)) continue
    reached.add(at)
    const step = steps[at]
    if (step?.kind === 'fork') todo.push(...step.to)
    if (step?.kind === 'edge' && (step.at === 'start' ? atStart : atEnd)) todo.push(at + 1)
  }
}
