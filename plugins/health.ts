import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import fp from 'fastify-plugin'
import type { Health } from '../src/loop/view-types.ts'
import { described } from './described.ts'

export interface HealthOptions {
  readonly health: () => Health
}

const Ready = Type.Object({
  status: Type.String({ description: 'As in `health` of `/api/v1/summary`' }),
  words: Type.String({ description: 'The same in one line' }),
  lastRoundAgeMs: Type.Optional(Type.Number({ description: 'Milliseconds since the last round ended' })),
})

const LIVE = described({
  id: 'isLive',
  tag: 'operation',
  summary: 'Whether the process answers at all',
  description: 'Marathon kills the whole pod when it does not.',
  answer: Type.Object({ status: Type.Literal('ok') }),
  example: { status: 'ok' },
})

const starting = { status: 'starting', words: 'no round has ended yet' }

const READY = described({
  id: 'isReady',
  tag: 'operation',
  summary: 'Whether this instance does its work, or is in place to take over',
  answer: Ready,
  example: { status: 'ok', words: 'Jenkins is read, Mesos is subscribed', lastRoundAgeMs: 740 },
  also: { 503: { description: 'It does not', content: { 'application/json': { schema: Ready, example: starting } } } },
})

/** Marathon and load balancers bring no token. */
const OPEN = { scope: 'open' } as const

/**
 * `GET /health/live` answers 200 while the process can answer at all: Marathon kills the whole pod on a failure.
 * `GET /health/ready` answers 503 until Jenkins is read, Mesos is subscribed and the state can be stored, or another
 * instance leads and this one is in place to take over.
 */
const health: FastifyPluginAsyncTypebox<HealthOptions> = async (app, options) => {
  app.get('/health/live', { schema: LIVE, config: OPEN }, async () => ({ status: 'ok' }))

  app.get('/health/ready', { schema: READY, config: OPEN }, async (_request, reply) => {
    const { status, words, lastRoundAgeMs } = options.health()
    return reply
      .code(status === 'ok' || status === 'standby' ? 200 : 503)
      .send({ status, words, ...(lastRoundAgeMs !== undefined && { lastRoundAgeMs }) })
  })
}

export default fp(health, { name: 'health', fastify: '5.x' })
