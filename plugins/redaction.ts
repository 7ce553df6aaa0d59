import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { redact } from '../src/core/secret.ts'
import { ofLatest } from './latest.ts'

/** No answer holds a secret, whatever an error or another server said. Metrics are names and numbers of our own. */
const redaction: FastifyPluginAsync = async (app) => {
  const redacted = ofLatest(redact)
  app.addHook('onSend', async (request, _reply, payload) => {
    if (typeof payload !== 'string' || request.routeOptions.url === '/metrics') return payload
    return redacted(payload)
  })
}

export default fp(redaction, { name: 'redaction', fastify: '5.x' })
