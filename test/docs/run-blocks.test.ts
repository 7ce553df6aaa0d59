import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { blocksOf, shows } from './blocks.ts'
import { type Ran, type RunOptions, runBlocks } from './run-blocks.ts'

const FENCE = '```'
const sh = (commands: string): string => `${FENCE}sh\n${commands}\n${FENCE}\n`
const text = (shown: string): string => `${FENCE}text\n${shown}\n${FENCE}\n`

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'run-blocks-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function run(page: string, options: Partial<RunOptions> = {}): Promise<readonly Ran[]> {
  const path = join(folder, 'page.md')
  writeFileSync(path, page)
  return runBlocks(path, { folder, blockMs: 15_000, ...options })
}

describe('the blocks of a page', () => {
  test('have their line, their language and their mark, in lists as well', () => {
    const page = [
      ...['# Page', '', '<!-- not run: needs a', 'cluster -->', '', sh('one')],
      ...['- item', '', '  ```yaml', '  a: 1', '  ```', '', '<!-- Ctrl-C -->', '', `${FENCE}\nbare\n${FENCE}`],
    ].join('\n')
    expect(blocksOf(page)).toEqual([
      expect.objectContaining({ line: 6, language: 'sh', mark: { kind: 'not run', words: 'needs a cluster' } }),
      expect.objectContaining({ line: 12, language: 'yaml', text: 'a: 1', mark: undefined, afterCtrlC: false }),
      expect.objectContaining({ line: 18, language: '', text: 'bare', afterCtrlC: true }),
    ])
  })

  test('have the text after them as their output, unless that is an example', () => {
    const page = [sh('one'), 'It says:\n', text('1'), sh('two'), '\n<!-- example: drawn -->\n\n', text('2')].join('\n')
    expect(blocksOf(page).map(({ output }) => output)).toEqual(['1', undefined, undefined, undefined])
  })
})

test.each([
  ['a line', 'before\nready in 12 s\nafter\n', 'ready in … s', true],
  ['another line', 'ready soon\n', 'ready in … s', false],
  ['lines one after the other', 'a\nb\nc\n', 'a\nc', false],
  ['lines with others between', 'a\nb\nb\nc\n', 'a\n…\nc', true],
  ['a part of a line', 'it is ready\n', 'ready', false],
  ['columns of another width', 'ok   three    3\n', 'ok three 3', true],
  ['colours', '\u001b[32mok\u001b[39m\n', 'ok', true],
])('output shows %s', (_, output, expected, isSo) => {
  expect(shows(output, expected)).toBe(isSo)
})

describe('a run', () => {
  test('goes on in the same shell: variables, functions, the folder', async () => {
    const page = [
      ...[sh('export A=1\nf() { echo "f $A"; }\nmkdir -p b && cd b'), sh('f; pwd'), text('f 1\n…/b')],
      ...['<!-- not run: would fail -->\n', sh('false')],
      ...['<!-- fails with: 3 -->\n', sh('exit 3'), sh('echo still here'), text('still here')],
    ]
    const ran = await run(page.join('\n'))
    expect(ran.map(({ block: { text: commands } }) => commands)).toEqual([
      'export A=1\nf() { echo "f $A"; }\nmkdir -p b && cd b',
      'f; pwd',
      'exit 3',
      'echo still here',
    ])
  })

  test('has what stays, until Ctrl-C', async () => {
    const page = [
      '<!-- stays until: up at 9 -->\n',
      sh('trap "echo bye; echo gone > gone; exit" INT\necho up at 8\nwhile true; do sleep 0.1; done'),
      sh('test ! -e gone'),
      '<!-- Ctrl-C -->\n',
      sh('cat gone'),
      text('gone'),
    ]
    const ran = await run(page.join('\n'), { replace: [['up at 9', 'up at 8']] })
    expect(ran[0]?.output()).toBe('up at 8\nbye\n')
  })

  test.each([
    [
      'a command that fails, wherever it stands in the block',
      sh('echo a\nfalse\necho b'),
      /status 1, and 0.*\n.*the block\n/,
    ],
    ['output that the page does not show', `${sh('echo a')}\n${text('b')}`, /not what the page shows:\nb\n/],
    ['a failure that was to come', `<!-- fails with: 2 -->\n\n${sh('true')}`, /status 0, and 2 was expected/],
    ['what was to stay and ends', `<!-- stays until: x -->\n\n${sh('echo y')}`, /did not say "x"/],
  ])('ends at %s', async (_, page, message) => {
    await expect(run(`# Page\n\n${page}\n${sh('touch after')}`)).rejects.toThrow(message)
    await expect(run(`# Page\n\n${page}`)).rejects.toThrow(/page\.md:\d+: /)
  })

  test('ends what takes too long', async () => {
    await expect(run(sh('sleep 60'), { blockMs: 300 })).rejects.toThrow(/took longer than 0\.3 s/)
  })
})
