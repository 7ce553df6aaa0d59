import { describe, expect, test } from '@jest/globals'
import Fastify from 'fastify'
import health from '../../plugins/health.ts'
import type { Health, HealthStatus } from '../../src/loop/view-types.ts'

async function ask(path: string, state: Health) {
  await using app = Fastify()
  await app.register(health, { health: () => state })
  const { statusCode, body } = await app.inject(path)
  return { statusCode, body: JSON.parse(body) as unknown }
}

const STATES: readonly (readonly [HealthStatus, number])[] = [
  ['ok', 200],
  ['standby', 200],
  ['starting', 503],
  ['stalled', 503],
  ['disconnected', 503],
  ['store', 503],
  ['standing_back', 503],
]

describe('readiness', () => {
  test.each(STATES)('while %s is %i, with the words of the state', async (status, code) => {
    const state: Health = { status, words: `it is ${status}`, lastRoundAgeMs: 1_234 }
    expect(await ask('/health/ready', state)).toEqual({ statusCode: code, body: state })
  })

  test('leaves out the age of a round that never ended', async () => {
    const { body } = await ask('/health/ready', { status: 'starting', words: 'soon', lastRoundAgeMs: undefined })
    expect(body).toEqual({ status: 'starting', words: 'soon' })
  })

  test('takes an age that is no whole number', async () => {
    const { statusCode } = await ask('/health/ready', { status: 'ok', words: 'fine', lastRoundAgeMs: 12.5 })
    expect(statusCode).toBe(200)
  })
})

test.each(STATES)('invariant 12: liveness while %s is 200: a restart of the pod would heal nothing', async (status) => {
  expect(await ask('/health/live', { status, words: 'x', lastRoundAgeMs: undefined })).toEqual({
    statusCode: 200,
    body: { status: 'ok' },
  })
})
