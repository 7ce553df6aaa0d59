import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { View } from '../src/loop/view-types.ts'

export interface SizingOptions {
  readonly view: () => View
}

/** `GET /api/v1/sizing`: what agents of each template used beside what they asked for, and what would do. */
const sizing: FastifyPluginAsync<SizingOptions> = async (app, { view }) => {
  app.get('/api/v1/sizing', async (_request, reply) => {
    const { now, leadership, templates } = view()
    return reply
      .header('cache-control', 'no-store')
      .send({ now, role: leadership.role, templates: templates.flatMap((template) => template.sizing ?? []) })
  })
}

export default fp(sizing, { name: 'sizing', fastify: '5.x' })
