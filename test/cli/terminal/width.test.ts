import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { clean, fit, fitRight, truncate, widthOf, wrap } from '../../../src/cli/terminal/width.ts'

/** As a person's text may be: words of several scripts, pictures, marks, controls. */
export const anyText = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '構築ジョブ/テスト',
    '빌드',
    '👩‍👩‍👧‍👦 family',
    'e\u0301te\u0301',
    '\u001b[2J\u001b[31mred',
    'a\nb\tc',
    '\u202egnp.exe',
    '🇩🇪🇯🇵',
    '❤️',
  ),
)

test.each<[string, string, number]>([
  ['plain', 'linux', 5],
  ['Chinese', '構築', 4],
  ['Korean', '빌드', 4],
  ['half width Katakana', 'ｱｲ', 2],
  ['full width letters', 'ＡＢ', 4],
  ['combining marks', 'e\u0301', 1],
  ['a picture', '🚀', 2],
  ['a sign shown as a picture', '❤️', 2],
  ['a flag', '🇩🇪', 2],
  ['zero width', 'a\u200bb', 2],
  ['box drawing', '│─', 2],
])('%s: cells', (_what, text, cells) => {
  expect(widthOf(text)).toBe(cells)
})

test.each<[string, string]>([
  ['\u001b[31mred\u001b[0m', '\ufffd[31mred\ufffd[0m'],
  ['two\r\nlines\tand more', 'two lines and more'],
  ['turned \u202eexe.txt', 'turned exe.txt'],
  ['half of a pair \ud800', 'half of a pair \ufffd'],
  ['\u009b2J', '\ufffd2J'],
])('%j does nothing to a terminal', (text, expected) => {
  expect(clean(text)).toBe(expected)
})

test.each<[string, number, string]>([
  ['short', 10, 'short'],
  ['just so', 7, 'just so'],
  ['too long', 5, 'too …'],
  ['構築ジョブ', 5, '構築…'],
  ['構築ジョブ', 4, '構…'],
  ['anything', 1, '…'],
  ['anything', 0, ''],
])('%j in %i cells', (text, width, expected) => {
  expect(truncate(text, width)).toBe(expected)
})

test('a word with a mark is not cut between letter and mark', () => {
  expect(truncate('e\u0301e\u0301e\u0301e\u0301', 3)).toBe('e\u0301e\u0301…')
})

describe('for any text', () => {
  test('clean text holds nothing that moves the cursor', () => {
    fc.assert(fc.property(anyText, (text) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202e]/u.test(clean(text))))
  })

  test('a text that is fitted is exactly so wide', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 50 }), (text, width) => {
        expect(widthOf(fit(clean(text), width))).toBe(width)
        expect(widthOf(fitRight(clean(text), width))).toBe(width)
      }),
    )
  })

  test('no wrapped line is wider than it may be, and nothing but blanks gets lost', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 50 }), (raw, width) => {
        const text = clean(raw)
        const lines = wrap(text, width)
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      }),
    )
  })
})
