import { afterEach, describe, expect, jest, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import type { Access } from '../../src/core/access.ts'
import { documentedServer } from '../docs/documented-server.ts'
import { oneToken, scopedTokens } from '../support/access.ts'
import { aLog } from '../support/log.ts'
import { TOKENS } from './security-rig.ts'

const NOW = Date.parse('2026-06-01T00:00:00Z')
const access = scopedTokens(TOKENS)
afterEach(() => {
  jest.restoreAllMocks()
})

async function server() {
  const now = jest.spyOn(Date, 'now').mockReturnValue(NOW)
  const { log, lines } = aLog()
  const app = await documentedServer({ access: () => access, log })
  return { app, lines, at: (ms: number) => now.mockReturnValue(NOW + ms) }
}

async function ask(app: FastifyInstance, token: string, remoteAddress = '10.0.0.9') {
  const headers = { authorization: `Bearer ${token}` }
  return await app.inject({ url: '/api/v1/session', remoteAddress, headers })
}

async function fail(app: FastifyInstance, times: number, remoteAddress?: string): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let nth = 0; nth < times; nth += 1) {
    statuses.push((await ask(app, `wrong-token-number-${nth}`, remoteAddress)).statusCode)
  }
  return statuses
}

describe('wrong tokens', () => {
  test('are answered with 429 from the eleventh a minute, which says how long to wait', async () => {
    const { app, at } = await server()
    expect(await fail(app, 11)).toEqual([...Array.from({ length: 10 }, () => 401), 429])
    at(30_000)
    const { statusCode, headers, body } = await ask(app, 'wrong')
    expect([statusCode, headers['retry-after'], headers.connection]).toEqual([429, '30', 'close'])
    expect(JSON.parse(body)).toMatchObject({ status: 429, detail: expect.stringContaining('wait 30 s') })
    at(60_000)
    expect(await fail(app, 1)).toEqual([401])
  })

  test('never keep a right one out, from the same address neither', async () => {
    const { app } = await server()
    await fail(app, 30)
    expect((await ask(app, TOKENS.act)).statusCode).toBe(200)
  })

  test('are counted for each address', async () => {
    const { app } = await server()
    await fail(app, 11)
    expect(await fail(app, 1, '10.0.0.10')).toEqual([401])
  })

  test('are counted together for the addresses that one machine has by IPv6', async () => {
    const { app } = await server()
    for (let nth = 0; nth < 10; nth += 1) await fail(app, 1, `2001:db8:1:2::${nth}`)
    expect(await fail(app, 1, '2001:db8:1:2:ffff::1')).toEqual([429])
    expect(await fail(app, 1, '2001:db8:1:3::1')).toEqual([401])
  })

  test('from many addresses are forgotten, the oldest first, before they fill the memory', async () => {
    const { app } = await server()
    await fail(app, 11)
    for (let nth = 0; nth < 5_000; nth += 1) await fail(app, 1, `10.${nth % 250}.${Math.floor(nth / 250)}.1`)
    expect(await fail(app, 1)).toEqual([401])
  }, 60_000)

  test('stand in the log once a minute for each address', async () => {
    const { app, lines, at } = await server()
    await fail(app, 20)
    expect(lines).toMatchObject([
      { message: 'a caller was refused', fields: { audit: true, caller: 'nobody', remote: '10.0.0.9' } },
    ])
    at(60_000)
    await fail(app, 1)
    expect(lines).toHaveLength(2)
  })

  test('that are none at all do not count: a page that asks for one makes many such calls', async () => {
    const { app } = await server()
    for (let nth = 0; nth < 30; nth += 1) {
      expect((await app.inject({ url: '/api/v1/state', remoteAddress: '10.0.0.9' })).statusCode).toBe(401)
    }
    expect(await fail(app, 1)).toEqual([401])
  })
})

test.each([
  ['metrics', false, 'the metrics one may read the metrics, and nothing else'],
  ['read', false, 'the read one may see everything and change nothing'],
  ['act', true, 'the act one may see and change everything'],
] as const)('the session of a token for %s says what it may', async (scope, mayAct, words) => {
  const { app } = await server()
  const { headers, body } = await ask(app, TOKENS[scope])
  expect(JSON.parse(body)).toEqual({ name: `the ${scope} one`, scope, mayAct, words })
  expect(headers['cache-control']).toMatch(/no-store|no-cache/)
})

test('tokens can be replaced while it runs', async () => {
  let now: Access = oneToken('the-first-token-of-all')
  const app = await documentedServer({ access: () => now })
  expect((await ask(app, 'the-first-token-of-all')).statusCode).toBe(200)
  now = oneToken('the-second-token-of-all')
  expect((await ask(app, 'the-first-token-of-all')).statusCode).toBe(401)
  expect((await ask(app, 'the-second-token-of-all')).statusCode).toBe(200)
})

test('a token that is too narrow is told what is needed', async () => {
  const { app, lines } = await server()
  const headers = { authorization: `Bearer ${TOKENS.read}` }
  const answer = await app.inject({ method: 'POST', url: '/api/v1/actions/resume', headers })
  expect(answer.statusCode).toBe(403)
  expect(answer.json()).toMatchObject({ detail: 'The token the read one has the scope read; this needs act.' })
  expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope", scope="act"')
  expect(lines).toMatchObject([{ fields: { caller: 'the read one', route: '/api/v1/actions/resume' } }])
})
