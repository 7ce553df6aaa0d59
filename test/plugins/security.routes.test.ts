import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { includes, type Scope } from '../../plugins/scope.ts'
import { documentedServer } from '../docs/documented-server.ts'
import { scopedTokens } from '../support/access.ts'
import { bearer, neededFor, type Route, routesOf, statusOf, TOKENS } from './security-rig.ts'

const ACCESS = scopedTokens(TOKENS)

let withTokens: FastifyInstance
let without: FastifyInstance
let public_: FastifyInstance
let routes: readonly Route[]

beforeAll(async () => {
  withTokens = await documentedServer({ access: () => ACCESS })
  without = await documentedServer()
  public_ = await documentedServer({ publicUrl: new URL('https://ci.example.com/sidecar/') })
  await Promise.all([withTokens.ready(), without.ready(), public_.ready()])
  routes = routesOf(withTokens)
})
afterAll(() => Promise.all([withTokens.close(), without.close(), public_.close()]))

/** What each route answers, as `METHOD URL: status`, where that is not as it should be. */
async function wrong(
  app: () => FastifyInstance,
  over: InjectOptions,
  isRight: (status: number, needed: Scope) => boolean,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const route of routes) {
    const status = await statusOf(app(), route, over)
    if (!isRight(status, neededFor(route))) found.push(`${route.method} ${route.url}: ${status}`)
  }
  return found
}

const isLetIn = (status: number): boolean => status !== 401 && status !== 403 && status !== 429
const onlyOpen = (status: number, needed: Scope): boolean => (needed === 'open' ? isLetIn(status) : status === 401)

test('the routes are found, and those that need nothing are health and the files of the page', () => {
  const named = routes.map(({ method, url }) => `${method} ${url}`)
  expect(named).toEqual(expect.arrayContaining(['GET /metrics', 'GET /api/v1/state', 'POST /api/v1/actions/drain']))
  expect(routes.length).toBeGreaterThan(25)
})

describe('with tokens set, every route', () => {
  test.each<[string, InjectOptions]>([
    ['no token', {}],
    ['a wrong token', bearer('token-that-nobody-gave')],
    ['a token as user', { headers: { authorization: `Basic ${Buffer.from(`${TOKENS.act}:`).toString('base64')}` } }],
    ['a token in the address', { query: { token: TOKENS.act, access_token: TOKENS.act } }],
    ['a token in a cookie', { headers: { cookie: `token=${TOKENS.act}` } }],
    ['the beginning of a token', bearer(TOKENS.act.slice(0, -1))],
    ['two tokens at once', bearer(`${TOKENS.act}, ${TOKENS.read}`)],
    ['no token, from this machine', { remoteAddress: '127.0.0.1' }],
  ])('with %s is open only if it needs nothing', async (_what, over) => {
    expect(await wrong(() => withTokens, over, onlyOpen)).toEqual([])
  })

  test.each(['metrics', 'read', 'act'] as const)('with the token for %s is open up to that scope', async (scope) => {
    const isRight = (status: number, needed: Scope): boolean =>
      includes(scope, needed) ? isLetIn(status) : status === 403
    expect(await wrong(() => withTokens, bearer(TOKENS[scope]), isRight)).toEqual([])
  })

  test('called by a page of another site is refused, whatever token the browser adds', async () => {
    const headers = { authorization: `Bearer ${TOKENS.act}`, origin: 'https://evil.test', host: 'sidecar:8090' }
    const isRight = (status: number, needed: Scope): boolean => (needed === 'open' ? isLetIn(status) : status === 403)
    expect(await wrong(() => withTokens, { headers }, isRight)).toEqual([])
  })
})

describe('without a token, every route', () => {
  const local = (headers: Record<string, string> = {}): InjectOptions => ({
    remoteAddress: '127.0.0.1',
    headers: { host: '127.0.0.1:8090', ...headers },
  })

  test.each<[string, InjectOptions]>([
    ['this machine', local()],
    ['this machine by IPv6', { ...local({ host: '[::1]:8090' }), remoteAddress: '::1' }],
    ['this machine by its name', local({ host: 'LocalHost:8090' })],
  ])('is open to %s', async (_what, over) => {
    expect(await wrong(() => without, over, isLetIn)).toEqual([])
  })

  test.each<[string, InjectOptions]>([
    ['another machine', { remoteAddress: '10.0.0.9', headers: { host: '127.0.0.1:8090' } }],
    ['another machine that says it is this one', { remoteAddress: '10.0.0.9', headers: { 'x-forwarded-for': '::1' } }],
    ['a proxy on this machine', local({ 'x-forwarded-for': '10.0.0.9' })],
    ['a proxy on this machine that speaks as RFC 7239 says', local({ forwarded: 'for=127.0.0.1' })],
    ['a page that gave its name this address', local({ host: 'evil.test:8090' })],
    ['a page whose name begins like one of ours', local({ host: 'localhost.evil.test' })],
    ['a page whose name begins like an address of ours', local({ host: '127.0.0.1.evil.test' })],
  ])('that needs something is closed to %s', async (_what, over) => {
    expect(await wrong(() => without, over, onlyOpen)).toEqual([])
  })

  test('that needs something is closed to all where a proxy is set', async () => {
    expect(await wrong(() => public_, local(), onlyOpen)).toEqual([])
  })
})

test('a route that says nothing of itself is for tokens that may act or read', async () => {
  const app = await documentedServer({ access: () => ACCESS })
  app.get('/api/v1/new', async () => 'inside')
  app.post('/api/v1/new', async () => 'inside')
  const got = async (method: string, token: string): Promise<number> =>
    statusOf(app, { method, url: '/api/v1/new' }, bearer(token))
  expect(await got('GET', TOKENS.metrics)).toBe(403)
  expect(await got('GET', TOKENS.read)).toBe(200)
  expect(await got('POST', TOKENS.read)).toBe(403)
  expect(await got('POST', TOKENS.act)).toBe(200)
})

test('what is open to everybody names no agent, host, job or template', async () => {
  const open = routes.filter((each) => neededFor(each) === 'open' && each.method === 'GET').map(({ url }) => url)
  expect(open).toContain('/')
  for (const url of open) {
    const { body, statusCode } = await withTokens.inject(url)
    if (statusCode === 200) expect(body).not.toMatch(/app #1|linux-1|host-1|needs cpus/)
  }
})
