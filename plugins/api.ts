import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { View } from '../src/loop/view-types.ts'

export interface ApiOptions {
  readonly view: () => View
  /** Asks for a round now. */
  readonly trigger: () => void
}

/** `GET /api/v1/state` is all that the program knows; `POST /api/v1/trigger` is for a webhook of Jenkins. */
const api: FastifyPluginAsync<ApiOptions> = async (app, options) => {
  app.get('/api/v1/state', async (_request, reply) => reply.header('cache-control', 'no-store').send(options.view()))

  app.post('/api/v1/trigger', { config: { scope: 'read' } }, async (_request, reply) => {
    options.trigger()
    return reply.code(202).send({ status: 'accepted' })
  })
}

export default fp(api, { name: 'api', fastify: '5.x' })
