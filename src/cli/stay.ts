import Fastify from 'fastify'
import headers from '../../plugins/headers.ts'
import redaction from '../../plugins/redaction.ts'
import { answerBadAddress, answerBrokenRequest } from '../bad-requests.ts'
import type { Fallback } from '../config/config.ts'
import { Listener } from '../listener.ts'
import { prefixOf, withoutPrefix } from '../public-url.ts'

export interface Staying {
  readonly url: string
  readonly close: () => Promise<void>
}

export const MISCONFIGURED = { status: 'misconfigured', words: 'the configuration has mistakes' } as const
export const CANNOT_START = { status: 'cannot_start', words: 'it cannot start, and tries again' } as const

/** In a pod nothing that is wrong may end the container: it stays up, is not ready, and says what it is. */
export async function stayUp(
  fallback: Pick<Fallback, 'http'>,
  { status, words }: typeof MISCONFIGURED | typeof CANNOT_START,
  mistakes: readonly string[],
): Promise<Staying> {
  const { host, port, publicUrl, tls } = fallback.http
  const listener = new Listener(tls)
  const app = Fastify({
    logger: false,
    serverFactory: listener.make,
    rewriteUrl: withoutPrefix(prefixOf(publicUrl === undefined ? undefined : new URL(publicUrl))),
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerBadAddress,
  })
  await app.register(headers)
  await app.register(redaction)
  app.get('/health/live', async () => ({ status: 'ok' }))
  app.get('/health/ready', async (_request, reply) => reply.code(503).send({ status, words, mistakes }))
  app.get('/', async (_request, reply) =>
    reply
      .code(503)
      .type('text/plain; charset=utf-8')
      .send(`jenkins-mesos-sidecar does nothing: ${words}.\n\n- ${mistakes.join('\n- ')}\n`),
  )
  const url = listener.addressOf(await app.listen({ host, port }))
  return { url, close: () => app.close() }
}
