import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { goodOrBad, table } from '../../src/cli/table.ts'
import { coloured, type Paper, PIPE, plain } from '../../src/cli/terminal/paper.ts'
import { widthOf } from '../../src/cli/terminal/width.ts'

const wide = (columns: number): Paper => ({ columns: () => columns, paint: plain })

const HEADS = ['', 'what', 'found']
const ROWS = [
  ['ok', 'configuration', '1 template, no mistakes'],
  ['NO', 'Jenkins: log in', 'as nobody: the controller wants a user, so set JENKINS_USER and JENKINS_TOKEN'],
]

test('in a pipe every text is whole, on one line', () => {
  expect(table(HEADS, ROWS)).toBe(
    [
      '    what             found',
      '--  ---------------  -----------------------------------------------------------------------------',
      'ok  configuration    1 template, no mistakes',
      'NO  Jenkins: log in  as nobody: the controller wants a user, so set JENKINS_USER and JENKINS_TOKEN',
    ].join('\n'),
  )
})

test('on a terminal the last column is wrapped below itself', () => {
  expect(table(HEADS, ROWS, wide(60))).toBe(
    [
      '    what             found',
      '--  ---------------  ---------------------------------------',
      'ok  configuration    1 template, no mistakes',
      'NO  Jenkins: log in  as nobody: the controller wants a user,',
      '                     so set JENKINS_USER and JENKINS_TOKEN',
    ].join('\n'),
  )
})

test('where there is no room for columns each row becomes a list', () => {
  expect(table(['job', 'state', 'why'], [['app', 'capped', 'template linux may have 2 agents']], wide(28))).toBe(
    ['app', '  state: capped', '  why: template linux may', '  have 2 agents'].join('\n').replace('app', 'job: app'),
  )
})

test('wide characters keep columns straight', () => {
  expect(
    table(
      ['job', 'why'],
      [
        ['構築', 'cap'],
        ['app', 'cap'],
      ],
    ).split('\n'),
  ).toEqual(['job   why', '----  ---', '構築  cap', 'app   cap'])
})

test('names from elsewhere do nothing to the terminal', () => {
  expect(table(['job'], [['\u001b[2Jgone\nnext']]).split('\n')[2]).toBe('\ufffd[2Jgone next')
})

test('colour stands beside the words, and only where it is wanted', () => {
  const paper: Paper = { columns: () => 100, paint: coloured }
  expect(table(HEADS, ROWS, paper, goodOrBad)).toContain('\u001b[31mNO\u001b[39m')
  expect(table(HEADS, ROWS, { ...paper, paint: plain }, goodOrBad)).not.toContain('\u001b')
  expect(table(HEADS, ROWS, PIPE, goodOrBad)).not.toContain('\u001b')
})

test('no line is wider than the terminal, whatever the cells hold', () => {
  const cell = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 50 }), fc.lorem({ maxCount: 12 }))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell, cell), { maxLength: 8 }),
      fc.integer({ min: 10, max: 120 }),
      (rows, columns) => {
        const lines = table(['job', 'state', 'template', 'why'], rows, wide(columns)).split('\n')
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns)
      },
    ),
  )
})
