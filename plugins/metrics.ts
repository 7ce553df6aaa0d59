import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

export interface MetricsOptions {
  /** The exposition text as of now, and its content type. */
  readonly scrape: () => Promise<{ readonly text: string; readonly contentType: string }>
}

/** `GET /metrics` for Prometheus. */
const metrics: FastifyPluginAsync<MetricsOptions> = async (app, options) => {
  app.get('/metrics', { config: { scope: 'metrics' } }, async (_request, reply) => {
    const { text, contentType } = await options.scrape()
    return reply.type(contentType).send(text)
  })
}

export default fp(metrics, { name: 'metrics', fastify: '5.x' })
