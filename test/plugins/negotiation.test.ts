import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { apiServer } from '../support/api-server.ts'
import { anAgentView, aView } from '../support/views.ts'

const agents = Array.from({ length: 300 }, (_, index) => anAgentView({ agentId: `mesos-linux-${index}` }))

describe('what is compressed', () => {
  const big = () => apiServer({ view: () => aView({ agents }) })

  test.each([
    ['br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['br;q=0.5, gzip', 'gzip', gunzipSync],
  ])('a large answer, for who takes %s', async (accepted, encoding, unpack) => {
    const app = await big()
    const plain = await app.inject('/api/v1/state')
    const { headers, rawPayload } = await app.inject({
      url: '/api/v1/state',
      headers: { 'accept-encoding': accepted },
    })
    expect([headers['content-encoding'], headers['vary'], headers['etag']]).toEqual([
      encoding,
      'accept-encoding',
      plain.headers['etag'],
    ])
    expect(unpack(rawPayload).toString()).toBe(plain.body)
    expect(rawPayload.length).toBeLessThan(plain.body.length / 10)
  })

  test.each([
    ['a small one', '/api/v1/plan', 'br'],
    ['for nobody who takes nothing such', '/api/v1/state', 'identity'],
  ])('not %s', async (_what, url, accepted) => {
    const { headers } = await (await big()).inject({ url, headers: { 'accept-encoding': accepted } })
    expect([headers['content-encoding'], headers['vary']]).toEqual([undefined, 'accept-encoding'])
  })

  test('nothing that has not changed', async () => {
    const app = await big()
    const tag = String((await app.inject('/api/v1/state')).headers['etag'])
    const headers = { 'accept-encoding': 'br', 'if-none-match': tag }
    const { statusCode, rawPayload } = await app.inject({ url: '/api/v1/state', headers })
    expect([statusCode, rawPayload.length]).toEqual([304, 0])
  })
})

test.each([
  ['application/json', 200],
  ['text/html,application/xhtml+xml,*/*;q=0.8', 200],
  ['Application/*', 200],
  ['application/problem+json', 200],
  ['', 200],
  ['text/html', 406],
  ['application/json;q=0', 406],
  ['application/xml, text/plain;q=0.5', 406],
])('who accepts %j gets %i', async (accept, status) => {
  const app = await apiServer()
  const { statusCode, body, headers } = await app.inject({ url: '/api/v1/plan', headers: { accept } })
  expect(statusCode).toBe(status)
  if (status === 200) return
  expect(headers['content-type']).toContain('application/problem+json')
  expect(JSON.parse(body)).toMatchObject({ detail: expect.stringContaining('send Accept: application/json') })
})

test('who refuses a stream is told so, and metrics ask nobody', async () => {
  const app = await apiServer()
  const headers = { accept: 'application/json' }
  expect((await app.inject({ url: '/api/v1/events/stream', headers })).statusCode).toBe(406)
  expect((await app.inject({ url: '/metrics', headers })).statusCode).toBe(200)
})

test.each([
  ['GET', '/api/v1/stat', 404, 'There is no GET /api/v1/stat. Try /api/v1/state'],
  ['GET', '/api/v1/agent', 404, '/api/v1/agents'],
  ['GET', '/api/v1/state/', 404, 'Try /api/v1/state'],
  ['GET', '/api/v2/queue', 404, '/api/v1/queue'],
  ['GET', `/${'x'.repeat(5_000)}`, 404, '/api/v1/openapi.json'],
  ['DELETE', '/api/v1/agents/a-1', 405, '/api/v1/agents/a-1 takes GET, HEAD, not DELETE.'],
  ['PUT', '/api/v1/trigger', 405, '/api/v1/trigger takes POST, not PUT.'],
  ['GET', `/api/v1/agents/${'x'.repeat(250)}`, 404, 'it has gone, or never was'],
  ['GET', `/api/v1/agents/${'x'.repeat(301)}`, 400, 'agentId is text of at least 1 and at most 300 characters'],
  ['GET', '/api/v1/agents/%zz', 400, 'This address cannot be read.'],
] as const)('%s %s is a problem that helps', async (method, url, status, words) => {
  const app = await apiServer()
  const { statusCode, headers, body } = await app.inject({ method, url })
  expect([statusCode, headers['content-type']]).toEqual([status, expect.stringContaining('application/problem+json')])
  expect((JSON.parse(body) as { readonly detail: string }).detail).toContain(words)
  expect(headers['allow'] !== undefined).toBe(status === 405)
})
