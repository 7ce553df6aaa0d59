import fastifyHelmet from '@fastify/helmet'
import Fastify from 'fastify'
import redaction from '../../plugins/redaction.ts'
import type { Fallback } from '../config/config.ts'

export interface Staying {
  readonly url: string
  readonly close: () => Promise<void>
}

/** In a pod a bad configuration must not end the container: it stays up, is not ready, and says what is wrong. */
export async function stayUp(fallback: Fallback, mistakes: readonly string[]): Promise<Staying> {
  const app = Fastify({ logger: false })
  await app.register(fastifyHelmet, { strictTransportSecurity: false })
  await app.register(redaction)
  app.get('/health/live', async () => ({ status: 'ok' }))
  app.get('/health/ready', async (_request, reply) =>
    reply.code(503).send({ status: 'misconfigured', words: 'the configuration has mistakes', mistakes }),
  )
  app.get('/', async (_request, reply) =>
    reply
      .code(503)
      .type('text/plain; charset=utf-8')
      .send(`jenkins-mesos-sidecar does nothing: its configuration has mistakes.\n\n- ${mistakes.join('\n- ')}\n`),
  )
  const url = await app.listen({ host: fallback.http.host, port: fallback.http.port })
  return { url, close: () => app.close() }
}
