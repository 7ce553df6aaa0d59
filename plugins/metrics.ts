import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { Type } from 'typebox'
import { described, USUAL } from './described.ts'

export interface MetricsOptions {
  /** The exposition text as of now, and its content type. */
  readonly scrape: () => Promise<{ readonly text: string; readonly contentType: string }>
}

const schema = described({
  id: 'scrape',
  tag: 'operation',
  summary: 'All metrics, for Prometheus',
  type: 'text/plain',
  answer: Type.String({ description: 'The text format of Prometheus' }),
  example: 'jenkins_mesos_agents{template="linux",state="online"} 19\n',
  problems: USUAL,
})

/** `GET /metrics` for Prometheus. */
const metrics: FastifyPluginAsync<MetricsOptions> = async (app, options) => {
  app.get('/metrics', { schema, config: { scope: 'metrics' } }, async (_request, reply) => {
    const { text, contentType } = await options.scrape()
    return reply.type(contentType).send(text)
  })
}

export default fp(metrics, { name: 'metrics', fastify: '5.x' })
