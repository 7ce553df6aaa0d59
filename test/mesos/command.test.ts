import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { SECRET_VARIABLE } from '../../src/mesos/agent-arguments.ts'
import { commandText } from '../../src/mesos/command.ts'
import { launchOf, type Over, SECRET } from './launches.ts'

/**
 * Records what an agent sees: arguments, environment, and its standard input read the way agent.jar does, by name and
 * more than once, as after a restart of the controller.
 */
const STUB = `#!/bin/sh
printf '%s\\0' "$@" >"$OUT/argv"
cat /proc/$$/environ >"$OUT/env"
pwd >"$OUT/pwd"
cat /dev/fd/0 >"$OUT/stdin"
cat /dev/fd/0 >"$OUT/stdin-again"
tr '\\0' ' ' </proc/$$/cmdline >"$OUT/ps"
ls -A "$MESOS_SANDBOX" >"$OUT/files"
`

/** What a Mesos agent sets for a command task, and what must not reach a build. */
const TASK_ENVIRONMENT = {
  LIBPROCESS_IP: '10.0.0.1',
  LIBPROCESS_PORT: '0',
  MESOS_DIRECTORY: '/x',
  MESOS_EXECUTOR_ID: 'linux-1',
  MESOS_SLAVE_PID: 'slave(1)@10.0.0.1:5051',
  ODD_LINES: 'a\nMESOS_no-name; rm=1\nMESOS_ 2=3',
  KEPT: 'yes * ?',
}

let root: string
let sandbox: string
let out: string
let fallback: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'command '))
  sandbox = join(root, "sand box's")
  out = join(root, 'out')
  fallback = join(root, 'tmp')
  for (const folder of [sandbox, out, fallback, join(root, 'bin')]) mkdirSync(folder)
  for (const name of ['java', 'node-agent']) writeFileSync(join(root, 'bin', name), STUB, { mode: 0o755 })
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

interface Run {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string
  readonly files: readonly string[]
}

function run(shell: string, over: Over = {}, environment: Readonly<Record<string, string>> = {}): Run {
  const launch = launchOf(over)
  if (launch.secretUrl !== undefined && launch.agent.secret !== '') {
    writeFileSync(join(sandbox, '.secret'), launch.agent.secret)
  }
  const env = {
    PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`,
    OUT: out,
    TMPDIR: fallback,
    MESOS_SANDBOX: sandbox,
    ...(launch.secretUrl === undefined && { [SECRET_VARIABLE]: launch.agent.secret }),
    ...environment,
  }
  const child = spawnSync(shell, ['-c', commandText(launch)], {
    cwd: '/',
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  expect({ stderr: child.stderr, status: child.status }).toEqual({ stderr: '', status: 0 })
  const read = (name: string): string => readFileSync(join(out, name), 'utf8')
  expect(read('stdin-again')).toBe(read('stdin'))
  expect(read('ps')).not.toContain(SECRET)
  const pairs = read('env')
    .split('\0')
    .filter((line) => line !== '')
  return {
    argv: read('argv').split('\0').slice(0, -1),
    env: Object.fromEntries(pairs.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])),
    stdin: read('stdin'),
    files: read('files')
      .split('\n')
      .filter((line) => line !== ''),
  }
}

describe.each(['dash', 'bash', '/bin/sh'])('under %s', (shell) => {
  test('the agent gets its arguments, and its secret as standard input alone', () => {
    const { argv, env, stdin, files } = run(shell)
    expect(argv.join(' ')).toBe(
      `-Xmx256m -jar ${sandbox}/agent.jar -url http://jenkins.test/ci/ -name linux-1 -secret @/dev/fd/0 -webSocket -workDir ${sandbox}/jenkins`,
    )
    expect(stdin).toBe(SECRET)
    expect(files).toEqual([])
    expect(Object.values(env).join('\n')).not.toContain(SECRET)
    expect(readFileSync(join(out, 'pwd'), 'utf8')).toBe(`${sandbox}\n`)
  })

  test('through the environment it ends the same way', () => {
    const { argv, env, stdin, files } = run(shell, { viaEnvironment: true })
    expect(argv).toContain('@/dev/fd/0')
    expect(stdin).toBe(SECRET)
    expect(files).toEqual([])
    expect(env).not.toHaveProperty(SECRET_VARIABLE)
    expect(Object.values(env).join('\n')).not.toContain(SECRET)
  })

  test('a sandbox that cannot be written to is no hindrance', () => {
    // A folder in the place of the file stands for missing rights, which root never misses.
    mkdirSync(join(sandbox, '.secret'))
    chmodSync(sandbox, 0o555)
    expect(run(shell, { viaEnvironment: true }).stdin).toBe(SECRET)
    expect(readdirSync(fallback)).toEqual([])
  })

  test('without a secret there is no argument, and no file is asked for', () => {
    for (const viaEnvironment of [true, false]) {
      const { argv, stdin } = run(shell, { agent: { secret: '' }, viaEnvironment })
      expect(argv).not.toContain('-secret')
      expect(stdin).toBe('')
    }
  })

  test('a missing secret file ends the task before the agent starts', () => {
    const text = commandText(launchOf())
    const env = { PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`, OUT: out, MESOS_SANDBOX: sandbox }
    const child = spawnSync(shell, ['-c', text], {
      cwd: sandbox,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(child.status).not.toBe(0)
    expect(child.stderr).toContain('.secret')
    expect(existsSync(join(out, 'argv'))).toBe(false)
  })

  test('no variable of the Mesos agent reaches the agent but the sandbox', () => {
    const { env } = run(shell, {}, TASK_ENVIRONMENT)
    const names = Object.keys(env).filter((name) => /^(?:MESOS|LIBPROCESS)_/.test(name))
    expect(names).toEqual(['MESOS_SANDBOX'])
    expect(env).toMatchObject({ KEPT: 'yes * ?', ODD_LINES: TASK_ENVIRONMENT.ODD_LINES })
    for (const name of ['IFS', 'entry', 'name', 'secret']) expect(env).not.toHaveProperty(name)
  })

  test('HOME, USER and LANG are set', () => {
    const user = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim()
    expect(run(shell).env).toMatchObject({ HOME: sandbox, USER: user, LANG: 'C.UTF-8' })
  })

  test('the template has the last word on the environment, whatever is in the values', () => {
    const environment = {
      HOME: '/home/ci',
      LANG: 'de_DE.UTF-8',
      MESOS_WANTED: '1',
      QUOTES: `it's "$HOME" \`id\` $(id) \\n !x *`,
      LINES: 'one\ntwo\n',
      EMPTY: '',
      UMLAUT: 'ä 😀',
      'build.type': `odd 'name'`,
    }
    expect(run(shell, { launch: { environment } }).env).toMatchObject(environment)
  })

  test('odd characters in names and arguments stay one argument', () => {
    const odd = `it's $(id) "x" ä; *`
    const { argv } = run(shell, {
      agentId: odd,
      launch: { remoteFs: `/data/${odd}`, jvmArgs: [`-Dx=${odd}`, ''] },
      agent: { connection: 'tcp', url: `http://j.test/${odd}/` },
    })
    expect(argv).toEqual([
      '-Xmx256m',
      `-Dx=${odd}`,
      '',
      '-jar',
      `${sandbox}/agent.jar`,
      '-url',
      `http://j.test/${odd}/`,
      '-name',
      odd,
      '-secret',
      '@/dev/fd/0',
      '-workDir',
      `/data/${odd}`,
    ])
  })

  test('the oldest controllers are told by their JNLP file', () => {
    const agent = { connection: 'jnlpUrl' } as const
    const jnlpUrl = 'http://jenkins.test/ci/computer/linux-1/slave-agent.jnlp'
    expect(run(shell, { agent }).argv.slice(3)).toEqual(['-jnlpUrl', jnlpUrl, '-secret', '@/dev/fd/0'])
  })

  test('an agent that can ends itself after a day without its controller', () => {
    const { argv } = run(shell, { agent: { noReconnectAfter: true }, launch: { remoteFs: '.' } })
    expect(argv.slice(-4)).toEqual(['-workDir', sandbox, '-noReconnectAfter', '1d'])
  })

  test('arguments of the template come last, each as one', () => {
    const { argv } = run(shell, {
      launch: { agentArgs: ['-tunnel', 'h:1', "it's 1"] },
      agent: { noReconnectAfter: true },
    })
    expect(argv.slice(-5)).toEqual(['-noReconnectAfter', '1d', '-tunnel', 'h:1', "it's 1"])
  })

  test.each([
    ['-noReconnect', '-noReconnectAfter', 0],
    ['-noReconnectAfter 2h', '-noReconnectAfter', 1],
  ])('%s of the template is in place of ours', (own, name, count) => {
    const { argv } = run(shell, { launch: { agentArgs: own.split(' ') }, agent: { noReconnectAfter: true } })
    expect(argv.slice(-own.split(' ').length).join(' ')).toBe(own)
    expect(argv.filter((argument) => argument === name)).toHaveLength(count)
  })

  test('another program may be the agent', () => {
    const { argv, stdin } = run(shell, { launch: { command: 'node-agent --once {connection} {unknown}' } })
    expect(argv[0]).toBe('--once')
    expect(argv.at(-1)).toBe('{unknown}')
    expect(stdin).toBe(SECRET)
  })

  test('where Mesos names no sandbox it is where the task starts', () => {
    writeFileSync(join(sandbox, '.secret'), SECRET)
    const env = { PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`, OUT: out }
    const child = spawnSync(shell, ['-c', commandText(launchOf())], {
      cwd: sandbox,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(child.status).toBe(0)
    expect(readFileSync(join(out, 'argv'), 'utf8')).toContain(`${sandbox}/agent.jar`)
  })
})

test('the text never holds the secret', () => {
  for (const viaEnvironment of [true, false]) expect(commandText(launchOf({ viaEnvironment }))).not.toContain(SECRET)
})
