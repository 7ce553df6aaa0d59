/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-argument --
   Recorded JSON is looked into freely. */
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Agent, request } from 'undici'
import { type ListenTls, listen } from '../../../src/embedded/listen.ts'
import { basicAuthenticator } from '../../../src/embedded/mesos/authentication.ts'
import { EmbeddedIam } from '../../../src/embedded/mesos/iam.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'
import { ask, HOST, headerOf, type Json, json, recorded, text, type World, world } from './client.ts'

/** As in the recording; `a:b` can never authenticate. */
const BASIC = basicAuthenticator({ jenkins: 's3cret', other: 'x', colon: 'a:b' })
const HEADERS = { 'content-type': 'application/json', accept: 'application/json' }

function pem(name: string): string {
  return readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url), 'utf8')
}

async function scheduler(there: World, headers: Json, body: Json, method = 'POST') {
  return ask(
    there.mesos.masterHandler,
    method,
    '/api/v1/scheduler',
    headers,
    typeof body === 'string' ? body : JSON.stringify(body ?? ''),
  )
}

describe('HTTP basic', () => {
  const { steps } = recorded('13-authentication')

  test.each(
    steps.filter(({ kind }: Json) => kind === 'subscribe').map((step: Json): [string, Json] => [step.stream, step]),
  )('SUBSCRIBE, %s', async (_, { request: sent, response }: Json) => {
    const there = await world({ authentication: { frameworks: BASIC } })
    const answer = await scheduler(there, sent.headers, sent.body)
    expect([answer.status, answer.reason]).toEqual([response.status, response.reason])
    if (answer.status === 200) {
      const { frameworks } = await json(there.mesos.masterHandler, '/master/frameworks')
      expect(frameworks[0].principal).toBe('jenkins')
      return
    }
    expect(text(answer)).toBe(response.body)
    expect(answer.headers.map(([name]) => name)).toEqual(Object.keys(response.headers))
    expect(headerOf(answer, 'WWW-Authenticate')).toBe(response.headers['WWW-Authenticate'] ?? '')
  })

  test('each call is checked, and must come from the principal that subscribed', async () => {
    const there = await world({ authentication: { frameworks: BASIC } })
    const subscribed = steps.find(({ stream }: Json) => stream === 'right-principal-same').request
    const answer = await scheduler(there, subscribed.headers, subscribed.body)
    const framework = there.mesos.snapshot().frameworks[0]?.id
    const recordedCalls = steps.filter(
      ({ kind, request: sent }: Json) => kind === 'call' && sent.path === '/api/v1/scheduler',
    )
    expect(recordedCalls.length).toBe(6)
    for (const { request: sent, response } of recordedCalls) {
      const body = (sent.body ?? '').replace(/"value": "[^"]+"/, `"value": "${framework}"`)
      const headers = {
        ...sent.headers,
        ...(sent.headers['Mesos-Stream-Id'] && { 'Mesos-Stream-Id': headerOf(answer, 'Mesos-Stream-Id') }),
      }
      const own = await scheduler(there, headers, body, sent.method)
      expect([own.status, text(own)]).toEqual([response.status, response.body])
    }
    expect((await ask(there.mesos.masterHandler, 'GET', '/master/redirect')).status).toBe(307)
    expect((await ask(there.mesos.masterHandler, 'GET', '/master/slaves')).status).toBe(200)
  })

  test.each(
    recorded('13b-agent-authentication')
      .exchanges.filter(({ request: sent }: Json) => !/metrics|files|flags/.test(sent.path))
      .map((exchange: Json): [string, Json] => [
        `${exchange.request.method} ${exchange.request.path} ${exchange.request.headers.Authorization ?? ''}`,
        exchange,
      ]),
  )('of a host: %s', async (_, { request: sent, response }: Json) => {
    const ops = basicAuthenticator({ ops: 'pw' })
    const there = await world({ hostAuthentication: { readonly: ops, readwrite: ops } })
    const answer = await ask(
      there.mesos.hostHandler(HOST.hostname),
      sent.method,
      sent.path,
      sent.headers,
      sent.body ?? '',
    )
    expect(answer.status).toBe(response.status)
    expect(headerOf(answer, 'WWW-Authenticate')).toBe(response.headers['WWW-Authenticate'] ?? '')
    if (answer.status === 401) expect(text(answer)).toBe(response.body)
  })
})

describe('a DC/OS service account', () => {
  const key = pem('rsa-pkcs8.key')
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

  function loginToken(payload: object, { alg = 'RS256', by = key }: { alg?: string; by?: string } = {}): string {
    const signed = `${part({ alg, typ: 'JWT' })}.${part(payload)}`
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), by).toString('base64url')}`
  }

  function iamOf(clock: VirtualClock): EmbeddedIam {
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    return new EmbeddedIam({ clock, accounts: { jenkins: publicKey }, tokenSeconds: 60 })
  }

  async function login(iam: EmbeddedIam, uid: string, token: string) {
    return ask(iam.handler, 'POST', '/acs/api/v1/auth/login', HEADERS, JSON.stringify({ uid, token }))
  }

  test('a login signed by its key gives a token, good until it expires or is revoked', async () => {
    const clock = new VirtualClock()
    const iam = iamOf(clock)
    const there = await world({ clock, authentication: { frameworks: iam } })
    const exp = clock.now() / 1000 + 20
    const answer = await login(iam, 'jenkins', loginToken({ uid: 'jenkins', exp }))
    expect(answer.status).toBe(200)
    const { token } = JSON.parse(text(answer))
    expect(JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())).toEqual({
      uid: 'jenkins',
      exp: clock.now() / 1000 + 60,
    })
    const subscribe = {
      type: 'SUBSCRIBE',
      subscribe: {
        framework_info: { user: 'root', name: 'auth', roles: ['ci'], capabilities: [{ type: 'MULTI_ROLE' }] },
      },
    }
    const attempt = async (authorization: string): Promise<number> =>
      (await scheduler(there, { ...HEADERS, authorization }, subscribe)).status
    expect(await attempt(`token=${token}`)).toBe(200)
    expect(await attempt(`Bearer ${token}`)).toBe(401)
    expect(await attempt(`token=${token.slice(0, -4)}AAAA`)).toBe(401)
    await clock.advance(60_000)
    expect(await attempt(`token=${token}`)).toBe(401)
    const again = JSON.parse(text(await login(iam, 'jenkins', loginToken({ uid: 'jenkins', exp: exp + 60 })))).token
    expect(await attempt(`token=${again}`)).toBe(200)
    iam.revoke()
    expect(await attempt(`token=${again}`)).toBe(401)
    expect(iam.logins).toBe(2)
  })

  test('a login that is expired, of another, signed otherwise or no JWT is refused', async () => {
    const clock = new VirtualClock()
    const iam = iamOf(clock)
    const exp = clock.now() / 1000 + 20
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString()
    const attempts = [
      loginToken({ uid: 'jenkins', exp: exp - 20 }),
      loginToken({ uid: 'other', exp }),
      loginToken({ uid: 'jenkins', exp }, { by: stranger }),
      loginToken({ uid: 'jenkins', exp }, { alg: 'none' }),
      loginToken({ uid: 'jenkins' }),
      'nonsense',
    ]
    for (const token of attempts) expect((await login(iam, 'jenkins', token)).status).toBe(401)
    expect((await login(iam, 'nobody', loginToken({ uid: 'nobody', exp }))).status).toBe(401)
    expect((await ask(iam.handler, 'POST', '/acs/api/v1/auth/login', HEADERS, '{}')).status).toBe(400)
    expect(iam.logins).toBe(0)
  })
})

describe('TLS', () => {
  async function health(tls: ListenTls, connect: object): Promise<number | string> {
    const there = await world()
    const listener = await listen(there.mesos.masterHandler, { host: '127.0.0.1', port: 0, tls })
    const dispatcher = new Agent({ connect: { ca: pem('ca.pem'), servername: 'localhost', ...connect } })
    try {
      expect(listener.url.protocol).toBe('https:')
      return (await request(new URL('/health', listener.url), { dispatcher })).statusCode
    } catch (error) {
      return (error as { readonly code?: string }).code ?? 'failed'
    } finally {
      await dispatcher.close()
      await listener.close()
    }
  }
  const server = { key: pem('server.key'), cert: pem('server.pem') }
  const client = { key: pem('client.key'), cert: pem('client.pem') }

  test('a master speaks https', async () => {
    expect(await health(server, {})).toBe(200)
  })

  test('and lets nobody in without a certificate of the authority, if it is told to', async () => {
    const tls = { ...server, clientCa: pem('ca.pem') }
    expect(await health(tls, client)).toBe(200)
    expect(await health(tls, {})).not.toBe(200)
  })
})
