import { afterEach, expect, test } from '@jest/globals'
import { type Command, command, freePort } from './command.ts'

let running: Command | undefined

afterEach(async () => {
  running?.stop()
  await running?.exitCode
  running = undefined
})

/** A sidecar as in a pod: it answers, and its configuration has a mistake. */
const STAYING = { STAY: 'true', MAX_AGENTS: '0', LOG_LEVEL: 'fatal' }

/** What the command says once the sidecar listens. */
async function askUntilAlive(args: readonly string[], env: Readonly<Record<string, string>>) {
  running = command(['start'], env)
  for (;;) {
    const { exitCode, out, err } = command(args, env)
    const code = await exitCode
    if (out.length > 0) return { code, said: out.join('\n') }
    expect([code, err.join('\n')]).toEqual([1, expect.stringContaining('does not answer')])
  }
}

test.each<[string, Record<string, string>, string]>([
  ['on loopback', {}, 'http://127.0.0.1:PORT/health/live answers 200: {"status":"ok"}'],
  ['on every address', { HTTP_HOST: '0.0.0.0' }, 'http://127.0.0.1:PORT/health/live answers 200'],
  ['on every address of both kinds', { HTTP_HOST: '::' }, 'http://[::1]:PORT/health/live answers 200'],
  ['on one of IPv6', { HTTP_HOST: '::1' }, 'http://[::1]:PORT/health/live answers 200'],
  [
    'behind a proxy',
    { PUBLIC_URL: 'https://ci.example.com/sidecar/' },
    'http://127.0.0.1:PORT/health/live answers 200',
  ],
  [
    'with a certificate for another name',
    { HTTP_TLS_CERT_FILE: 'test/fixtures/tls/elsewhere.pem', HTTP_TLS_KEY_FILE: 'test/fixtures/tls/elsewhere.key' },
    'https://127.0.0.1:PORT/health/live answers 200',
  ],
])('health finds the sidecar %s', async (_where, env, expected) => {
  const port = String(await freePort())
  const { code, said } = await askUntilAlive(['health'], { ...STAYING, HTTP_PORT: port, ...env })
  expect([code, said]).toEqual([0, expect.stringContaining(expected.replace('PORT', port))])
})

test('invariant 12: with a mistake in the configuration it is alive, and not ready', async () => {
  const env = { ...STAYING, HTTP_PORT: String(await freePort()) }
  const { code, said } = await askUntilAlive(['health', '--ready'], env)
  expect([code, said]).toEqual([1, expect.stringContaining('answers 503: {"status":"misconfigured"')])
})

test('health says where nobody answers', async () => {
  const port = await freePort()
  const { exitCode, err } = command(['health'], { HTTP_PORT: String(port) })
  expect(await exitCode).toBe(1)
  expect(err.join('\n')).toContain(`http://127.0.0.1:${port}/health/live does not answer: connect ECONNREFUSED`)
})
