import { expect, test } from '@jest/globals'
import { COMMANDS } from '../../src/cli/commands.ts'
import { helpText } from '../../src/cli/help.ts'
import { plain } from '../../src/cli/terminal/paper.ts'
import { command } from './command.ts'

test.each<[string, readonly string[], string]>([
  ['an unknown command', ['frobnicate'], 'There is no command frobnicate.'],
  ['a word that every object has', ['constructor'], 'There is no command constructor.'],
  ['a command written wrongly', ['chekc'], 'There is no command chekc: maybe check is meant.'],
  [
    'a command written wrongly, behind help',
    ['help', 'mirgate'],
    'There is no command mirgate: maybe migrate is meant.',
  ],
  ['an unknown option', ['start', '--frobnicate'], 'There is no option --frobnicate.'],
  ['an option written wrongly', ['demo', '--one'], 'There is no option --one: maybe once is meant.'],
  ['half a command', ['anchors'], 'anchors create, or anchors remove'],
])('%s is refused with the list of commands', async (_what, args, words) => {
  const { exitCode, err } = command(args)
  expect(await exitCode).toBe(2)
  expect(err.join('\n')).toContain(words)
  expect(err.join('\n')).toContain('embedded-jenkins')
})

test.each<[string, readonly string[], string, string]>([
  ['an option of another command', ['start', '--hosts', '3'], 'start takes no --hosts.', 'start'],
  ['too many words', ['check', 'this'], 'check takes no further words, but got this.', 'check'],
  ['a number that is none', ['embedded-mesos', '--port', 'x'], '--port must be a number, not x.', ''],
  ['a demo without an end', ['demo'], 'call it with --once', 'demo'],
  ['an import of nothing', ['import', '--out', 'x'], 'import needs the file', 'import'],
  ['a Marathon over nothing', ['embedded-marathon'], '--mesos with the URL of a master', 'embedded-marathon'],
  [
    'a Marathon over ZooKeeper',
    ['embedded-marathon', '--mesos', 'zk://a/m'],
    'the URL of a master',
    'embedded-marathon',
  ],
  ['a migration to nowhere', ['migrate', '--from', 'file:x'], 'migrate needs --from and --to', 'migrate'],
])('%s is refused with how the command is called', async (_what, args, words, name) => {
  const { exitCode, err } = command(args)
  expect(await exitCode).toBe(2)
  expect(err.join('\n')).toContain(words)
  if (name !== '') expect(err.join('\n')).toContain(`help ${name} says more`)
})

test.each(Object.keys(COMMANDS))('%s tells its use, options, and examples that are called rightly', async (name) => {
  const asked = command(['help', ...name.split(' ')])
  expect(await asked.exitCode).toBe(0)
  const text = asked.out.join('\n')
  expect(text).toContain(`jenkins-mesos-sidecar ${COMMANDS[name]?.usage ?? ''}`)
  const other = command([...name.split(' '), '--help'])
  expect(await other.exitCode).toBe(0)
  if (name !== 'help') expect(other.out).toEqual(asked.out)
  for (const option of Object.keys(COMMANDS[name]?.options ?? {})) {
    expect(text).toContain(`--${option}`)
    expect(COMMANDS[name]?.usage).toContain(`--${option}`)
  }
})

test('help of anchors is that of both', async () => {
  const { exitCode, out } = command(['anchors', '--help'])
  expect(await exitCode).toBe(0)
  expect(out.join('\n')).toMatch(/anchors create[\s\S]*anchors remove/)
})

test.each([40, 60, 200])('help fits a terminal of %i columns', (columns) => {
  const paper = { columns: () => columns, paint: plain }
  for (const line of helpText(paper).split('\n')) expect(line.length).toBeLessThanOrEqual(columns)
})

test.each([
  [['help'], 'jenkins-mesos-sidecar <command>'],
  [['--help'], 'jenkins-mesos-sidecar <command>'],
  [['--version'], '0.0.0-test'],
])('%j answers', async (args, words) => {
  const { exitCode, out } = command(args)
  expect(await exitCode).toBe(0)
  expect(out.join('\n')).toContain(words)
})

test.each(['start', 'check', 'plan'])('invariant 11: %s names every mistake at once and does nothing', async (name) => {
  const env = {
    JENKINS_URL: 'ftp://x',
    HTTP_PORT: '99999',
    MESOS_MASTER: 'http://127.0.0.1:1',
    POLL_INTERVAL_MS: 'often',
  }
  const { exitCode, err } = command([name], env)
  expect(await exitCode).toBe(2)
  for (const variable of ['JENKINS_URL', 'HTTP_PORT', 'POLL_INTERVAL_MS', 'MESOS_USER']) {
    expect(err.filter((line) => line.startsWith(`- ${variable}`))).toHaveLength(1)
  }
})
