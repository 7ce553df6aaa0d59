import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { PREFLIGHT_STATUS } from '../../src/core/preflight.ts'
import { onPath } from '../support/need.ts'

const SCRIPT = resolve('docker/agent/preflight.sh')
const NEEDED = ['sh', 'sed', 'head', 'grep', 'id']
const OTHER = 64

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'preflight-'))
  for (const name of ['bin', 'sandbox']) mkdirSync(join(folder, name))
  for (const program of NEEDED) {
    const found = (process.env['PATH'] ?? '').split(':').find((path) => path !== '' && onPath(program, path))
    if (found === undefined) throw new Error(`${program} is not on the PATH`)
    symlinkSync(join(found, program), join(folder, 'bin', program))
  }
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const java = (version: string, jar = 'exit 0') =>
  `case $1 in -version) echo 'openjdk version "${version}" 2026-01-20' >&2 ;; *) ${jar} ;; esac`

/** What a good image has; `undefined` takes a program away. */
const GOOD: Readonly<Record<string, string | undefined>> = {
  java: java('21.0.8'),
  git: 'echo git version 2.43.0',
  locale: 'echo UTF-8',
}

interface Image {
  readonly programs?: Readonly<Record<string, string | undefined>>
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
}

function preflight({ programs = {}, env = {}, args = [] }: Image) {
  for (const [name, text] of Object.entries({ ...GOOD, ...programs })) {
    if (text === undefined) continue
    const file = join(folder, 'bin', name)
    writeFileSync(file, `#!/bin/sh\n${text}\n`)
    chmodSync(file, 0o755)
  }
  const sandbox = join(folder, 'sandbox')
  writeFileSync(join(sandbox, 'agent.jar'), '')
  const { status, stdout, stderr } = spawnSync(SCRIPT, args, {
    env: { PATH: join(folder, 'bin'), MESOS_SANDBOX: sandbox, TMPDIR: folder, LANG: 'C.UTF-8', ...env },
    encoding: 'utf8',
    input: '',
  })
  return { status, stdout, said: stderr.split('\n').filter((line) => line.includes(': NO  ')) }
}

test('a good image passes, and becomes the command that it is given', () => {
  expect(preflight({ args: ['sh', '-c', 'echo "$1"; exit 7', 'sh', 'two words'] })).toEqual({
    status: 7,
    stdout: 'two words\n',
    said: [],
  })
  expect(preflight({}).status).toBe(0)
})

test.each<[string, Image, number, RegExp]>([
  ['no Java', { programs: { java: undefined } }, PREFLIGHT_STATUS.missing, /there is no java on the PATH/],
  ['Java that does not start', { programs: { java: 'echo no libjvm; exit 1' } }, PREFLIGHT_STATUS.broken, /no libjvm/],
  ['something else called java', { programs: { java: 'echo hello' } }, PREFLIGHT_STATUS.broken, /cannot be told/],
  ['an old Java', { programs: { java: java('11.0.2') } }, PREFLIGHT_STATUS.tooOld, /java is 11, and 17 is the oldest/],
  ['a Java of the old numbers', { programs: { java: java('1.8.0_402') } }, PREFLIGHT_STATUS.tooOld, /java is 8/],
  [
    'an older Java than the image is to have',
    { programs: { java: java('17.0.9') }, env: { AGENT_JAVA_OLDEST: '21' } },
    PREFLIGHT_STATUS.tooOld,
    /21 is the oldest/,
  ],
  [
    'an older Java than the agent.jar of this controller wants',
    { programs: { java: java('17.0.9', 'echo java.lang.UnsupportedClassVersionError: hudson/remoting; exit 1') } },
    PREFLIGHT_STATUS.tooOld,
    /java 17 is too old for the agent.jar of this Jenkins/,
  ],
  ['no git', { programs: { git: undefined } }, OTHER, /git does not run/],
  ['a locale of ASCII', { programs: { locale: 'echo ANSI_X3.4-1968' } }, OTHER, /set LANG=C.UTF-8/],
  ['no locale at all', { programs: { locale: undefined } }, OTHER, /the locale is not UTF-8/],
  ['a sandbox that is not mounted', { env: { MESOS_SANDBOX: '/nowhere' } }, OTHER, /\/nowhere cannot be written/],
])('%s is told, and the command does not run', (_what, image, status, words) => {
  const outcome = preflight({ ...image, args: ['sh', '-c', 'echo ran'] })
  expect(outcome).toEqual({ status, stdout: '', said: [expect.stringMatching(words)] })
})

test('all that is wrong is told at once, Java first', () => {
  const { status, said } = preflight({ programs: { java: undefined, git: undefined, locale: 'echo ISO-8859-1' } })
  expect([status, said.length]).toEqual([PREFLIGHT_STATUS.missing, 3])
})
