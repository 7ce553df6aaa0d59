import { describe, expect, test } from '@jest/globals'
import Fastify from 'fastify'
import auth from '../../plugins/auth.ts'
import errors from '../../plugins/errors.ts'
import { NO_TOKENS, oneToken } from '../support/access.ts'
import { aLog } from '../support/log.ts'

const TOKEN = 'a token: with ümlaut'

async function guarded(token: string | undefined) {
  const app = Fastify()
  await app.register(errors, { log: aLog().log })
  const access = token === undefined ? NO_TOKENS : oneToken(token)
  await app.register(auth, { access: () => access, httpHost: '127.0.0.1', publicUrl: undefined, log: aLog().log })
  for (const path of ['/', '/metrics', '/api/v1/state', '/health/ready/more']) app.get(path, async () => 'inside')
  for (const path of ['/health/live', '/health/ready']) {
    app.get(path, { config: { scope: 'open' } }, async () => 'inside')
  }
  return app
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

describe('with a token', () => {
  test.each([
    ['the bearer token', 'Bearer plain-token'],
    ['the token as any user’s password', basic('anybody', 'plain-token')],
    ['the token as the password of nobody', basic('', 'plain-token')],
  ])('%s opens every page', async (_what, authorization) => {
    const app = await guarded('plain-token')
    for (const url of ['/', '/metrics', '/api/v1/state']) {
      const { statusCode, body } = await app.inject({ url, headers: { authorization } })
      expect([statusCode, body]).toEqual([200, 'inside'])
    }
  })

  test.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['another bearer token', 'Bearer wrong'],
    ['a longer bearer token', 'Bearer plain-token2'],
    ['an empty bearer token', 'Bearer '],
    ['another password', basic('plain-token', 'wrong')],
    ['the token as the user', basic('plain-token', '')],
    ['what is no base64', 'Basic %%%'],
    ['another scheme', 'Digest username="x"'],
    ['the token alone', 'plain-token'],
  ])('%s opens nothing', async (_what, authorization) => {
    const app = await guarded('plain-token')
    for (const url of ['/', '/metrics', '/api/v1/state', '/nowhere', '/health/ready/more']) {
      const { statusCode, body } = await app.inject({
        url,
        headers: authorization === undefined ? {} : { authorization },
      })
      expect([url, statusCode]).toEqual([url, 401])
      expect(body).not.toContain('inside')
      expect(body).not.toContain('plain-token')
    }
  })

  test.each([
    ['an address opened in a browser', { accept: 'text/html,*/*' }, /^Basic realm="jenkins-mesos-sidecar"/],
    ['a call of a page', { accept: 'text/html', 'sec-fetch-mode': 'cors' }, /^Bearer realm="jenkins-mesos-sidecar"$/],
    ['a program', { accept: '*/*' }, /^Bearer realm="jenkins-mesos-sidecar"$/],
  ])('the refusal of %s is a problem, and says what to send', async (_what, sent, challenge) => {
    const app = await guarded('plain-token')
    const { headers, body } = await app.inject({ url: '/', headers: sent })
    expect(headers['www-authenticate']).toMatch(challenge)
    expect(headers['content-type']).toContain('application/problem+json')
    expect(JSON.parse(body)).toMatchObject({ status: 401, title: 'Unauthorized' })
  })

  test.each(['/health/live', '/health/ready', '/health/ready?x=1'])('%s stays open', async (url) => {
    const app = await guarded('plain-token')
    expect((await app.inject(url)).statusCode).toBe(200)
  })

  test('a page that does not exist is not told to strangers', async () => {
    const app = await guarded('plain-token')
    expect((await app.inject('/nowhere')).statusCode).toBe(401)
    const headers = { authorization: 'Bearer plain-token' }
    expect((await app.inject({ url: '/nowhere', headers })).statusCode).toBe(404)
  })

  test('a token of any characters works as a password', async () => {
    const app = await guarded(TOKEN)
    const { statusCode } = await app.inject({ url: '/', headers: { authorization: basic('me', TOKEN) } })
    expect(statusCode).toBe(200)
  })
})

test('without a token everything is open to this machine', async () => {
  const app = await guarded(undefined)
  for (const url of ['/', '/metrics', '/health/live']) expect((await app.inject(url)).statusCode).toBe(200)
})
