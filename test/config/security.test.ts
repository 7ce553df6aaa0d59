import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Config, ConfigReading } from '../../src/config/config.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { Env, IN_FILES } from '../../src/config/settings.ts'

type Variables = Readonly<Record<string, string>>

const tls = (name: string): string => readFileSync(`test/fixtures/tls/${name}`, 'utf8')
const NOW = Date.parse('2026-06-01T00:00:00Z')
const KEY = tls('rsa-pkcs8.key')
const ACCOUNT = {
  scheme: 'RS256',
  uid: 'jenkins-account',
  login_endpoint: 'https://leader.mesos/acs/api/v1/auth/login',
  private_key: KEY,
}
const account = (changes: object): string => JSON.stringify({ ...ACCOUNT, ...changes })

function read(variables: Variables, files: Variables = {}): ConfigReading {
  const readFile = (path: string): string => {
    const text = files[path]
    if (text !== undefined) return text
    if (path.startsWith('/tls/')) return tls(path.slice(5))
    throw new Error(`ENOENT: no such file or directory, open '${path}'`)
  }
  return readConfig(variables, readFile, NOW)
}

function configOf(variables: Variables, files: Variables = {}): Config {
  const reading = read(variables, files)
  if (!reading.ok) throw new Error(reading.mistakes.join('\n'))
  return reading.config
}

const REAL: Variables = {
  JENKINS_URL: 'https://ci.example.com/jenkins',
  JENKINS_USER: 'sidecar',
  JENKINS_TOKEN: 'token-1',
  MESOS_MASTER: 'https://m1:5050,m2:5050',
  MESOS_USER: 'jenkins',
  SIDECAR_URL: 'http://host:8091',
  AGENT_LABELS: 'linux',
}

describe('what is read', () => {
  test('masters over ZooKeeper, the state in ZooKeeper', () => {
    const config = configOf({
      ...REAL,
      MESOS_MASTER: 'zk://mesos:p@ss:w/rd@a,b:2182,[::1]:2183,a:2181/mesos/',
      STATE_URL: 'zk://a:2181/sidecar',
    })
    expect(config).toMatchObject({
      mesos: {
        kind: 'zookeeper',
        masters: [],
        scheme: 'http',
        ensemble: {
          servers: [
            { host: 'a', port: 2181 },
            { host: 'b', port: 2182 },
            { host: '::1', port: 2183 },
          ],
          path: '/mesos',
        },
        credentials: { kind: 'none', principal: undefined },
        tls: undefined,
      },
      state: { kind: 'zookeeper', ensemble: { path: '/sidecar', auth: undefined } },
      stateFolder: '.state',
      zookeeperTls: undefined,
    })
    expect(config.mesos.ensemble?.auth?.reveal()).toBe('mesos:p@ss:w/rd')
  })

  test('addresses from files, as they may hold a password', () => {
    const { MESOS_MASTER: _, ...rest } = REAL
    const config = configOf(
      { ...rest, MESOS_MASTER_FILE: '/m', STATE_URL_FILE: '/s' },
      { '/m': 'zk://u:p@a/mesos\n', '/s': 'file:/var/lib/x\n' },
    )
    expect(config).toMatchObject({ mesos: { kind: 'zookeeper' }, state: { kind: 'file', folder: '/var/lib/x' } })
  })

  const schemes: readonly [Variables, 'http' | 'https'][] = [
    [{ MESOS_MASTER: 'http://m1:5050' }, 'http'],
    [{ MESOS_MASTER: 'https://m1:5050' }, 'https'],
    [{ MESOS_MASTER: 'https://m1:5050', MESOS_TLS: 'false' }, 'http'],
    [{ MESOS_MASTER: 'zk://a/mesos' }, 'http'],
    [{ MESOS_MASTER: 'zk://a/mesos', MESOS_TLS: 'true' }, 'https'],
    [{ MESOS_MASTER: 'zk://a/mesos', MESOS_CA_FILE: '/tls/ca.pem' }, 'https'],
  ]
  test.each(schemes)('hosts and masters of %j are called with %s', (variables, scheme) => {
    expect(configOf({ ...REAL, ...variables }).mesos.scheme).toBe(scheme)
  })

  test('principal and secret; a secret may hold spaces', () => {
    const { credentials } = configOf({ ...REAL, MESOS_PRINCIPAL: 'ci', MESOS_SECRET: 'two words' }).mesos
    expect(credentials).toMatchObject({ kind: 'basic', principal: 'ci' })
    expect(credentials.kind === 'basic' && credentials.secret.reveal()).toBe('two words')
  })

  test.each([
    ['inline', account({}), {}],
    ['by address', 'file:///run/my%20account', { '/run/my account': account({}) }],
    ['with a key of the older form', account({ private_key: tls('rsa-pkcs1.key') }), {}],
  ])('a service account %s', (_, value, files) => {
    const { credentials } = configOf({ ...REAL, DCOS_SERVICE_ACCOUNT_CREDENTIAL: value }, files).mesos
    expect(credentials.kind === 'dcos' && JSON.parse(credentials.account.reveal())).toMatchObject({ uid: ACCOUNT.uid })
  })

  test('a service account by file, which is watched', () => {
    const reading = read(
      { ...REAL, DCOS_SERVICE_ACCOUNT_CREDENTIAL_FILE: '/run/account' },
      { '/run/account': account({}) },
    )
    expect(reading).toMatchObject({ ok: true, warnings: [], files: ['/run/account'] })
  })

  test('certificates of all three, with the files watched', () => {
    const reading = read({
      ...REAL,
      STATE_URL: 'zk://a/sidecar',
      JENKINS_CA_FILE: '/tls/ca.pem',
      MESOS_CA_FILE: '/tls/other-ca.pem',
      MESOS_CLIENT_CERT_FILE: '/tls/client.pem',
      MESOS_CLIENT_KEY_FILE: '/tls/client.key',
      ZOOKEEPER_CA_FILE: '/tls/ca.pem',
    })
    expect(reading).toMatchObject({
      ok: true,
      warnings: [],
      files: ['/tls/ca.pem', '/tls/other-ca.pem', '/tls/client.pem', '/tls/client.key'],
      config: {
        jenkins: { tls: { ca: tls('ca.pem'), cert: undefined, key: undefined } },
        mesos: { tls: { ca: tls('other-ca.pem'), cert: tls('client.pem') } },
        zookeeperTls: { ca: tls('ca.pem') },
      },
    })
    expect(reading.ok && reading.config.mesos.tls?.key?.reveal()).toBe(tls('client.key'))
  })
})

describe('invariant 11: every mistake is named, and what to do', () => {
  const zk = (url: string): Variables => ({ MESOS_MASTER: url })
  const dcos = (value: string): Variables => ({ DCOS_SERVICE_ACCOUNT_CREDENTIAL: value })
  const cases: readonly [string, Variables, RegExp][] = [
    ['masters without a path', zk('zk://a:2181'), /^MESOS_MASTER: the path at the end is missing/],
    ['masters without servers', zk('zk:///mesos'), /^MESOS_MASTER: server number 1 is not host:port/],
    ['half an address', zk('zk:a:2181/mesos'), /^MESOS_MASTER must be zk:\/\/ and servers/],
    ['a hole among the servers', zk('zk://a,,b/mesos'), /^MESOS_MASTER: server number 2 is not host:port/],
    ['a port out of range', zk('zk://a:70000/mesos'), /^MESOS_MASTER: server number 1 is not host:port/],
    ['the path behind each server', zk('zk://a:2181/mesos,b:2181/mesos'), /^MESOS_MASTER: the path stands once/],
    ['a user without a password', zk('zk://u@a/mesos'), /^MESOS_MASTER: what stands before @ must be user:password/],
    ['a path with a hole', zk('zk://a/x//y'), /^MESOS_MASTER: the path must be names/],
    ['a path of ZooKeeper', { STATE_URL: 'zk://a/zookeeper/x' }, /^STATE_URL: the path must not be below/],
    ['the state at the root', { STATE_URL: 'zk://a/' }, /^STATE_URL: the state needs a path of its own/],
    [
      'the state among the masters',
      { ...zk('zk://a/mesos'), STATE_URL: 'zk://b,a/mesos' },
      /^STATE_URL and MESOS_MASTER name the same path/,
    ],
    ['an address and its file', { MESOS_MASTER_FILE: '/m' }, /^MESOS_MASTER and MESOS_MASTER_FILE are both given/],
    ['a secret of nobody', { MESOS_SECRET: 'x' }, /^MESOS_PRINCIPAL is missing/],
    ['a secret with a colon', { MESOS_PRINCIPAL: 'ci', MESOS_SECRET: 'a:b' }, /^MESOS_SECRET holds a colon.*can never/],
    [
      'a principal with a colon',
      { MESOS_PRINCIPAL: 'a:b', MESOS_SECRET: 'x' },
      /^MESOS_PRINCIPAL must not hold a colon/,
    ],
    [
      'two ways to log in',
      { ...dcos(account({})), MESOS_PRINCIPAL: ACCOUNT.uid, MESOS_SECRET: 'x' },
      /^MESOS_SECRET and DCOS_SERVICE_ACCOUNT_CREDENTIAL are both given/,
    ],
    ['another principal than the account', { ...dcos(account({})), MESOS_PRINCIPAL: 'x' }, /^MESOS_PRINCIPAL differs/],
    ['an account that is no JSON', dcos('{'), /^DCOS_SERVICE_ACCOUNT_CREDENTIAL must be the JSON of a service account/],
    ['an account without name', dcos(account({ uid: '' })), /CREDENTIAL has no uid/],
    ['an account without login', dcos(account({ login_endpoint: 'leader.mesos' })), /has no login_endpoint such as/],
    ['an account of another kind', dcos(account({ scheme: 'HS256' })), /another scheme than RS256/],
    ['an account without key', dcos(account({ private_key: 'x' })), /has no private_key in PEM form/],
    ['an account with half a key', dcos(account({ private_key: KEY.slice(0, 90) })), /private_key is no RSA key/],
    ['an account with an EC key', dcos(account({ private_key: tls('client.key') })), /private_key is no RSA key/],
    ['an account in no file', dcos('file:///none'), /CREDENTIAL: its file cannot be read: ENOENT/],
    ['an account on another host', dcos('file://host/x'), /the address of its file must be file:\/\/\//],
    ['an authority in no file', { MESOS_CA_FILE: '/none' }, /^MESOS_CA_FILE cannot be read: ENOENT.*none/],
    ['an authority without certificate', { JENKINS_CA_FILE: '/text' }, /^JENKINS_CA_FILE holds no certificate in PEM/],
    ['a damaged certificate', { MESOS_CA_FILE: '/damaged' }, /^MESOS_CA_FILE: certificate number 2 of 2 is damaged/],
    ['a key as authority', { MESOS_CA_FILE: '/tls/client.key' }, /^MESOS_CA_FILE holds a private key/],
    ['a certificate without key', { MESOS_CLIENT_CERT_FILE: '/tls/client.pem' }, /^MESOS_CLIENT_KEY_FILE is missing/],
    [
      'a key without certificate',
      { JENKINS_CLIENT_KEY_FILE: '/tls/client.key' },
      /^JENKINS_CLIENT_CERT_FILE is missing/,
    ],
    [
      'the key of another certificate',
      { MESOS_CLIENT_CERT_FILE: '/tls/client.pem', MESOS_CLIENT_KEY_FILE: '/tls/server.key' },
      /^MESOS_CLIENT_KEY_FILE does not belong to the certificate/,
    ],
    [
      'a key with a passphrase',
      { MESOS_CLIENT_CERT_FILE: '/tls/client.pem', MESOS_CLIENT_KEY_FILE: '/tls/encrypted.key' },
      /^MESOS_CLIENT_KEY_FILE is protected by a passphrase/,
    ],
    [
      'a certificate as key',
      { MESOS_CLIENT_CERT_FILE: '/tls/client.pem', MESOS_CLIENT_KEY_FILE: '/tls/client.pem' },
      /^MESOS_CLIENT_KEY_FILE holds no private key/,
    ],
  ]
  const files = {
    '/text': 'no certificate\n',
    '/damaged': tls('ca.pem') + tls('other-ca.pem').replace(/MII.{20}/, 'MIIxxxxxxxxxxxxxxxxxxxx'),
  }
  test.each(cases)('%s', (_, variables, expected) => {
    const reading = read({ ...REAL, ...variables }, files)
    expect(reading.ok ? [] : reading.mistakes).toEqual([expect.stringMatching(expected)])
  })
})

describe('warnings', () => {
  const basic = { MESOS_PRINCIPAL: 'ci', MESOS_SECRET: 'x' }
  const cases: readonly [string, Variables, RegExp][] = [
    ['a secret in clear', { ...basic, MESOS_MASTER: 'http://m:5050' }, /^MESOS_SECRET travels in clear/],
    [
      'a secret in clear behind ZooKeeper',
      { ...basic, MESOS_MASTER: 'zk://a/mesos' },
      /^MESOS_SECRET travels in clear/,
    ],
    ['a token in clear', { JENKINS_URL: 'http://ci' }, /^JENKINS_TOKEN travels in clear/],
    ['a principal that proves nothing', { MESOS_PRINCIPAL: 'ci' }, /^MESOS_PRINCIPAL is given without MESOS_SECRET/],
    [
      'a login in clear',
      { DCOS_SERVICE_ACCOUNT_CREDENTIAL: account({ login_endpoint: 'http://leader.mesos/login' }) },
      /login_endpoint is http:\/\//,
    ],
    [
      'an authority for nobody',
      { MESOS_MASTER: 'http://m:5050', MESOS_CA_FILE: '/tls/ca.pem' },
      /^MESOS_CA_FILE is not used/,
    ],
    ['an authority for ZooKeeper without it', { ZOOKEEPER_CA_FILE: '/tls/ca.pem' }, /^ZOOKEEPER_CA_FILE is not used/],
    ['a secret for an embedded Mesos', { ...basic, MESOS_MASTER: '' }, /^MESOS_PRINCIPAL, MESOS_SECRET are not used/],
    [
      'a shared state of one machine',
      { MESOS_MASTER: '', STATE_URL: 'zk://a/sidecar' },
      /^STATE_URL is in ZooKeeper although/,
    ],
    [
      'a certificate that expired',
      { MESOS_CA_FILE: '/tls/expired.pem' },
      /^MESOS_CA_FILE: .*CN=localhost expired on 2021-01-01/,
    ],
  ]
  test.each(cases)('%s', (_, variables, expected) => {
    expect(read({ ...REAL, ...variables })).toMatchObject({ ok: true, warnings: [expect.stringMatching(expected)] })
  })

  test('a certificate that expires soon', () => {
    const soon = Date.parse('2020-12-20T00:00:00Z')
    const reading = readConfig({ ...REAL, MESOS_CA_FILE: 'x' }, () => tls('expired.pem'), soon)
    expect(reading.warnings).toEqual([expect.stringMatching(/^MESOS_CA_FILE: .* expires on 2021-01-01: get a new one/)])
  })
})

describe('for every input', () => {
  const sign = fc.constantFrom('Q', 'X', 'Z', 'q', '@', '/', ':', ',', ' ', '"', '\\', 'é', '[', '?', '#')
  const secret = fc.string({ minLength: 14, maxLength: 40, unit: sign }).filter((text) => text.trim().length > 12)
  const where = fc.constantFrom(
    ...(Object.keys(Env.properties) as (keyof typeof Env.properties)[]).flatMap((name) =>
      (IN_FILES as readonly string[]).includes(name) ? [name, `${name}_FILE`] : [],
    ),
  )
  const around = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => `zk://${text}@a:2181/mesos`,
    (text) => `zk://user:${text}@a:2181`,
    (text) => `zk://${text}/mesos`,
    (text) => `https://user:${text}@m1:5050`,
    (text) => `file:${text}`,
    (text) => account({ private_key: `-----BEGIN PRIVATE KEY-----\n${text}` }),
    (text) => `{"uid": "${text}`,
  )

  test('invariant 10: what may hold a secret is in no message, wherever and however it is given', () => {
    fc.assert(
      fc.property(where, around, secret, (name, wrap, value) => {
        const isFile = name.endsWith('_FILE')
        const base = Object.fromEntries(Object.entries(REAL).filter(([key]) => `${key}_FILE` !== name))
        const reading = readConfig({ ...base, [name]: isFile ? '/file' : wrap(value) }, (path) => {
          if (path === '/file') return wrap(value)
          throw new Error('ENOENT: no such file')
        })
        const { mistakes, warnings } = { mistakes: [], ...reading }
        const text = [...mistakes, ...warnings].join('\n')
        for (let from = 0; from + 8 <= value.length; from++) expect(text).not.toContain(value.slice(from, from + 8))
      }),
      { numRuns: 500 },
    )
  })
})
