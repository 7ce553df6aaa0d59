import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import fp from 'fastify-plugin'
import type { Health } from '../src/loop/view-types.ts'

export interface HealthOptions {
  readonly health: () => Health
}

const Ready = Type.Object({
  status: Type.String(),
  words: Type.String(),
  lastRoundAgeMs: Type.Optional(Type.Integer()),
})

/** Marathon and load balancers bring no token. */
const OPEN = { scope: 'open' } as const

/**
 * `GET /health/live` answers 200 while the process can answer at all: Marathon kills the whole pod on a failure.
 * `GET /health/ready` answers 503 until Jenkins is read, Mesos is subscribed and the state can be stored, or another
 * instance leads and this one is in place to take over.
 */
const health: FastifyPluginAsyncTypebox<HealthOptions> = async (app, options) => {
  app.get('/health/live', { config: OPEN }, async () => ({ status: 'ok' }))

  app.get(
    '/health/ready',
    { config: OPEN, schema: { response: { 200: Ready, 503: Ready } } },
    async (_request, reply) => {
      const { status, words, lastRoundAgeMs } = options.health()
      return reply
        .code(status === 'ok' || status === 'standby' ? 200 : 503)
        .send({ status, words, ...(lastRoundAgeMs !== undefined && { lastRoundAgeMs }) })
    },
  )
}

export default fp(health, { name: 'health', fastify: '5.x' })
