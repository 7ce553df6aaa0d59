import { expect, test } from '@jest/globals'
import { command } from './command.ts'

test.each<[string, readonly string[], string]>([
  ['an unknown command', ['frobnicate'], 'There is no command frobnicate.'],
  ['an unknown option', ['start', '--frobnicate'], "Unknown option '--frobnicate'"],
  ['an option of another command', ['start', '--hosts', '3'], 'start takes no --hosts.'],
  ['too many words', ['check', 'this'], 'check takes no further words, but got this.'],
  ['a number that is none', ['embedded-mesos', '--port', 'x'], '--port must be a number, not x.'],
  ['a demo without an end', ['demo'], 'call it with --once'],
])('%s is refused with the list of commands', async (_what, args, words) => {
  const { exitCode, err } = command(args)
  expect(await exitCode).toBe(2)
  expect(err.join('\n')).toContain(words)
  expect(err.join('\n')).toContain('embedded-jenkins')
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
