import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readPattern } from '../../src/core/pattern.ts'

function matches(source: string, text: string): boolean {
  const pattern = readPattern(source)
  if (typeof pattern === 'string') throw new Error(`${source}: ${pattern}`)
  return pattern.matches(text)
}

/** Patterns that JavaScript reads as well. */
const { pattern: anyPattern } = fc.letrec<{ pattern: string; all: string; one: string }>((tie) => ({
  pattern: fc.oneof(
    tie('all'),
    fc.tuple(tie('all'), tie('all')).map((ways) => ways.join('|')),
  ),
  all: fc.array(tie('one'), { maxLength: 3 }).map((parts) => parts.join('')),
  one: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', '-', '.', '\\d', '\\w', '\\W', '\\.', '[ab]', '[^a]', '[a-c\\d]', '[-a]', '^', '$'),
    fc
      .constantFrom('a', 'b', 'c')
      .chain((char) => fc.constantFrom('*', '+', '?', '*?', '{2}', '{1,}', '{0,2}').map((n) => char + n)),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').chain((inner) => fc.constantFrom('*', '+', '?', '{0,2}').map((n) => `(?:${inner})${n}`)),
  ),
}))
const anyText = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '-', '.'), maxLength: 7 })

test('a pattern matches whole texts, just as JavaScript has it', () => {
  fc.assert(
    fc.property(anyPattern, fc.array(anyText, { minLength: 1, maxLength: 8 }), (source, texts) => {
      const theirs = new RegExp(`^(?:${source})$`, 'u')
      for (const text of texts) expect([text, matches(source, text)]).toEqual([text, theirs.test(text)])
    }),
    { numRuns: 3_000 },
  )
})

test('characters beyond the first plane are characters', () => {
  expect(matches('a.[😀-😂]', 'a😀😁')).toBe(true)
})

describe('what means other things elsewhere, or nothing,', () => {
  test.each([
    ['(a', 'a ( is never closed'],
    ['a)', 'it closes a ) that was never opened'],
    ['[a', 'it ends in the middle of [ ]'],
    ['a\\', 'it ends in the middle of an escape'],
    ['*a', 'there is nothing to repeat before *; write \\* for the character itself'],
    ['a**', 'a repetition is repeated: put it in ( )'],
    ['a*+', 'a repetition is repeated: put it in ( )'],
    ['a{2,1}', '{2,1} is no number of repetitions; write \\{ for the character itself'],
    ['a{x}', '{x} is no number of repetitions; write \\{ for the character itself'],
    ['^*', '^ cannot be repeated'],
    ['(?=a)', 'of groups with (? only (?: is known'],
    ['a\\_b', '\\_ is not known'],
    ['\\bx', '\\b is not known'],
    ['(a)\\1', '\\1 is not known'],
    ['[]', '[] holds nothing; write \\] for the character itself'],
    ['[z-a]', '[z-…] is no range'],
    ['[[:alpha:]]', '[ in [ ] means other things elsewhere; write \\['],
    ['[a&&b]', '& in [ ] means other things elsewhere; write \\&'],
    ['a'.repeat(501), 'it is longer than 500 characters'],
    ['((a{100}){100}){100}', 'it grows to more than 2000 steps'],
  ])('%s is refused', (source, words) => {
    expect(readPattern(source)).toBe(words)
  })
})

test('no pattern takes long', () => {
  const long = 'a'.repeat(1_000)
  expect(matches('(a*)*b', long)).toBe(false)
  expect(matches('(a|a?)+', long)).toBe(true)
  expect(matches('(((){1000}){1000}){1000}', '')).toBe(true)
  expect(matches(`${'(a?)'.repeat(80)}${'a'.repeat(80)}`, 'a'.repeat(80))).toBe(true)
})
