import { expect, test } from '@jest/globals'
import type { Log } from '../src/core/log.ts'
import type { Redeemed } from '../src/loop/secret-desk.ts'
import { secretServer } from '../src/secret-server.ts'
import { aLog } from './support/log.ts'

const TOKEN = 'tok-'.repeat(60)

function server(redeem: (agentId: string, token: string) => Promise<Redeemed>, log: Log = aLog().log) {
  return secretServer({ redeem, log })
}

test('gives the secret, exactly, and not for caches', async () => {
  const asked: string[][] = []
  const app = server(async (...pair) => {
    asked.push(pair)
    return { kind: 'secret', secret: 'abc' }
  })
  const { statusCode, body, headers } = await app.inject(`/agent-secret/mesos-a/${TOKEN}`)
  expect([statusCode, body, headers['cache-control']]).toEqual([200, 'abc', 'no-store'])
  expect(asked).toEqual([['mesos-a', TOKEN]])
})

test('a token that is spent is gone, and the log says why, not which', async () => {
  const { log, text } = aLog()
  const app = server(async () => ({ kind: 'gone', why: 'the token was used before' }), log)
  const { statusCode, body } = await app.inject('/agent-secret/mesos-a/tok-123')
  expect([statusCode, body]).toEqual([410, 'gone\n'])
  expect(text()).toContain('the token was used before')
  expect(text()).not.toContain('tok-123')
})

test('a failure may be tried again, and tells nobody what failed', async () => {
  const { log, text } = aLog()
  const app = server(async () => {
    throw new Error('the store is full')
  }, log)
  const { statusCode, body } = await app.inject('/agent-secret/mesos-a/tok-123')
  expect([statusCode, body]).toEqual([503, 'try again\n'])
  expect(text()).toContain('the store is full')
  expect(text()).not.toContain('tok-123')
})

test.each([
  ['GET', '/'],
  ['GET', '/agent-secret/mesos-a'],
  ['GET', '/agent-secret/mesos-a/tok/more'],
  ['GET', '/health/live'],
  ['GET', '/metrics'],
  ['POST', '/agent-secret/mesos-a/tok'],
  ['DELETE', '/agent-secret/mesos-a/tok'],
] as const)('%s %s is nothing here', async (method, url) => {
  let asked = 0
  const app = server(async () => {
    asked += 1
    return { kind: 'secret', secret: 's' }
  })
  const { statusCode, body } = await app.inject({ method, url })
  expect([statusCode, body, asked]).toEqual([404, 'not found\n', 0])
})

test('looking at the head only does not use the token up', async () => {
  let asked = 0
  const app = server(async () => {
    asked += 1
    return { kind: 'secret', secret: 's' }
  })
  expect((await app.inject({ method: 'HEAD', url: '/agent-secret/mesos-a/tok' })).statusCode).toBe(404)
  expect(asked).toBe(0)
})
