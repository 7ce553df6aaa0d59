import { expect, test } from '@jest/globals'
import { textOf } from '../../../src/cli/terminal/line.ts'
import { isImportant, logLine, readLogLine } from '../../../src/cli/terminal/log-line.ts'

const time = new Date(2026, 0, 2, 3, 4, 5).toISOString()
const shown = (fields: object): string =>
  textOf(logLine(readLogLine(JSON.stringify({ level: 'info', time, ...fields }))))

test.each<[string, object, string]>([
  [
    'time, level, message, key facts',
    { agentId: 'a1', template: 'linux', seconds: 0.6, msg: 'agent online' },
    '03:04:05 info  agent online agentId=a1 template=linux seconds=0.6',
  ],
  [
    'what stands in sentences is read as such',
    { actions: ['make an anchor', 'start an agent'], round: 3, inputs: { queue: 4 }, msg: 'plan' },
    '03:04:05 info  plan: make an anchor; start an agent round=3',
  ],
  ['a warning', { level: 'warn', why: 'no answer', msg: 'not subscribed' }, '03:04:05 warn  not subscribed: no answer'],
  [
    'an error whose words the message lacks',
    {
      level: 'error',
      err: { type: 'Error', message: 'disk full', stack: 'Error: disk full\n at x' },
      msg: 'not stored',
    },
    '03:04:05 error not stored: disk full',
  ],
  [
    'an error whose words stand in the message',
    { level: 'fatal', err: { message: 'port taken' }, msg: 'cannot start: port taken' },
    '03:04:05 fatal cannot start: port taken',
  ],
  ['nothing but a level', {}, '03:04:05 info  '],
])('%s', (_what, fields, expected) => {
  expect(shown(fields)).toBe(expected)
})

test.each(['no JSON at all\n', '7', '"text"', 'null', '{"level":'])('%j is shown as it is', (line) => {
  expect(readLogLine(line)).toMatchObject({ level: 'info', message: line.trim() })
})

test.each([
  ['debug', false],
  ['info', false],
  ['warn', true],
  ['error', true],
  ['fatal', true],
])('%s is important: %j', (level, expected) => {
  expect(isImportant(readLogLine(JSON.stringify({ level, msg: '' })))).toBe(expected)
})
