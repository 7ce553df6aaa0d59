import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { parsePasswd, userOf } from '../../../../src/embedded/mesos/processes/users.ts'
import { Cleanup, launch, makeBench, makeTask, sandboxOf } from './harness.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const root = { uid: 0, name: 'root' }
const jenkins = { uid: 1000, name: 'jenkins' }

describe('whom a task runs as', () => {
  test.each([
    ['the framework names nobody', '', undefined, jenkins, { kind: 'own' }],
    ['our own name', 'jenkins', undefined, jenkins, { kind: 'own' }],
    ["the command's user before the framework's", 'nobody', 'jenkins', jenkins, { kind: 'own' }],
    [
      'another, and we are not root',
      'nobody',
      undefined,
      jenkins,
      { kind: 'forbidden', name: 'nobody', own: 'jenkins' },
    ],
    ['one who does not exist', 'nosuchuser', undefined, root, { kind: 'unknown', name: 'nosuchuser' }],
    ['another, and we are root', 'nobody', undefined, root, { kind: 'other', uid: 65534, gid: 65534 }],
  ])('%s', async (_name, user, ofCommand, own, expected) => {
    const command = { value: 'true', ...(ofCommand !== undefined && { user: ofCommand }) }
    expect(await userOf(makeTask(command, {}, { user }), own)).toEqual(expected)
  })

  test('lines that are none are skipped', () => {
    const passwd = '# comment\n\nx:x:abc:1::/:\nx:x:5:6::/home/x:/bin/sh\n'
    expect(parsePasswd(passwd, 'x')).toEqual({ uid: 5, gid: 6 })
    expect(parsePasswd(passwd, 'y')).toBeUndefined()
  })
})

const asRoot = process.getuid?.() === 0 ? test : test.skip

describe('as root', () => {
  asRoot('a task becomes its user, who owns the sandbox', async () => {
    const bench = makeBench(cleanup)
    const uris = [{ value: '/etc/hostname', output_file: 'deep/x' }]
    const task = makeTask({
      value: 'id -un; id -G; echo y > y; stat -c %U . stdout stderr deep deep/x y',
      user: 'nobody',
      uris,
    })
    expect(await launch(bench, task).over).toEqual({ kind: 'exited', status: 0 })
    const out = readFileSync(join(sandboxOf(bench.workDir, task), 'stdout'), 'utf8')
    expect(out.trim().split('\n')).toEqual(['nobody', '65534', ...Array<string>(6).fill('nobody')])
  })

  asRoot("a file is fetched with the rights of the task's user", async () => {
    const bench = makeBench(cleanup)
    const task = makeTask({ value: 'true', user: 'nobody', uris: [{ value: '/etc/shadow' }] })
    expect((await launch(bench, task).over).kind).toBe('launchFailed')
    expect(readFileSync(join(sandboxOf(bench.workDir, task), 'stderr'), 'utf8')).toContain('cp ended with 1')
  })

  asRoot('an unknown user fails as on a real host', async () => {
    const bench = makeBench(cleanup)
    const task = makeTask('true', {}, { user: 'nosuchuser' })
    const sandbox = sandboxOf(bench.workDir, task)
    expect(await launch(bench, task).over).toEqual({
      kind: 'launchFailed',
      message: `Failed to create executor directory '${sandbox}': Failed to chown directory to 'nosuchuser': No such user 'nosuchuser'`,
    })
  })
})
