import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readConfig } from '../../src/config/read-config.ts'
import { firstXml, TEMPLATE } from '../config/import/plugin-xml.ts'
import { command } from './command.ts'

const FIXTURES = 'test/fixtures/import'
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(file: string, ...rest: readonly string[]): Promise<Outcome> {
  const { exitCode, out, err } = command(['import', file, '--out', join(folder, 'out'), ...rest])
  const code = await exitCode
  return { code, out: out.join('\n'), err: err.join('\n') }
}

function written(): Readonly<Record<string, string>> {
  const names = readdirSync(join(folder, 'out'), { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  )
  const paths = names.map(({ parentPath, name }) => join(parentPath, name))
  return Object.fromEntries(paths.sort().map((path) => [path.slice(folder.length + 5), readFileSync(path, 'utf8')]))
}

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const GOOD = firstXml([TEMPLATE])

const inputs = readdirSync(FIXTURES).filter((name) => /\.(xml|yaml)$/.test(name))

describe.each(inputs)('%s', (input) => {
  const golden = join(FIXTURES, input.replace(/\.\w+$/, ''))

  test('gives what is checked in, and the same bytes the second time', async () => {
    expect(await run(join(FIXTURES, input))).toMatchObject({ code: 0, err: '' })
    const first = written()
    const paths = Object.keys(first)
    expect(Object.fromEntries(paths.map((path) => [path, readFileSync(join(golden, path), 'utf8')]))).toEqual(first)
    expect(paths).toEqual(expect.arrayContaining(['report.txt', 'sidecar.env', 'templates.yaml']))
    const again = await run(join(FIXTURES, input))
    expect(again.code).toBe(0)
    expect(again.out).toContain('Nothing is written')
    expect(written()).toEqual(first)
  })

  test('a shell reads sidecar.env, and the program starts with it once the gaps are filled', async () => {
    await run(join(FIXTURES, input))
    const places = existsSync(join(folder, 'out/2')) ? ['out', 'out/2'] : ['out']
    for (const place of places) {
      const cwd = join(folder, place)
      const listed = execFileSync('sh', ['-c', 'set -a; . ./sidecar.env; env -0'], {
        cwd,
        env: { PATH: process.env['PATH'] },
      })
      const variables = Object.fromEntries(
        listed
          .toString()
          .split('\0')
          .filter((each) => each.includes('='))
          .map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]),
      )
      const gaps =
        readFileSync(join(cwd, 'sidecar.env'), 'utf8').match(/(?<=^#)[A-Z_]+(?==$)|^[A-Z_]+(?==to-be-filled-in$)/gm) ??
        []
      const filled = Object.fromEntries(gaps.map((name) => [name, FILLING[name] ?? '']))
      const reading = readConfig({ ...variables, ...filled }, (path) =>
        path === 'templates.yaml' ? readFileSync(join(cwd, path), 'utf8') : 'word',
      )
      expect(reading.ok ? [] : reading.mistakes).toEqual([])
    }
  })

  test('nothing that is secret is told', async () => {
    const { out } = await run(join(FIXTURES, input))
    expect(out).not.toMatch(/hidden|not-to-be-shown/)
    expect(readFileSync(join(folder, 'out/report.txt'), 'utf8')).not.toMatch(/hidden|not-to-be-shown/)
    expect(statSync(join(folder, 'out/sidecar.env')).mode & 0o777).toBe(0o600)
  })
})

const FILLING: Readonly<Record<string, string>> = {
  JENKINS_URL: 'http://ci.example.com',
  JENKINS_USER: 'sidecar',
  JENKINS_TOKEN_FILE: '/token',
  MESOS_MASTER: 'http://m:5050',
  MESOS_USER: 'jenkins',
  MESOS_PRINCIPAL: 'jenkins',
  MESOS_SECRET_FILE: '/secret',
  SIDECAR_URL: 'http://ci.example.com:8091',
}

describe('what cannot be read', () => {
  const refused: readonly [what: string, make: () => string, words: RegExp][] = [
    ['a file that is not there', () => join(folder, 'none.xml'), /cannot be read: ENOENT/],
    ['a folder', () => folder, /It is a folder/],
    ['a device', () => '/dev/null', /It is no file/],
    ['UTF-16', () => write('a.xml', Buffer.from(`\uFEFF${GOOD}`, 'utf16le')), /UTF-16/],
    [
      'Latin-1',
      () => write('a.xml', Buffer.from(GOOD.replace('<hudson>', '<hudson>\n<a>é</a>'), 'latin1')),
      /not UTF-8.* line 3/,
    ],
    ['50 MB', () => write('a.xml', Buffer.alloc(50_000_000, 'x')), /It has 50 MB/],
    ['a file that is cut off', () => write('a.xml', GOOD.slice(0, 400)), /cut off at line/],
    ['another file', () => write('a.xml', '<project/>'), /no configuration of Jenkins/],
  ]
  test.each(refused)('%s', async (_what, make, words) => {
    expect(await run(make())).toMatchObject({ code: 1, out: '', err: expect.stringMatching(words) })
    expect(existsSync(join(folder, 'out'))).toBe(false)
  })

  test('costs nothing that was there', async () => {
    await run(write('a.xml', GOOD))
    const before = written()
    expect((await run(write('a.xml', GOOD.slice(0, 400)), '--force')).code).toBe(1)
    expect(written()).toEqual(before)
  })
})

describe('where it writes', () => {
  test('files of others stay, and other content is replaced only by force', async () => {
    mkdirSync(join(folder, 'out'))
    write('out/notes.txt', 'mine')
    write('out/templates.yaml', 'mine, too')
    const refused = await run(write('a.xml', GOOD))
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toContain('out/templates.yaml has other content')
    expect(written()).toEqual({ 'notes.txt': 'mine', 'templates.yaml': 'mine, too' })
    expect((await run(join(folder, 'a.xml'), '--force')).code).toBe(0)
    expect(written()).toMatchObject({
      'notes.txt': 'mine',
      'templates.yaml': expect.stringContaining('labels: [mesos]'),
    })
  })

  test('a folder in the place of a file is never replaced, and no half is left', async () => {
    mkdirSync(join(folder, 'out/report.txt'), { recursive: true })
    expect(await run(write('a.xml', GOOD), '--force')).toMatchObject({
      code: 1,
      err: expect.stringContaining('is no file'),
    })
    expect(readdirSync(join(folder, 'out'))).toEqual(['report.txt'])
  })

  test('a file in the place of the folder is told', async () => {
    write('out', 'x')
    expect(await run(write('a.xml', GOOD))).toMatchObject({
      code: 1,
      err: expect.stringContaining('Nothing is imported'),
    })
  })

  test('a link is replaced, never what it points to', async () => {
    mkdirSync(join(folder, 'out'))
    const elsewhere = write('elsewhere', 'mine')
    execFileSync('ln', ['-s', elsewhere, join(folder, 'out/sidecar.env')])
    expect((await run(write('a.xml', GOOD))).code).toBe(1)
    expect(readFileSync(elsewhere, 'utf8')).toBe('mine')
  })
})

test.each<[readonly string[], string]>([
  [['import'], 'import needs the file'],
  [['import', 'a.xml'], 'import needs the file'],
  [['import', 'a.xml', 'b.xml', '--out', 'x'], 'import takes no further words, but got b.xml'],
  [['check', '--out', 'x'], 'check takes no --out'],
])('%j is refused', async (args, words) => {
  const { exitCode, err } = command(args)
  expect(await exitCode).toBe(2)
  expect(err.join('\n')).toContain(words)
})
