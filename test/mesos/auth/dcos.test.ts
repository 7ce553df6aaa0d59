import { createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { HttpRequest, HttpResponse } from '../../../src/embedded/http.ts'
import { DcosLogin } from '../../../src/mesos/auth/dcos.ts'
import { MemoryNetwork } from '../../support/memory-network.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'
import { answer } from '../stub-master.ts'

const IAM = 'https://leader.mesos'
const ORIGIN = 'http://m1:5050'
const privateKey = readFileSync('test/fixtures/tls/rsa-pkcs1.key', 'utf8')
const HOUR = 3_600_000

let clock: VirtualClock
let network: MemoryNetwork
let logins: HttpRequest[]
let logged: string[]
let onLogin: (index: number) => HttpResponse | Promise<HttpResponse>
let login: DcosLogin
let program: AbortController

beforeEach(() => {
  clock = new VirtualClock()
  network = new MemoryNetwork()
  logins = []
  logged = []
  program = new AbortController()
  onLogin = (index) => answer(200, JSON.stringify({ token: tokenOf(index, { exp: seconds() + 7200 }) }))
  network.serve(IAM, async (request) => {
    logins.push(request)
    return onLogin(logins.length)
  })
  const write = (fields: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`)
  }
  login = new DcosLogin({
    account: { uid: 'ci-account', loginEndpoint: `${IAM}/acs/api/v1/auth/login`, privateKey },
    clock,
    random: () => 1,
    log: { debug: write, info: write, warn: write, error: write },
    dispatcher: (origin) => network.dispatcher(origin),
    signal: program.signal,
  })
})
afterEach(async () => {
  program.abort()
  await settle()
  expect(clock.pending).toBe(0)
  expect(network.open).toBe(0)
})

const seconds = (): number => Math.floor(clock.now() / 1000)

function tokenOf(index: number, claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256' })}.${part({ uid: 'ci-account', ...claims })}.signature-${index}`
}

/** The number of the login that a header came from. */
const numberOf = (header: string): number => Number(header.split('-').at(-1))

describe('logging in', () => {
  test('the account signs a login that is good for a short while, and sends the token that it gets', async () => {
    const header = await login.authorize(ORIGIN)
    expect(header).toMatch(/^token=ey/)
    const [request] = logins
    expect(request).toMatchObject({ method: 'POST', path: '/acs/api/v1/auth/login' })
    expect(request?.headers).not.toHaveProperty('authorization')
    const { uid, token } = JSON.parse(request?.body.toString() ?? '') as { uid: string; token: string }
    expect(uid).toBe('ci-account')
    const [head = '', claims = '', signature = ''] = token.split('.')
    const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
    expect(decode(head)).toEqual({ alg: 'RS256', typ: 'JWT' })
    expect(decode(claims)).toEqual({ uid: 'ci-account', exp: seconds() + 120 })
    const signed = Buffer.from(`${head}.${claims}`)
    expect(verify('RSA-SHA256', signed, createPublicKey(privateKey), Buffer.from(signature, 'base64url'))).toBe(true)
  })

  test('once, however many requests wait for it', async () => {
    const headers = await Promise.all(Array.from({ length: 20 }, () => login.authorize(ORIGIN)))
    expect(new Set(headers).size).toBe(1)
    expect(logins).toHaveLength(1)
  })

  test('again a minute before the token ends, and not before', async () => {
    await login.authorize(ORIGIN)
    await clock.advance(2 * HOUR - 61_000)
    expect(numberOf(await login.authorize(ORIGIN))).toBe(1)
    await clock.advance(2_000)
    expect(numberOf(await login.authorize(ORIGIN))).toBe(2)
  })

  test.each([
    ['a clock there that is a day behind', -86_400],
    ['a clock there that is a day ahead', 86_400],
  ])('with %s only the length of its life counts', async (_, off) => {
    onLogin = (index) => {
      const claims = { iat: seconds() + off, exp: seconds() + off + 7200 }
      return answer(200, JSON.stringify({ token: tokenOf(index, claims) }))
    }
    await login.authorize(ORIGIN)
    await clock.advance(2 * HOUR - 61_000)
    expect(numberOf(await login.authorize(ORIGIN))).toBe(1)
    await clock.advance(2_000)
    expect(numberOf(await login.authorize(ORIGIN))).toBe(2)
  })

  test('a token that does not tell when it ends is renewed after ten minutes', async () => {
    onLogin = (index) => answer(200, JSON.stringify({ token: `opaque-${index}` }))
    expect(await login.authorize(ORIGIN)).toBe('token=opaque-1')
    await clock.advance(8 * 60_000)
    expect(await login.authorize(ORIGIN)).toBe('token=opaque-1')
    await clock.advance(2 * 60_000)
    expect(await login.authorize(ORIGIN)).toBe('token=opaque-2')
  })

  test('a token that has ended already is used for a while: the clocks differ', async () => {
    onLogin = (index) => answer(200, JSON.stringify({ token: tokenOf(index, { exp: seconds() - 100 }) }))
    await login.authorize(ORIGIN)
    await login.authorize(ORIGIN)
    expect(logins).toHaveLength(1)
  })
})

describe('a token that is refused', () => {
  test('is changed for another one', async () => {
    const first = await login.authorize(ORIGIN)
    await clock.advance(HOUR)
    const [second, third] = await Promise.all([login.authorize(ORIGIN, first), login.authorize(ORIGIN, first)])
    expect([numberOf(second), numberOf(third)]).toEqual([2, 2])
    expect(numberOf(await login.authorize(ORIGIN, first))).toBe(2)
    expect(logins).toHaveLength(2)
  })

  test('when it is quite new, stays: another one would not be better', async () => {
    const first = await login.authorize(ORIGIN)
    expect(await login.authorize(ORIGIN, first)).toBe(first)
    expect(logins).toHaveLength(1)
  })
})

describe('a login that fails', () => {
  const cases: readonly [number, string, string, RegExp][] = [
    [401, 'x', 'MESOS_UNAUTHORIZED', /DCOS_SERVICE_ACCOUNT_CREDENTIAL: https:\/\/leader.mesos answers 401: check uid/],
    [403, 'x', 'MESOS_UNAUTHORIZED', /answers 403/],
    [404, 'x', 'MESOS_LOGIN_FAILED', /answers 404: is login_endpoint right/],
    [500, 'x', 'MESOS_LOGIN_FAILED', /answers 500$/],
    [200, '{"token": 5}', 'MESOS_LOGIN_FAILED', /answers without a token/],
    [200, '<html>secret-in-a-page</html>', 'MESOS_LOGIN_FAILED', /answers without a token/],
  ]
  test.each(cases)('%i %s is %s', async (status, body, code, message) => {
    onLogin = () => answer(status, body)
    await expect(login.authorize(ORIGIN)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(logged.join()).not.toContain('secret-in-a-page')
  })

  test('is tried again with more and more time between, and told once', async () => {
    onLogin = () => answer(500)
    const times: number[] = []
    for (let second = 0; second < 40; second++) {
      const before = logins.length
      await login.authorize(ORIGIN).catch(() => undefined)
      if (logins.length > before) times.push(second)
      await clock.advance(1_000)
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 30])
    expect(logged.filter((line) => line.includes('login failed'))).toHaveLength(1)
    onLogin = (index) => answer(200, JSON.stringify({ token: `opaque-${index}` }))
    await clock.advance(15_000)
    await login.authorize(ORIGIN)
    expect(logged.at(-1)).toContain('works again')
  })

  test('does no harm while the token is good', async () => {
    const header = await login.authorize(ORIGIN)
    onLogin = () => answer(503)
    await clock.advance(2 * HOUR - 30_000)
    expect(await login.authorize(ORIGIN)).toBe(header)
    await clock.advance(31_000)
    await expect(login.authorize(ORIGIN)).rejects.toMatchObject({ code: 'MESOS_LOGIN_FAILED' })
  })

  test('without an answer ends after 15 s, and with the program', async () => {
    onLogin = () => new Promise(() => undefined)
    const slow = expect(login.authorize(ORIGIN)).rejects.toMatchObject({
      code: 'MESOS_LOGIN_FAILED',
      message: expect.stringContaining('no answer within 15 s'),
    })
    await settle()
    await clock.advance(15_000)
    await slow
    await clock.advance(15_000)
    const cut = expect(login.authorize(ORIGIN)).rejects.toThrow('the program ends')
    await settle()
    program.abort(new Error('the program ends'))
    await cut
  })
})
