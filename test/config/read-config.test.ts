import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Config, ConfigReading } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { Env, IN_FILES, SETTINGS } from '../../src/config/settings.ts'

type Variables = Readonly<Record<string, string>>

function read(variables: Variables, files: Variables = {}): ConfigReading {
  return readConfig(variables, (path) => {
    const text = files[path]
    if (text === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
    return text
  })
}

function configOf(variables: Variables, files: Variables = {}): Config {
  const reading = read(variables, files)
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  return reading.config
}

function mistakesOf(variables: Variables, files: Variables = {}): readonly string[] {
  const reading = read(variables, files)
  return reading.ok ? [] : reading.mistakes
}

/** A real Jenkins and a real Mesos, without a mistake or a warning. */
const REAL: Variables = {
  JENKINS_URL: 'https://ci.example.com/jenkins',
  JENKINS_USER: 'sidecar',
  JENKINS_TOKEN: 'token-1',
  MESOS_MASTER: 'http://m1:5050,m2:5050',
  MESOS_USER: 'jenkins',
  SIDECAR_URL: 'http://host:8091',
  AGENT_LABELS: 'linux',
}

describe('what is read', () => {
  test('nothing given is the demo', () => {
    const config = configOf({})
    expect(config).toMatchObject({
      jenkins: { kind: 'embedded', url: undefined, pollIntervalMs: 2000 },
      mesos: { kind: 'embedded', masters: [], roles: ['*'], failoverTimeoutSeconds: 604_800 },
      state: { kind: 'file', folder: '.state' },
      stateFolder: '.state',
      caps: { maxAgents: 50, maxCpus: undefined, maxMem: undefined },
      http: { host: '127.0.0.1', port: 8090, tokens: [] },
      agentHttp: { host: '127.0.0.1', port: 8091, sidecarUrl: undefined },
      shutdownPolicy: 'kill',
      stay: false,
      dryRun: false,
      logLevel: 'info',
    })
    expect(config.templates).toMatchObject([
      {
        name: 'demo',
        labels: ['mesos'],
        idleTimeoutMs: 30_000,
        launch: { command: `sh -c 'cp "$0" agent.mjs && exec node agent.mjs "$@"' {jar} {connection}` },
      },
    ])
  })

  test('a real Jenkins and a real Mesos', () => {
    const reading = read(REAL)
    expect(reading).toMatchObject({ ok: true, warnings: [] })
    const config = configOf(REAL)
    expect(config).toMatchObject({
      jenkins: { kind: 'url', url: 'https://ci.example.com/jenkins/', agentUrl: undefined, user: 'sidecar' },
      mesos: { kind: 'masters', masters: ['http://m1:5050', 'http://m2:5050'], user: 'jenkins' },
      agentHttp: { host: '0.0.0.0', sidecarUrl: 'http://host:8091/' },
      shutdownPolicy: 'leave',
    })
    expect(config.jenkins.token?.reveal()).toBe('token-1')
  })

  const settings: readonly [Variables, object][] = [
    [{ MESOS_MASTER: 'https://m1:5050, http://m2:80' }, { mesos: { masters: ['https://m1:5050', 'http://m2'] } }],
    [{ MESOS_MASTER: 'http://[::1]:5050' }, { mesos: { masters: ['http://[::1]:5050'] } }],
    [{ MESOS_ROLES: 'ci, ci/builds,ci' }, { mesos: { roles: ['ci', 'ci/builds'] }, templates: [{ role: 'ci' }] }],
    [{ STATE_URL: 'file:/var/lib/x' }, { stateFolder: '/var/lib/x' }],
    [{ STATE_URL: 'file:///var/lib/x y' }, { stateFolder: '/var/lib/x y' }],
    [{ MAX_CPUS: '2.5', MAX_MEM_MIB: '4096' }, { caps: { maxCpus: 2500, maxMem: 4_096_000 } }],
    [{ MARATHON_APP_ID: '/ci' }, { stay: true }],
    [{ MARATHON_APP_ID: '/ci', STAY: 'false' }, { stay: false }],
    [
      { DRY_RUN: 'true', LOG_LEVEL: 'debug', SHUTDOWN_POLICY: 'drain' },
      { dryRun: true, logLevel: 'debug', shutdownPolicy: 'drain' },
    ],
    [
      { API_TOKEN: '', LOG_LEVEL: ' ' },
      { http: { tokens: [] }, logLevel: 'info' },
    ],
    [{ JENKINS_AGENT_URL: 'http://inside:8080' }, { jenkins: { agentUrl: 'http://inside:8080/' } }],
  ]
  test.each(settings)('%j', (variables, expected) => {
    expect(configOf({ ...REAL, ...variables })).toMatchObject(expected)
  })

  test('a secret from a file, without its line break', () => {
    const { JENKINS_TOKEN: _, ...rest } = REAL
    const config = configOf({ ...rest, JENKINS_TOKEN_FILE: '/run/token' }, { '/run/token': 'token-2\n' })
    expect(config.jenkins.token?.reveal()).toBe('token-2')
    expect(read({ ...rest, JENKINS_TOKEN_FILE: '/run/token' }, { '/run/token': 'token-2' }).files).toEqual([
      '/run/token',
    ])
  })
})

describe('invariant 11: every mistake is named, and what to do', () => {
  const cases: readonly [string, Variables, RegExp][] = [
    ['a number that is none', { POLL_INTERVAL_MS: 'soon' }, /^POLL_INTERVAL_MS must be a whole number\.$/],
    ['a number out of range', { HTTP_PORT: '70000' }, /^HTTP_PORT must be 65535 or less\.$/],
    ['an unknown word', { SHUTDOWN_POLICY: 'stop' }, /^SHUTDOWN_POLICY must be one of leave, drain, kill\.$/],
    ['a yes that is no boolean', { DRY_RUN: 'yes' }, /^DRY_RUN must be true or false\.$/],
    ['no address', { JENKINS_URL: 'ci:8080' }, /^JENKINS_URL must be an address that begins with http/],
    ['an address with a password', { JENKINS_URL: 'http://u:hunter2@ci' }, /^JENKINS_URL holds a user or a password/],
    ['one with a slash in it', { JENKINS_URL: 'http://u:/hunter2@ci' }, /^JENKINS_URL holds a user or a password/],
    [
      'one that begins like a port',
      { JENKINS_URL: 'http://u:1/hunter2@ci' },
      /^JENKINS_URL holds a user or a password/,
    ],
    ['an address with a query', { SIDECAR_URL: 'http://h/?a' }, /^SIDECAR_URL must end with the path/],
    ['another state', { STATE_URL: '/var/lib' }, /^STATE_URL must be file: and a folder/],
    ['a file on another host', { STATE_URL: 'file://host/x' }, /^STATE_URL must be file:/],
    ['masters without a scheme', { MESOS_MASTER: 'a:5050' }, /^MESOS_MASTER must be zk:.*http:\/\/host:5050/],
    ['a master with a path', { MESOS_MASTER: 'http://a/mesos' }, /^MESOS_MASTER must be the master itself/],
    ['a hole in the masters', { MESOS_MASTER: 'http://a:5050,,b' }, /^MESOS_MASTER must be/],
    ['a role that Mesos refuses', { MESOS_ROLES: 'ci,-x' }, /^MESOS_ROLES must be \* or names/],
    ['no user for the tasks', { MESOS_USER: '' }, /^MESOS_USER is missing/],
    ['no way for the secrets', { SIDECAR_URL: '' }, /^SIDECAR_URL is missing.*AGENT_SECRET_VIA/],
    ['a user without token', { JENKINS_TOKEN: '' }, /^JENKINS_TOKEN \(or JENKINS_TOKEN_FILE\) is missing/],
    ['a token without user', { JENKINS_USER: '' }, /^JENKINS_USER is missing/],
    ['a token twice', { JENKINS_TOKEN_FILE: '/x' }, /^JENKINS_TOKEN and JENKINS_TOKEN_FILE are both given/],
    ['a token in two lines', { JENKINS_TOKEN: 'a\nb' }, /^JENKINS_TOKEN holds a space, a line break/],
    ['a secret file that is missing', { API_TOKEN_FILE: '/none' }, /^API_TOKEN_FILE cannot be read: ENOENT.*\/none/],
    ['a secret file that is empty', { API_TOKEN_FILE: '/empty' }, /^API_TOKEN_FILE names a file that is empty/],
    ['no template', { AGENT_LABELS: '' }, /^No template is given.*AGENT_LABELS=linux.*templates: \{ linux:/],
    ['templates from two places', { TEMPLATES: 'templates: {a: {}}' }, /^Templates come from more than one place/],
    ['two listeners on one port', { HTTP_PORT: '8091' }, /^HTTP_PORT and AGENT_HTTP_PORT are the same/],
    ['too few CPUs', { AGENT_CPUS: '0' }, /^AGENT_CPUS must be more than 0\.$/],
  ]
  test.each(cases)('%s', (_, variables, expected) => {
    expect(mistakesOf({ ...REAL, ...variables }, { '/empty': '\n' })).toEqual([expect.stringMatching(expected)])
  })

  test('many at once, in one reading', () => {
    const mistakes = mistakesOf({ ...REAL, POLL_INTERVAL_MS: 'x', STATE_URL: 'x', MESOS_USER: '', LOG_LEVEL: 'loud' })
    expect(mistakes.map((mistake) => mistake.split(' ')[0]).sort()).toEqual([
      'LOG_LEVEL',
      'MESOS_USER',
      'POLL_INTERVAL_MS',
      'STATE_URL',
    ])
  })

  test('invariant 12: with mistakes there is still where to listen, and whether to stay', () => {
    const reading = read({ HTTP_HOST: '0.0.0.0', HTTP_PORT: '9000', STAY: 'true', LOG_LEVEL: 'loud' })
    expect(reading).toMatchObject({
      ok: false,
      fallback: { http: { host: '0.0.0.0', port: 9000 }, stay: true, logLevel: 'info' },
    })
  })
})

describe('warnings', () => {
  const cases: readonly [string, Variables, RegExp][] = [
    [
      'Jenkins on loopback',
      { JENKINS_URL: 'http://127.0.0.1:8080' },
      /^JENKINS_URL is an address of this machine only/,
    ],
    ['agents sent to loopback', { JENKINS_AGENT_URL: 'http://localhost' }, /^JENKINS_AGENT_URL is an address of this/],
    ['hosts sent to loopback', { SIDECAR_URL: 'http://[::1]:8091' }, /^SIDECAR_URL is an address of this machine only/],
    ['an open API', { HTTP_HOST: '0.0.0.0' }, /^API_TOKEN is not given although HTTP_HOST/],
    ['no login', { JENKINS_USER: '', JENKINS_TOKEN: '' }, /^JENKINS_USER and JENKINS_TOKEN are not given/],
    ['a visible secret', { AGENT_SECRET_VIA: 'environment' }, /^AGENT_SECRET_VIA: environment shows the secret/],
    [
      'a misspelled setting',
      { MESOS_ROLE: 'ci' },
      /^MESOS_ROLE is not a setting and was ignored; did you mean MESOS_ROLES/,
    ],
  ]
  test.each(cases)('%s', (_, variables, expected) => {
    expect(read({ ...REAL, ...variables })).toMatchObject({ ok: true, warnings: [expect.stringMatching(expected)] })
  })

  test('variables of others are left alone', () => {
    const others = {
      JENKINS_HOME: '/x',
      MESOS_SANDBOX: '/x',
      MESOS_TASK_ID: 'x',
      PATH: '/bin',
      JENKINS_UC: 'x',
      MESOS_ALLOCATION_ROLE: 'x',
    }
    expect(read({ ...REAL, ...others }).warnings).toEqual([])
  })

  test('a loopback Jenkins is fine for an embedded Mesos', () => {
    const { MESOS_MASTER: _, ...rest } = REAL
    expect(read({ ...rest, JENKINS_URL: 'http://localhost:8080' }).warnings).toEqual([])
  })
})

describe('for every input', () => {
  const name = fc.constantFrom(...SETTINGS.map((setting) => setting.name))
  const nasty = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'embedded',
      'zk://',
      'http://',
      'file:',
      '{',
      'templates: {a: *b}',
      '&a [*a]',
      '-1',
      '1e999',
      'true',
    ),
    fc.json(),
  )

  test('invariant 11: garbage never throws; it is a frozen configuration or a list of mistakes', () => {
    fc.assert(
      fc.property(fc.dictionary(name, nasty), nasty, (variables, file) => {
        const reading = readConfig(variables, () => file)
        if (reading.ok) expect(thawed(reading.config)).toEqual([])
        else expect(reading.mistakes.length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })

  test('invariant 10: no message, and nothing printed, holds the value of a secret', () => {
    const secret = fc
      .string({ minLength: 12, unit: fc.constantFrom('Q', 'X', 'Z', 'q', ' ', '\n', '"', '\\', 'é') })
      .filter((s) => s.trim().length > 10)
    const variables = fc.record({
      JENKINS_URL: fc.constantFrom('http://ci', 'embedded', 'bad'),
      JENKINS_USER: fc.constantFrom('', 'user'),
      JENKINS_TOKEN_FILE: fc.constantFrom('', '/file'),
      HTTP_PORT: fc.constantFrom('1', 'x'),
    })
    fc.assert(
      fc.property(variables, secret, secret, secret, (others, token, api, file) => {
        const reading = readConfig({ ...others, JENKINS_TOKEN: token, API_TOKEN: api }, () => file)
        const text = JSON.stringify(reading)
        for (const value of [token, api, file]) expect(text).not.toContain(JSON.stringify(value.trim()).slice(1, -1))
      }),
    )
  })
})

/** Paths of objects that can still be changed. */
function thawed(value: unknown, path = 'config'): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const below = Object.entries(value).flatMap(([key, each]) => thawed(each, `${path}.${key}`))
  return Object.isFrozen(value) ? below : [path, ...below]
}

describe('SETTINGS', () => {
  test('has a row with a description for every variable, and one for the file of each that may hold a secret', () => {
    expect(SETTINGS.map((setting) => setting.name).sort()).toEqual(
      [...Object.keys(Env.properties), ...IN_FILES.map((name) => `${name}_FILE`)].sort(),
    )
    expect(SETTINGS.filter(({ description }) => description === '')).toEqual([])
    expect(SETTINGS.find((setting) => setting.name === 'HTTP_PORT')?.default).toBe('8090')
    expect(SETTINGS.find((setting) => setting.name === 'STAY')?.default).toBe('true under Marathon, else false')
  })
})
