import { expect, test } from '@jest/globals'
import type { CommandIo } from '../../../src/cli/io.ts'
import { faceFor } from '../../../src/cli/terminal/face.ts'
import { type Paper, PIPE, plain } from '../../../src/cli/terminal/paper.ts'
import type { Screen } from '../../../src/cli/terminal/screen.ts'
import { NOW } from '../../support/builders.ts'
import { aView } from '../../support/views.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

const TERMINAL: Paper = { columns: () => 80, paint: plain }

/** What a person sees, in order. */
function aTerminal(over: Partial<CommandIo> = {}) {
  const seen: string[] = []
  const screen: Screen = {
    size: () => ({ columns: 80, rows: 24 }),
    open: () => seen.push('[open]'),
    draw: (lines) => seen.push(`[${lines.filter((line) => /lost|agents go/.test(line)).join('|')}]`),
    close: () => seen.push('[close]'),
    onChange: () => () => undefined,
  }
  const io: CommandIo = {
    env: {},
    readFile: () => '',
    out: (line) => seen.push(line),
    err: (line) => seen.push(line),
    paper: { out: TERMINAL, err: TERMINAL },
    status: undefined,
    screen,
    stopped: new AbortController().signal,
    killed: new AbortController().signal,
    version: '1',
    ...over,
  }
  const clock = new VirtualClock(NOW)
  return { seen, clock, face: (wanted: Parameters<typeof faceFor>[0]) => faceFor(wanted, io, clock) }
}

const SHOWN = { version: '1', url: 'http://h', view: () => aView() }
const INFO = { stay: false, logLevel: 'info' } as const
const WARNING = '{"level":"warn","time":"2026-01-01T00:00:00Z","msg":"lost"}\n'

test('on a terminal: a summary, and afterwards what nobody could scroll back to', () => {
  const { seen, clock, face } = aTerminal()
  const summary = face(INFO)
  summary.say('before')
  summary.show(SHOWN)
  summary.destination.write(WARNING)
  summary.say('2 agents go on')
  summary.close()
  summary.close()
  expect(seen).toEqual([
    'before',
    '[open]',
    '[]',
    expect.stringMatching(/^\[2 agents go on\|.* warn {2}lost\]$/),
    '[close]',
    expect.stringMatching(/ warn {2}lost$/),
    '2 agents go on',
  ])
  expect(clock.pending).toBe(0)
})

test('what keeps it from starting is told once', () => {
  const { seen, face } = aTerminal()
  const summary = face(INFO)
  summary.destination.write(WARNING)
  summary.destination.write('{"level":"fatal","msg":"cannot start: port taken"}')
  summary.say('Cannot start: port taken')
  summary.close()
  expect(seen).toEqual(['Cannot start: port taken', expect.stringMatching(/ warn {2}lost$/)])
})

test.each([
  ['LOG_LEVEL=debug', { stay: false, logLevel: 'debug' }, {}],
  ['LOG_LEVEL=trace', { stay: false, logLevel: 'trace' }, {}],
  ['a terminal that cannot be redrawn', INFO, { screen: undefined }],
] as const)('%s: every line of the log, for people', (_what, wanted, over) => {
  const { seen, face } = aTerminal(over)
  const lines = face(wanted)
  lines.show(SHOWN)
  lines.destination.write(WARNING)
  lines.destination.write('{"level":"error","err":{"message":"x","stack":"Error: x\\n    at y"},"msg":"failed"}')
  lines.close()
  expect(seen).toEqual([expect.stringMatching(/ warn {2}lost$/), ' error failed: x', 'Error: x', '    at y'])
})

test('a stack whose error says what another server said does nothing to the terminal', () => {
  const { seen, face } = aTerminal({ screen: undefined })
  const stack = 'Error: \u001b]0;owned\u0007\u001b[2J\n    at y'
  face(INFO).destination.write(JSON.stringify({ level: 'error', err: { message: 'x', stack }, msg: 'failed' }))
  expect(seen.join('\n')).not.toMatch(/(?!\n)\p{Cc}/u)
})

test.each([
  ['a pipe', INFO, { paper: { out: PIPE, err: TERMINAL } }],
  ['a pod', { stay: true, logLevel: 'info' }, {}],
] as const)('%s: nothing but JSON lines, which go past all of this', (_what, wanted, over) => {
  const { seen, face } = aTerminal(over)
  const json = face(wanted)
  json.show(SHOWN)
  json.say('a sentence')
  json.close()
  expect(seen).toEqual(['a sentence'])
})
