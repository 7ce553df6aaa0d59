import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { isTrustedProxy, prefixOf, withoutPrefix } from '../src/public-url.ts'
import { documentedServer } from './docs/documented-server.ts'
import { scopedTokens } from './support/access.ts'
import { aLog } from './support/log.ts'

const ACT = 'token-that-may-do-everything'
const ACCESS = scopedTokens({ act: ACT })
const { log, lines } = aLog()
let app: FastifyInstance
beforeAll(async () => {
  const publicUrl = new URL('https://ci.example.com/sidecar/')
  app = await documentedServer({ publicUrl, access: () => ACCESS, log })
})
afterAll(() => app.close())

const headers = { authorization: `Bearer ${ACT}`, host: '10.0.0.7:8090' }

test.each([
  '/sidecar/api/v1/state',
  '/api/v1/state',
  '/sidecar/',
  '/',
  '/sidecar/health/ready',
  '/sidecar/api/v1/events?limit=1',
])('%s is found, whether or not the proxy took the prefix off', async (url) => {
  expect((await app.inject({ url, headers })).statusCode).toBe(200)
})

test.each(['/sidecarapi/v1/state', '/sidecar/sidecar/', '/other/api/v1/state'])('%s is not', async (url) => {
  expect((await app.inject({ url, headers })).statusCode).toBe(404)
})

test('the prefix opens nothing', async () => {
  expect((await app.inject('/sidecar/api/v1/state')).statusCode).toBe(401)
  expect((await app.inject('/sidecar/metrics')).statusCode).toBe(401)
})

test('without its last slash the page sends there: its own addresses are relative', async () => {
  const answer = await app.inject('/sidecar')
  expect([answer.statusCode, answer.headers.location]).toEqual([308, '/sidecar/'])
})

test.each<[string, string, number]>([
  ['the page, as people reach it', 'https://ci.example.com', 409],
  ['the page, as the proxy reaches it', 'http://10.0.0.7:8090', 409],
  ['the same name without TLS', 'http://ci.example.com', 403],
  ['another port of that name', 'https://ci.example.com:8443', 403],
  ['a name that begins the same', 'https://ci.example.com.evil.test', 403],
  ['a page that hides where it comes from', 'null', 403],
])('an action called by %s', async (_what, origin, status) => {
  const answer = await app.inject({
    method: 'POST',
    url: '/sidecar/api/v1/actions/resume',
    headers: { ...headers, origin },
  })
  expect(answer.statusCode).toBe(status)
})

describe('the caller that stands in the log', () => {
  async function loggedFor(remoteAddress: string, forwarded: string): Promise<unknown> {
    const sent = { ...headers, 'x-forwarded-for': forwarded }
    await app.inject({ method: 'POST', url: '/api/v1/actions/resume', headers: sent, remoteAddress })
    return lines.at(-1)?.fields
  }

  test('is the one whom a proxy in the private network names last', async () => {
    expect(await loggedFor('10.0.0.1', '203.0.113.9, 198.51.100.7')).toMatchObject({
      remote: '198.51.100.7',
      proxy: '10.0.0.1',
    })
  })

  test('is not whom somebody outside names', async () => {
    const fields = await loggedFor('203.0.113.9', '127.0.0.1')
    expect(fields).toMatchObject({ remote: '203.0.113.9' })
    expect(fields).not.toHaveProperty('proxy')
  })
})

test('without PUBLIC_URL nobody is believed who names another caller', async () => {
  const quiet = aLog()
  const alone = await documentedServer({ access: () => ACCESS, log: quiet.log })
  const sent = { ...headers, 'x-forwarded-for': '198.51.100.7' }
  await alone.inject({ method: 'POST', url: '/api/v1/actions/resume', headers: sent, remoteAddress: '10.0.0.1' })
  expect(quiet.lines.at(-1)?.fields).toMatchObject({ remote: '10.0.0.1' })
})

test.each<[string, boolean]>([
  ['127.0.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:10.1.2.3', true],
  ['10.1.2.3', true],
  ['172.16.0.1', true],
  ['172.31.255.1', true],
  ['172.32.0.1', false],
  ['192.168.1.1', true],
  ['fd12:3456::1', true],
  ['fe80::1', true],
  ['8.8.8.8', false],
  ['100.10.0.1', false],
  ['::ffff:8.8.8.8', false],
  ['2001:db8::1', false],
])('a proxy at %s: %j', (address, expected) => {
  expect(isTrustedProxy(address, 0)).toBe(expected)
  expect(isTrustedProxy(address, 1)).toBe(false)
})

test.each([
  [undefined, '', '/a', '/a'],
  ['https://x.test/', '', '/a', '/a'],
  ['https://x.test/side', '/side', '/side/a?b=1', '/a?b=1'],
  ['https://x.test/a/b/', '/a/b', '/a/b/c', '/c'],
  ['https://x.test/side/', '/side', '/side', '/side'],
])('PUBLIC_URL %s has the prefix "%s": %s is %s', (publicUrl, prefix, url, expected) => {
  expect(prefixOf(publicUrl === undefined ? undefined : new URL(publicUrl))).toBe(prefix)
  expect(withoutPrefix(prefix)({ url })).toBe(expected)
})
