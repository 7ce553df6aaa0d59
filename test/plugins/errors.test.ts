import { expect, test } from '@jest/globals'
import Fastify from 'fastify'
import errors from '../../plugins/errors.ts'
import { aLog } from '../support/log.ts'

const SECRET = 'token-1234'

async function withErrors(log = aLog().log) {
  const app = Fastify()
  await app.register(errors, { log })
  app.get<{ Querystring: { well?: string; why?: string } }>('/boom', async ({ query: { well, why = 'refused' } }) => {
    if (well === undefined) throw new Error(`${why} for ${SECRET}`)
    return 'well'
  })
  app.get('/teapot', async () => {
    throw Object.assign(new Error('short and stout'), { statusCode: 418 })
  })
  app.post('/json', async () => 'ok')
  return app
}

test.each([
  ['GET', '/nowhere?with=query', 404, 'Not Found', 'There is no GET /nowhere.'],
  ['DELETE', '/boom', 405, 'Method Not Allowed', '/boom takes GET, HEAD, not DELETE.'],
  ['GET', '/boom', 500, 'Internal Server Error', 'The log says more.'],
  ['GET', '/teapot', 418, "I'm a Teapot", 'short and stout'],
] as const)('%s %s is a problem with status %i', async (method, url, status, title, detail) => {
  const app = await withErrors()
  const { statusCode, headers, body } = await app.inject({ method, url })
  expect(statusCode).toBe(status)
  expect(headers['content-type']).toContain('application/problem+json')
  expect(JSON.parse(body)).toEqual({ type: 'about:blank', title, status, detail: expect.stringContaining(detail) })
  expect(body).not.toContain(SECRET)
  expect(body).not.toContain('query')
})

test('what went wrong inside stands in the log: once while it stays, and again after it was well', async () => {
  const { log, lines } = aLog()
  const app = await withErrors(log)
  for (const path of ['/boom', '/boom', '/boom?why=broken', '/boom?well=1', '/boom?why=broken', '/teapot', '/none']) {
    await app.inject(path)
  }
  const why = (words: string): object => ({ message: `${words} for ${SECRET}` })
  expect(lines).toMatchObject(
    ['refused', 'broken', 'broken'].map((words) => ({
      level: 'error',
      fields: { route: '/boom', err: why(words) },
      message: 'a request failed',
    })),
  )
})

test('who is sent away before a page is looked for is not told that there is none', async () => {
  const app = await withErrors()
  app.addHook('onRequest', async () => {
    throw Object.assign(new Error('a token is needed'), { statusCode: 401 })
  })
  const { statusCode, body } = await app.inject({ method: 'DELETE', url: '/boom' })
  expect([statusCode, body]).toEqual([401, expect.stringContaining('a token is needed')])
})

test('a body of another type is told what type to use', async () => {
  const app = await withErrors()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/json', payload: 'a=b', headers })
  expect([statusCode, (JSON.parse(body) as { detail: string }).detail]).toEqual([
    415,
    'A body must be JSON: send it with the header Content-Type: application/json.',
  ])
})

test.each([
  ['{', 'The body is no JSON'],
  ['', 'The body is empty'],
])('a body of JSON that is %j is told so', async (payload, detail) => {
  const app = await withErrors()
  const { body } = await app.inject({
    method: 'POST',
    url: '/json',
    payload,
    headers: { 'content-type': 'application/json', 'content-length': String(payload.length) },
  })
  expect(JSON.parse(body)).toMatchObject({ status: 400, detail: expect.stringContaining(detail) })
})

test('a method that a path does not take is told so, whatever its body', async () => {
  const app = await withErrors()
  const answers = await Promise.all([
    app.inject({ method: 'QUERY', url: '/boom' }),
    app.inject({ method: 'DELETE', url: '/boom', payload: '{', headers: { 'content-type': 'application/json' } }),
    app.inject({ method: 'PUT', url: '/boom', payload: 'a=b', headers: { 'content-type': 'a/b' } }),
  ])
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([405, 405, 405])
})

test('a body that is no JSON is a bad request', async () => {
  const app = await withErrors()
  const headers = { 'content-type': 'application/json' }
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/json', payload: '{', headers })
  expect([statusCode, (JSON.parse(body) as { title: string }).title]).toEqual([400, 'Bad Request'])
})
