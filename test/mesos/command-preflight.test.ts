import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Launch } from '../../src/core/launch.ts'
import { verdictOf } from '../../src/core/outcomes.ts'
import { commandText } from '../../src/mesos/command.ts'
import { aContainer } from '../support/containers.ts'
import { launchOf, SECRET } from './launches.ts'

/** Java as far as it is asked: its version, the options of the agent program, and the agent itself. */
const JAVA = `#!/bin/sh
for last; do :; done
printf '%s\\n' "$*" >>"$OUT/calls"
cat >>"$OUT/stdin"
case $last in
  -version) echo "$VERSION_SAYS" >&2; exit "\${VERSION_STATUS:-0}" ;;
  -help) echo "$HELP_SAYS"; exit 1 ;;
esac
`

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'preflight '))
  for (const name of ['bin', 'tools', 'sandbox']) mkdirSync(join(root, name))
  // Nothing is found but these: the machine of the test may have a Java of its own.
  for (const name of ['cat', 'env', 'id', 'rm', 'sh']) {
    symlinkSync(pathOf(name), join(root, 'tools', name))
  }
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function pathOf(program: string): string {
  return spawnSync('/bin/sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim()
}

function install(...path: readonly string[]): void {
  writeFileSync(join(root, ...path), JAVA, { mode: 0o755 })
}

function run(shell: string, launch: Partial<Launch>, environment: Readonly<Record<string, string>> = {}) {
  const sandbox = join(root, 'sandbox')
  writeFileSync(join(sandbox, '.secret'), SECRET)
  const PATH = `${join(root, 'bin')}:${join(root, 'tools')}`
  const child = spawnSync(pathOf(shell), ['-c', commandText(launchOf({ launch: { preflight: true, ...launch } }))], {
    cwd: sandbox,
    env: { PATH, MESOS_SANDBOX: sandbox, OUT: root, JAVA_DIR: join(root, 'bin'), ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const read = (name: string) => (existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : '')
  const calls = read('calls').split('\n').slice(0, -1)
  return { status: child.status, stderr: child.stderr, calls, stdin: read('stdin'), PATH }
}

describe.each(['dash', 'bash', '/bin/sh'])('under %s', (shell) => {
  test('a host without Java says so, and where it looked', () => {
    const { status, stderr, calls, PATH } = run(shell, {})
    const words = `no java on this host (PATH=${PATH}): install a JRE or set agentCommand`
    expect({ status, stderr, calls }).toEqual({ status: 61, stderr: `jenkins-mesos-sidecar: ${words}\n`, calls: [] })
  })

  test('in a container it is the image that has none', () => {
    const { stderr } = run(shell, { container: aContainer() })
    expect(stderr).toMatch(/no java in this image \(PATH=/)
  })

  test('a Java that does not start with the arguments of the template shows what it says', () => {
    install('bin', 'java')
    const says = { VERSION_SAYS: "Unrecognized VM option 'UseConcMarkSweepGC'", VERSION_STATUS: '1' }
    const { status, stderr, calls } = run(shell, { jvmArgs: ['-XX:+UseConcMarkSweepGC'] }, says)
    expect(status).toBe(62)
    expect(stderr).toBe(
      `${says.VERSION_SAYS}\njenkins-mesos-sidecar: java does not start on this host: see above, and correct jvmArgs, heapMib or memMib of the template\n`,
    )
    expect(calls).toEqual(['-Xmx256m -XX:+UseConcMarkSweepGC -version'])
  })

  test('a Java that is too old for the agent program of this Jenkins is told from one that works', () => {
    install('bin', 'java')
    const HELP_SAYS = 'java.lang.UnsupportedClassVersionError: hudson/remoting/Launcher has been compiled by …'
    const { status, stderr, calls } = run(shell, {}, { HELP_SAYS })
    expect(status).toBe(63)
    expect(stderr).toContain(`${HELP_SAYS}\njenkins-mesos-sidecar: java on this host is too old for the agent.jar`)
    expect(calls).toHaveLength(2)
  })

  test('a Java that works is asked nothing twice, keeps its secret, and says nothing', () => {
    install('bin', 'java')
    const { status, stderr, calls, stdin } = run(shell, { jvmArgs: ['-Dx=y z'] }, { HELP_SAYS: '-help : shows help' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(calls.map((call) => call.replace(/ -url .*/, ''))).toEqual([
      '-Xmx256m -Dx=y z -version',
      `-Xmx256m -Dx=y z -jar ${join(root, 'sandbox')}/agent.jar -help`,
      `-Xmx256m -Dx=y z -jar ${join(root, 'sandbox')}/agent.jar`,
    ])
    // What Java reads in the preflight is nothing; then it is the secret.
    expect(stdin).toBe(SECRET)
  })

  test.each(['$JAVA_DIR/java', '"$JAVA_DIR/java"', '"$JAVA_DIR"/java'])('the path of %s is looked at', (program) => {
    const command = `${program} {jvmArgs} -jar {jar} {connection}`
    if (program.startsWith('"')) install('bin', 'java')
    const { status, calls } = run(shell, { command })
    // Without quotes the blank in this path makes two words of it, there as here.
    expect([status, calls.length]).toEqual(program.startsWith('"') ? [0, 3] : [61, 0])
  })

  test('another program is looked for, and no more', () => {
    const command = 'agent-of-ours {connection}'
    expect(run(shell, { command })).toMatchObject({
      status: 61,
      stderr: expect.stringMatching(/no agent-of-ours on this host \(PATH=.*\): install it or set agentCommand\n$/),
    })
    install('bin', 'agent-of-ours')
    expect(run(shell, { command })).toMatchObject({ status: 0, calls: [expect.stringMatching(/^-url /)] })
  })

  test.each(['env X=1 java -jar {jar} {connection}', '"$(command -v java)" {connection}'])(
    '%s is run as it is',
    (command) => {
      install('bin', 'java')
      expect(run(shell, { command }).calls).toHaveLength(1)
    },
  )

  test('the environment of the template holds in it already', () => {
    mkdirSync(join(root, 'jdk'))
    install('jdk', 'java')
    const PATH = `${join(root, 'jdk')}:${join(root, 'tools')}`
    expect(run(shell, { environment: { PATH } })).toMatchObject({ status: 0 })
  })

  test('without it the command is run at once', () => {
    install('bin', 'java')
    expect(run(shell, { preflight: false }).calls).toHaveLength(1)
  })
})

describe('what Mesos tells of it', () => {
  test.each([
    [61, /install a JRE/],
    [62, /jvmArgs/],
    [63, /newer JRE/],
    [127, /agentCommand/],
  ])('status %i is for the operator', (status, advice) => {
    for (const what of ['Command', 'Container']) {
      for (const reason of [undefined, 'REASON_COMMAND_EXECUTOR_FAILED']) {
        const message = `${what} exited with status ${status}`
        const facts = { state: 'TASK_FAILED', source: 'SOURCE_EXECUTOR', reason, message }
        expect(verdictOf(facts)).toMatchObject({ blame: 'operator', advice: expect.stringMatching(advice) })
      }
    }
  })

  test.each([1, 6, 143, 255, 610])('status %i is not', (status) => {
    const facts = { state: 'TASK_FAILED', reason: undefined, message: `Command exited with status ${status}` }
    expect(verdictOf(facts)).toMatchObject({ blame: 'template' })
  })
})
