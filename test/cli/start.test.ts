import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { request } from 'undici'
import { firstXml, TEMPLATE } from '../config/import/plugin-xml.ts'
import { type Command, command, freePort } from './command.ts'

/** The program looks at its files every two seconds, and this machine may be busy. */
jest.setTimeout(30_000)

let folder: string
let running: Command | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sidecar-start-'))
})

afterEach(async () => {
  running?.stop()
  await running?.exitCode
  running = undefined
  rmSync(folder, { recursive: true, force: true })
})

/** Jenkins and Mesos of this configuration do not exist. */
async function deadWorld(over: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
  const dead = `http://127.0.0.1:${await freePort()}`
  return {
    JENKINS_URL: dead,
    JENKINS_USER: 'sidecar',
    JENKINS_TOKEN: 'SECRETTOKEN4711',
    MESOS_MASTER: dead,
    MESOS_USER: 'nobody',
    SIDECAR_URL: 'http://127.0.0.1:1',
    AGENT_HTTP_PORT: '0',
    AGENT_HTTP_HOST: '127.0.0.1',
    HTTP_PORT: String(await freePort()),
    STATE_URL: `file:${join(folder, 'state')}`,
    TEMPLATES_FILE: join(folder, 'templates.yaml'),
    LOG_LEVEL: 'fatal',
    ...over,
  }
}

interface Answer {
  readonly status: number
  readonly text: string
}

const LOOKS_MS = 20

/** Asks until it answers as wanted. */
async function ask(
  env: Readonly<Record<string, string>>,
  path: string,
  wanted: (answer: Answer) => boolean,
): Promise<Answer> {
  const end = performance.now() + 20_000
  for (;;) {
    const answer = await askOnce(env, path)
    if (answer !== undefined && wanted(answer)) return answer
    await setTimeout(LOOKS_MS) // asking all the time would keep the program from its work
    if (performance.now() > end) throw new Error(`${path} did not answer as wanted: ${answer?.text ?? 'refused'}`)
  }
}

async function askOnce(env: Readonly<Record<string, string>>, path: string): Promise<Answer | undefined> {
  try {
    const { statusCode, body } = await request(`http://127.0.0.1:${env['HTTP_PORT'] ?? ''}${path}`)
    return { status: statusCode, text: await body.text() }
  } catch {
    return undefined // not listening at this moment
  }
}

const GOOD = 'templates:\n  linux:\n    labels: [linux]\n'

test('invariant 12: with a bad configuration it stays up in a pod, says what is wrong, and goes on once it is mended', async () => {
  const env = await deadWorld({ MARATHON_APP_ID: '/ci/jenkins' })
  writeFileSync(env['TEMPLATES_FILE'] ?? '', 'templates:\n  linux:\n    lables: [linux]\n')
  running = command([], env)
  const misconfigured = await ask(env, '/health/ready', ({ text }) => text.includes('misconfigured'))
  expect(misconfigured.status).toBe(503)
  expect(misconfigured.text).toContain('maybe labels is meant')
  expect(await ask(env, '/health/live', () => true)).toMatchObject({ status: 200 })
  expect((await ask(env, '/', () => true)).text).toContain('maybe labels is meant')
  writeFileSync(env['TEMPLATES_FILE'] ?? '', GOOD)
  const starting = await ask(env, '/health/ready', ({ text }) => text.includes('connection refused'))
  expect(starting.status).toBe(503)
})

test('invariant 12: it runs without Jenkins and without Mesos, and says so', async () => {
  const env = await deadWorld()
  writeFileSync(env['TEMPLATES_FILE'] ?? '', GOOD)
  running = command([], env)
  const ready = await ask(env, '/health/ready', ({ text }) => text.includes('connection refused'))
  expect(ready.status).toBe(503)
  expect(await ask(env, '/health/live', () => true)).toMatchObject({ status: 200 })
  const state = await ask(env, '/api/v1/state', ({ text }) => text.includes('no answer'))
  expect(JSON.parse(state.text)).toMatchObject({ jenkins: { reachable: false }, mesos: { subscribed: false } })
  running.stop()
  expect(await running.exitCode).toBe(0)
})

test('invariant 10: the token shows in no answer', async () => {
  const env = await deadWorld()
  writeFileSync(env['TEMPLATES_FILE'] ?? '', GOOD)
  running = command([], env)
  await ask(env, '/health/ready', ({ text }) => text.includes('connection refused'))
  for (const path of ['/', '/metrics', '/api/v1/state', '/health/ready']) {
    expect((await ask(env, path, () => true)).text).not.toContain('SECRETTOKEN4711')
  }
  expect(running.err.join('\n')).not.toContain('SECRETTOKEN4711')
})

test('a port that is taken: one sentence, and exit code 1', async () => {
  const env = await deadWorld()
  writeFileSync(env['TEMPLATES_FILE'] ?? '', GOOD)
  const other = createServer()
  other.listen(Number(env['HTTP_PORT']), '127.0.0.1')
  await once(other, 'listening')
  const { exitCode, err } = command([], env)
  expect(await exitCode).toBe(1)
  expect(err.join('\n')).toMatch(
    /Cannot start: port \d+ is taken by another program: set HTTP_PORT to another one, or to 0/,
  )
  other.close()
})

test.each(['HTTP_HOST', 'AGENT_HTTP_HOST'])('an address that this machine has not: %s is named', async (name) => {
  const env = await deadWorld({ [name]: '203.0.113.7', API_TOKEN: 'a-token-of-more-than-thirty-two-letters' })
  writeFileSync(env['TEMPLATES_FILE'] ?? '', GOOD)
  const { exitCode, err } = command([], env)
  expect(await exitCode).toBe(1)
  expect(err.join('\n')).toContain(
    `Cannot start: 203.0.113.7 is no address of this machine: set ${name} to one of its own`,
  )
})

test('a state folder that cannot be made: the folder, and the setting that names another', async () => {
  const env = await deadWorld({ STATE_URL: `file:${join(folder, 'file', 'state')}` })
  writeFileSync(env['TEMPLATES_FILE'] ?? '', GOOD)
  writeFileSync(join(folder, 'file'), '')
  const { exitCode, err } = command([], env)
  expect(await exitCode).toBe(1)
  expect(err.join('\n')).toMatch(/Cannot start: the state cannot be kept in the folder .*file\/state: .*STATE_URL/)
})

test('invariant 12: in a pod it stays up while another one has the state, says so, and starts once that one is gone', async () => {
  const env = await deadWorld()
  writeFileSync(env['TEMPLATES_FILE'] ?? '', GOOD)
  const first = command([], env)
  await ask(env, '/health/live', () => true)
  const next = { ...env, STAY: 'true', HTTP_PORT: String(await freePort()) }
  running = command([], next)
  const waiting = await ask(next, '/health/ready', ({ text }) => text.includes('cannot_start'))
  expect(waiting).toMatchObject({ status: 503, text: expect.stringContaining('is using this state') })
  expect((await ask(next, '/', () => true)).text).toContain('it cannot start, and tries again')
  first.stop()
  expect(await first.exitCode).toBe(0)
  await ask(next, '/health/ready', ({ text }) => text.includes('connection refused'))
  expect(running.err.filter((line) => line.startsWith('Cannot start'))).toHaveLength(1)
})

test('invariant 12: in a pod a port that is taken does not end it', async () => {
  const env = await deadWorld({ STAY: 'true' })
  writeFileSync(env['TEMPLATES_FILE'] ?? '', GOOD)
  const other = createServer()
  other.listen(Number(env['HTTP_PORT']), '127.0.0.1')
  await once(other, 'listening')
  running = command([], env)
  const deadline = performance.now() + 20_000
  while (running.err.length === 0 && performance.now() < deadline) await new Promise(setImmediate)
  expect(running.err.join('\n')).toMatch(
    /Cannot start: port \d+ is taken by another program: set HTTP_PORT to another one, or to 0/,
  )
  other.close()
  await ask(env, '/health/ready', ({ text }) => text.includes('connection refused'))
})

test('invariant 12: it waits for the configuration of Jenkins in a new pod, and follows its changes', async () => {
  const path = join(folder, 'config.xml')
  const { TEMPLATES_FILE: _, MESOS_USER: __, ...rest } = await deadWorld({ STAY: 'true', JENKINS_CONFIG_XML: path })
  running = command([], rest)
  const missing = await ask(rest, '/health/ready', ({ text }) => text.includes('misconfigured'))
  expect(missing.text).toContain('JENKINS_CONFIG_XML cannot be used: ENOENT')
  writeFileSync(path, firstXml([TEMPLATE]))
  await ask(rest, '/api/v1/state', ({ text }) => text.includes('"mesos"'))
  writeFileSync(path, firstXml([TEMPLATE, { ...TEMPLATE, labelString: 'second' }]))
  await ask(rest, '/api/v1/state', ({ text }) => text.includes('"second"'))
  writeFileSync(path, firstXml([TEMPLATE]).slice(0, 300))
  const state = await ask(rest, '/api/v1/state', ({ text }) => text.includes('JENKINS_CONFIG_XML cannot be used'))
  expect(state.text).toContain('"second"')
})

test('a second one on the same state is refused while the first lives', async () => {
  const env = await deadWorld()
  writeFileSync(env['TEMPLATES_FILE'] ?? '', GOOD)
  running = command([], env)
  await ask(env, '/health/live', () => true)
  const second = command([], { ...env, HTTP_PORT: String(await freePort()) })
  expect(await second.exitCode).toBe(1)
  expect(second.err.join('\n')).toContain('Cannot start')
})
