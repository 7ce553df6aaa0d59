import { STATUS_CODES } from 'node:http'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

/** Errors as problem details (RFC 9457); what went wrong inside is told to the log, not to the caller. */
const errors: FastifyPluginAsync = async (app) => {
  app.setErrorHandler(async (error: { readonly statusCode?: number; readonly message: string }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) request.log.error({ err: error }, 'a request failed')
    const detail = status >= 500 ? 'The log says more.' : (ADVICE[status] ?? error.message)
    return reply
      .code(status)
      .type('application/problem+json')
      .send({ type: 'about:blank', title: titleOf(status), status, detail })
  })
  app.setNotFoundHandler(async (request, reply) =>
    reply
      .code(404)
      .type('application/problem+json')
      .send({
        type: 'about:blank',
        title: titleOf(404),
        status: 404,
        detail: `There is no ${request.method} ${request.url.split('?')[0] ?? ''}. Try /, /metrics, /health/ready or /api/v1/state.`,
      }),
  )
}

/** Where the framework's own words do not say what to do. */
const ADVICE: Readonly<Record<number, string>> = {
  415: 'A body must be JSON: send it with the header Content-Type: application/json.',
}

/** With `about:blank` as its type, a problem's title is the phrase of its status. */
function titleOf(status: number): string {
  return STATUS_CODES[status] ?? 'Error'
}

export default fp(errors, { name: 'errors', fastify: '5.x' })
