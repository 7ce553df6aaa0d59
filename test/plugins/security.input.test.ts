import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { documentedServer } from '../docs/documented-server.ts'
import { oneToken, scopedTokens } from '../support/access.ts'
import { aLog } from '../support/log.ts'
import { listenOnLoopback, RawCaller } from '../support/raw-http.ts'
import { bearer, TOKENS } from './security-rig.ts'

const ACCESS = scopedTokens(TOKENS)

const { log, lines } = aLog()
let app: FastifyInstance
let port: number
let triggers = 0
beforeAll(async () => {
  app = await documentedServer({
    access: () => ACCESS,
    log,
    trigger: () => {
      triggers += 1
    },
  })
  port = await listenOnLoopback(app)
})
afterAll(() => app.close())

const AUTHORIZED = `Host: 127.0.0.1\r\nAuthorization: Bearer ${TOKENS.act}\r\n`

async function answerTo(text: string): Promise<RawCaller> {
  return await new RawCaller(port).send(text).closed()
}

describe('paths that lead out of the page’s folder', () => {
  const climbs = [
    '/assets/../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    '/assets/..%5c..%5cpackage.json',
    '/assets/..\\..\\package.json',
    '/assets/%252e%252e%252fpackage.json',
    '/assets/....//....//package.json',
    '/assets/%c0%ae%c0%ae/package.json',
    '/assets//etc/passwd',
    '/assets/%00/../../package.json',
    '/assets/none.js%00.html',
    '/assets/.git/config',
    '/assets/',
    '/../package.json',
    '/%2e%2e/package.json',
    '//etc/passwd',
    '/api/v1/../../package.json',
    '/api/v1/queue/..%2f..%2f..%2fpackage.json',
    '/api/v1/templates/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/health/live/../../package.json',
  ]
  test.each(climbs)('%s shows no file of this machine', async (path) => {
    const answer = await answerTo(`GET ${path} HTTP/1.1\r\n${AUTHORIZED}Connection: close\r\n\r\n`)
    expect(answer.received).not.toMatch(/jenkins-mesos-sidecar", *\n|"dependencies"|root:|\[core\]/)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
  })

  test.each(climbs)('%s opens nothing to whoever has no token', async (path) => {
    const answer = await answerTo(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
    expect([400, 401, 403, 404]).toContain(answer.status)
  })
})

describe('other spellings of a guarded path are guarded as well', () => {
  test.each([
    '/api/v1/state/',
    '//api/v1/state',
    '/API/v1/state',
    '/api/v1/%73tate',
    '/api%2fv1%2fstate',
    '/api/v1/state;x=1',
    '/api/v1/state?/health/live',
    '/api/v1/state#/health/live',
    '/health/live/../../api/v1/state',
    '/assets/../api/v1/state',
    '/health/live%2f..%2f..%2fapi%2fv1%2fstate',
    'http://127.0.0.1/api/v1/state',
    'http://127.0.0.1/health/live/../../api/v1/state',
  ])('%s', async (path) => {
    const answer = await answerTo(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
    expect([400, 401, 404]).toContain(answer.status)
    expect(answer.received).not.toContain('"templates"')
  })
})

describe('what cannot be read gets an answer that says so, as a problem', () => {
  test.each<[string, string, number]>([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['HTTP of another version', 'GET / HTTP/9.1\r\nHost: x\r\n\r\n', 400],
    ['the begin of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['an address with a broken escape', `GET /api/v1/%zz HTTP/1.1\r\n${AUTHORIZED}Connection: close\r\n\r\n`, 400],
    ['a space in the address', `GET /api/v1/ state HTTP/1.1\r\n${AUTHORIZED}\r\n`, 400],
    ['a header without a name', `GET /metrics HTTP/1.1\r\n${AUTHORIZED}: x\r\n\r\n`, 400],
    ['a header with a line break of its own', `GET /metrics HTTP/1.1\r\n${AUTHORIZED}X-A: b\rX-C: d\r\n\r\n`, 400],
    ['a zero byte in a header', `GET /metrics HTTP/1.1\r\n${AUTHORIZED}X-A: \0\r\n\r\n`, 400],
    ['a space before the colon', `GET /metrics HTTP/1.1\r\n${AUTHORIZED}Content-Length : 3\r\n\r\nabc`, 400],
    ['a header that goes on', `GET /metrics HTTP/1.1\r\n${AUTHORIZED}X-A: b\r\n c\r\nConnection: close\r\n\r\n`, 400],
    ['a head that is too long', `GET /metrics HTTP/1.1\r\n${AUTHORIZED}X-A: ${'a'.repeat(17_000)}\r\n\r\n`, 431],
    ['an address that is too long', `GET /${'a'.repeat(17_000)} HTTP/1.1\r\n${AUTHORIZED}\r\n`, 431],
    ['headers without number', `GET / HTTP/1.1\r\n${AUTHORIZED}${'A: b\r\n'.repeat(9_000)}\r\n`, 431],
  ])('%s', async (_what, text, status) => {
    const answer = await answerTo(text)
    expect([answer.status, answer.answers]).toEqual([status, 1])
    expect(answer.received).toMatch(/content-type: application\/problem\+json/i)
    expect(answer.received).toMatch(/x-content-type-options: nosniff/i)
    expect(answer.received).not.toContain(TOKENS.act)
  })

  test.each<[string, string, string, number]>([
    ['broken JSON', '{"template":', 'application/json', 400],
    ['JSON that is deeper than anybody writes', '['.repeat(30_000), 'application/json', 400],
    ['JSON that is no text in UTF-8', '"\xff\xfe"', 'application/json', 400],
    ['a form', 'template=linux', 'application/x-www-form-urlencoded', 415],
    ['a file', '--x\r\n', 'multipart/form-data; boundary=x', 415],
    ['more than it takes', JSON.stringify({ template: 'x'.repeat(70_000) }), 'application/json', 413],
  ])('%s', async (_what, payload, type, status) => {
    const { statusCode, headers } = await app.inject({
      method: 'POST',
      url: '/api/v1/actions/pause',
      payload,
      headers: { ...bearer(TOKENS.act).headers, 'content-type': type },
    })
    expect(statusCode).toBe(status)
    expect(headers['content-type']).toContain('application/problem+json')
  })
})

describe('a request that two servers would read in two ways is read by none', () => {
  const SECOND = `POST /api/v1/trigger HTTP/1.1\r\n${AUTHORIZED}\r\n`
  test.each<[string, string]>([
    [
      'two lengths, one in chunks',
      `Content-Length: ${SECOND.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SECOND}`,
    ],
    ['two lengths that differ', `Content-Length: 0\r\nContent-Length: ${SECOND.length}\r\n\r\n${SECOND}`],
    ['chunks that are not the last coding', `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SECOND}`],
    ['another coding', `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SECOND}`],
    ['a length that is no number', `Content-Length: +0\r\n\r\n${SECOND}`],
    ['a chunk length that is none', `Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${SECOND}`],
  ])('%s', async (_what, rest) => {
    triggers = 0
    const answer = await answerTo(
      `POST /api/v1/actions/resume HTTP/1.1\r\n${AUTHORIZED}Content-Type: application/json\r\n${rest}`,
    )
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(triggers).toBe(0)
  })
})

describe('text of a caller', () => {
  const EVIL = 'a\r\nX-Evil: 1\r\n\r\n<script>alert(1)</script>'
  const encoded = encodeURIComponent(EVIL)

  test.each([
    `/${encoded}`,
    `/api/v1/explain?item=${encoded}`,
    `/api/v1/queue/${encoded}`,
    `/api/v1/templates/${encoded}`,
    `/api/v1/events?q=${encoded}`,
    `/api/v1/queue?sort=${encoded}`,
  ])('makes no header and no markup of its own: %s', async (path) => {
    const answer = await answerTo(`GET ${path} HTTP/1.1\r\n${AUTHORIZED}Connection: close\r\n\r\n`)
    const [head = ''] = answer.received.split('\r\n\r\n')
    expect(head).not.toMatch(/x-evil/i)
    expect(head).toMatch(/content-type: application\/(?:problem\+)?json/i)
    expect(head).toMatch(/x-content-type-options: nosniff/i)
  })

  test('stands in the log as one field, not as a line of its own', async () => {
    const calling = { ...bearer(TOKENS.act).headers, 'x-request-id': 'a b"\u2028c', 'content-type': 'application/json' }
    const payload = JSON.stringify({ agentId: 'a\n{"level":"warn"}' })
    await app.inject({ method: 'POST', url: '/api/v1/actions/drain', headers: calling, payload })
    const [line, ...more] = lines.filter(({ fields }) => 'agentId' in fields)
    expect([line?.fields, more]).toMatchObject([{ agentId: 'a\n{"level":"warn"}', caller: 'the act one' }, []])
    expect(line?.fields).not.toHaveProperty('requestId')
  })

  test('in a request id that is one stands there as it is', async () => {
    const calling = { ...bearer(TOKENS.act).headers, 'x-request-id': 'f81d4fae-7dec' }
    await app.inject({ method: 'POST', url: '/api/v1/actions/resume', headers: calling })
    expect(lines.at(-1)?.fields).toMatchObject({
      audit: true,
      action: 'resume',
      caller: 'the act one',
      requestId: 'f81d4fae-7dec',
    })
  })
})

describe('a caller of this machine, without tokens,', () => {
  let open: FastifyInstance
  let openPort: number
  beforeAll(async () => {
    open = await documentedServer()
    openPort = await listenOnLoopback(open)
  })
  afterAll(() => open.close())

  test.each<[string, string, number]>([
    ['is let in', 'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n', 200],
    ['is not let in without saying whom it calls', 'GET /metrics HTTP/1.0\r\n', 401],
    [
      'is a proxy even if it says so behind thousands of other headers',
      `GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n${'A: b\r\n'.repeat(4_000)}X-Forwarded-For: 10.0.0.9\r\n`,
      401,
    ],
    [
      'is a page of another site if its browser says so',
      'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: cross-site\r\n',
      403,
    ],
    [
      'may come by a link on another site',
      'GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n',
      200,
    ],
    [
      'may not come by a form on another site',
      'POST /api/v1/actions/pause HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: null\r\nSec-Fetch-Mode: navigate\r\n',
      403,
    ],
  ])('%s', async (_what, head, status) => {
    const answer = await new RawCaller(openPort).send(`${head}Connection: close\r\n\r\n`).closed()
    expect(answer.status).toBe(status)
  })
})

describe('pages of other sites', () => {
  test.each(['/api/v1/actions/pause', '/api/v1/state', '/metrics', '/health/live'])(
    'are told nothing by %s when they ask whether they may',
    async (url) => {
      const headers = { origin: 'https://evil.test', 'access-control-request-method': 'POST' }
      const answer = await app.inject({ method: 'OPTIONS', url, headers })
      expect([401, 404, 405]).toContain(answer.statusCode)
      const asked = await app.inject({ url, headers: { ...headers, ...bearer(TOKENS.act).headers } })
      for (const told of [answer, asked]) {
        expect(Object.keys(told.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
        expect(told.headers['cross-origin-resource-policy']).toBe('same-origin')
      }
    },
  )
})

test('invariant 10: no answer and no log line holds a token, right or wrong', async () => {
  const secret = 'a-token-that-nobody-may-see'
  const access = oneToken(secret)
  const quiet = aLog()
  const guarded = await documentedServer({ access: () => access, log: quiet.log })
  const texts: string[] = []
  for (const authorization of [
    `Bearer ${secret}`,
    `Bearer ${secret}x`,
    `bearer  ${secret}`,
    secret,
    `Basic ${secret}`,
  ]) {
    for (const url of [
      '/',
      '/metrics',
      '/api/v1/session',
      '/nowhere',
      `/${secret}`,
      `/api/v1/explain?item=${secret}`,
    ]) {
      const { body, headers } = await guarded.inject({ url, headers: { authorization } })
      texts.push(body, JSON.stringify(headers))
    }
  }
  expect([...texts, quiet.text()].join('\n')).not.toContain(secret)
})
