import { EventEmitter } from 'node:events'
import type { WriteStream } from 'node:tty'
import { expect, test } from '@jest/globals'
import { sizeOf } from '../../../src/cli/terminal/paper.ts'
import { CLOSE, frame, OPEN } from '../../../src/cli/terminal/screen.ts'
import { canRedraw, TtyScreen } from '../../../src/cli/terminal/tty-screen.ts'

test('a frame writes over the one before, and clears what that had more', () => {
  expect(frame(['one', 'two'], 3)).toBe('\u001b[Hone\u001b[K\r\ntwo\u001b[K\r\n\u001b[J\u001b[H')
  expect(frame([], 3)).toBe('\u001b[H\u001b[J\u001b[H')
})

test('a frame as high as the terminal does not go past its last row', () => {
  expect(frame(['one', 'two'], 2)).toBe('\u001b[Hone\u001b[K\r\ntwo\u001b[K\u001b[H')
})

test.each<[number | undefined, string | undefined, number]>([
  [120, '40', 120],
  [0, '40', 40],
  [undefined, undefined, 80],
  [0, 'wide', 80],
  [0, '-1', 80],
])('told %j, COLUMNS %j: %i columns', (told, variable, expected) => {
  expect(sizeOf(told, variable, 80)).toBe(expected)
})

test.each<[string, boolean, Record<string, string>, boolean]>([
  ['a terminal', true, { TERM: 'xterm-256color' }, true],
  ['a pipe', false, { TERM: 'xterm-256color' }, false],
  ['TERM=dumb', true, { TERM: 'dumb' }, false],
  ['no TERM', true, {}, false],
  ['CI', true, { TERM: 'xterm', CI: 'true' }, false],
  ['CI=false', true, { TERM: 'xterm', CI: 'false' }, true],
])('%s', (_what, isTTY, env, expected) => {
  expect(canRedraw({ isTTY }, env)).toBe(expected)
})

function aStream(): { readonly stream: WriteStream; readonly written: string[] } {
  const written: string[] = []
  const stream = Object.assign(new EventEmitter(), {
    columns: 80,
    rows: 3,
    write: (text: string) => written.push(text) > 0,
  })
  return { stream: stream as unknown as WriteStream, written }
}

test('what was taken is given back, once', () => {
  const { stream, written } = aStream()
  const screen = new TtyScreen(stream, {})
  screen.close()
  screen.draw(['early'])
  screen.open()
  screen.open()
  screen.draw(['now'])
  screen.close()
  screen.close()
  screen.draw(['late'])
  expect(written).toEqual([OPEN, frame(['now'], 3), CLOSE])
})

test('while the process is stopped the terminal belongs to the shell', () => {
  const { stream, written } = aStream()
  const screen = new TtyScreen(stream, {})
  let changes = 0
  screen.onChange(() => {
    changes += 1
  })
  screen.open()
  screen.suspend()
  screen.draw(['hidden'])
  screen.resume()
  expect(written).toEqual([OPEN, CLOSE, OPEN])
  expect(changes).toBe(1)
})

test('a window that was closed ends nothing', () => {
  const { stream, written } = aStream()
  const screen = new TtyScreen(stream, {})
  screen.open()
  stream.emit('error', new Error('EIO'))
  screen.draw(['nobody sees it'])
  screen.close()
  expect(written).toEqual([OPEN])
})

test('another size is told to who listens', () => {
  const { stream } = aStream()
  const screen = new TtyScreen(stream, { LINES: '10' })
  const told: number[] = []
  const cancel = screen.onChange(() => told.push(screen.size().rows))
  stream.emit('resize')
  stream.rows = 0
  stream.emit('resize')
  cancel()
  stream.emit('resize')
  expect(told).toEqual([3, 10])
})
