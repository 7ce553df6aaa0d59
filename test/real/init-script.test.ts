import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { describeWith } from '../support/need.ts'

const run = promisify(execFile)
const HERE = join(import.meta.dirname, 'init-script')
const SCRIPT = join(import.meta.dirname, '../../docker/jenkins/init.groovy.d/mesos-sidecar.groovy')
const OPENS = ['java.lang', 'java.util', 'java.io'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`)
const RIGHTS = [
  'hudson.model.Hudson.Read',
  'hudson.model.Item.Read',
  'hudson.model.Computer.Create',
  'hudson.model.Computer.Connect',
  'hudson.model.Computer.Disconnect',
  'hudson.model.Computer.Delete',
]
const OURS = 'jenkins-mesos-sidecar init script'

interface Left {
  readonly start: string
  readonly users: readonly string[]
  /** Their lengths. */
  readonly passwords: readonly number[]
  readonly granted: readonly string[]
  readonly tokens: readonly string[]
  readonly file: string | null
}

/** The script as Jenkins runs it, by the same Groovy; of Jenkins itself there are only stubs. */
describeWith(['java', 'mvn'], "the init script that makes the sidecar's user", () => {
  let folder: string
  let groovy: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'real-init-script-'))
    groovy = (await run(join(HERE, 'fetch.sh'))).stdout.trim()
  })

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const tokenFile = (): string => join(folder, 'secrets', 'token')

  async function starts(
    names: readonly string[],
    {
      stubs = ['stubs', 'matrix-auth-3'],
      env,
    }: { readonly stubs?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
  ): Promise<{ readonly left: readonly Left[]; readonly log: string }> {
    const path = [groovy, ...stubs.map((each) => join(HERE, each))].join(':')
    const { stdout, stderr } = await run(
      'java',
      [...OPENS, '-Xmx256m', '-cp', path, 'groovy.ui.GroovyMain', join(HERE, 'starts.groovy'), SCRIPT, ...names],
      {
        env: { PATH: process.env['PATH'], HOME: folder, ...(env ?? { MESOS_SIDECAR_TOKEN_FILE: tokenFile() }) },
        cwd: folder,
      },
    )
    const left = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Left)
    return { left, log: stderr }
  }

  test('user, rights and token are made once; a lost file brings another token and ends the old one', async () => {
    const { left, log } = await starts(['fresh', 'again', 'file gone'])
    const granted = RIGHTS.map((right) => `${right} USER:mesos-sidecar`)
    const first = {
      users: ['mesos-sidecar'],
      passwords: [64],
      granted,
      tokens: [`uuid-1 ${OURS}`],
      file: `11${'1'.padStart(32, 'e')}`,
    }
    expect(left).toEqual([
      { start: 'fresh', ...first },
      { start: 'again', ...first },
      { ...first, start: 'file gone', tokens: [`uuid-2 ${OURS}`], file: `11${'2'.padStart(32, 'e')}` },
    ])
    expect(statSync(tokenFile()).mode & 0o777).toBe(0o600)
    expect(log).toContain('wrote an API token of mesos-sidecar')
    expect(log).not.toMatch(/11e{20}/)
  })

  test('where it cannot do its work it says what to do, and leaves what others have made', async () => {
    const { left, log } = await starts(['project', 'no matrix', 'user there', 'other realm', 'no property'])
    const [project, noMatrix, userThere, otherRealm, broken] = left
    expect(project).toMatchObject({ granted: RIGHTS.map((right) => `${right} USER:mesos-sidecar`) })
    expect(noMatrix).toMatchObject({ users: ['mesos-sidecar'], granted: [], file: expect.any(String) })
    expect(userThere).toMatchObject({
      granted: [],
      tokens: ['uuid-1 by a person', `uuid-2 ${OURS}`],
      file: expect.any(String),
    })
    expect(otherRealm).toMatchObject({ users: [], file: null })
    expect(broken).toMatchObject({ file: null })
    expect(log).toContain(`is no matrix: give mesos-sidecar these rights there: ${RIGHTS.join(', ')}`)
    expect(log).toContain('make the user mesos-sidecar where they come from')
    expect(log).toContain('the user of jenkins-mesos-sidecar could not be made')
  })

  test('an older matrix is given the name alone; without a file to write nothing is done', async () => {
    const old = await starts(['fresh'], {
      stubs: ['stubs'],
      env: { MESOS_SIDECAR_TOKEN_FILE: tokenFile(), MESOS_SIDECAR_USER: 'mesos' },
    })
    expect(old.left).toMatchObject([{ users: ['mesos'], granted: RIGHTS.map((right) => `${right} mesos`) }])
    rmSync(tokenFile())
    const none = await starts(['fresh'], { env: {} })
    expect(none.left).toMatchObject([{ users: [], granted: [], tokens: [] }])
    expect(existsSync(tokenFile())).toBe(false)
  })
})
