import { describe, expect, test } from '@jest/globals'
import { buildServer } from '../src/server.ts'
import { systemClock } from '../src/system-clock.ts'
import { NO_TOKENS, oneToken } from './support/access.ts'
import { aLog } from './support/log.ts'
import { aSources } from './support/sources.ts'

async function server(token?: string) {
  let triggers = 0
  const access = token === undefined ? NO_TOKENS : oneToken(token)
  const app = await buildServer({
    sources: aSources(),
    trigger: () => {
      triggers += 1
    },
    access: () => access,
    clock: systemClock,
    log: aLog().log,
  })
  return { app, triggers: () => triggers }
}

describe('every page', () => {
  test.each(['/', '/metrics', '/api/v1/state', '/health/live', '/health/ready'])('%s is there', async (url) => {
    const { app } = await server()
    expect((await app.inject(url)).statusCode).toBe(200)
  })

  test.each(['/', '/api/v1/state', '/nowhere'])(
    '%s may load nothing of others, run no text as script, and stand in no frame',
    async (url) => {
      const { app } = await server()
      const { headers } = await app.inject(url)
      expect(headers['content-security-policy']).toBe(
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';" +
          "font-src 'self';manifest-src 'self';base-uri 'none';form-action 'none';frame-ancestors 'none';" +
          "require-trusted-types-for 'script';trusted-types 'none'",
      )
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('geolocation=()'),
      })
      expect(headers['strict-transport-security']).toBeUndefined()
    },
  )
})

test('a trigger reaches the loop', async () => {
  const { app, triggers } = await server()
  expect((await app.inject({ method: 'POST', url: '/api/v1/trigger' })).statusCode).toBe(202)
  expect(triggers()).toBe(1)
})

test('a body that is too big is refused', async () => {
  const { app, triggers } = await server()
  const headers = { 'content-type': 'application/json' }
  const payload = JSON.stringify('x'.repeat(70_000))
  expect((await app.inject({ method: 'POST', url: '/api/v1/trigger', payload, headers })).statusCode).toBe(413)
  expect(triggers()).toBe(0)
})

describe('with a token', () => {
  test('everything but health and the files of the page wants it', async () => {
    const { app, triggers } = await server('t0ken')
    for (const url of ['/metrics', '/api/v1/state', '/nowhere']) {
      expect([url, (await app.inject(url)).statusCode]).toEqual([url, 401])
    }
    expect((await app.inject({ method: 'POST', url: '/api/v1/trigger' })).statusCode).toBe(401)
    expect(triggers()).toBe(0)
    expect((await app.inject('/health/ready')).statusCode).toBe(200)
  })

  test('the right one opens the page and the trigger', async () => {
    const { app, triggers } = await server('t0ken')
    const headers = { authorization: 'Bearer t0ken' }
    expect((await app.inject({ url: '/', headers })).statusCode).toBe(200)
    expect((await app.inject({ method: 'POST', url: '/api/v1/trigger', headers })).statusCode).toBe(202)
    expect(triggers()).toBe(1)
  })

  test('invariant 10: the token stands in no answer', async () => {
    const { app } = await server('t0ken')
    for (const authorization of [undefined, 'Bearer t0ken', 'Bearer wrong']) {
      for (const url of ['/', '/api/v1/state', '/nowhere', '/metrics']) {
        const { body, headers } = await app.inject({
          url,
          headers: authorization === undefined ? {} : { authorization },
        })
        expect(body + JSON.stringify(headers)).not.toContain('t0ken')
      }
    }
  })
})
