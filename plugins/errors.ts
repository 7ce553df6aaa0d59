import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Log } from '../src/core/log.ts'
import { knownPaths } from './known-paths.ts'
import { problem, sendProblem } from './problem.ts'
import { type Finding, mistakesIn } from './validation.ts'

interface RequestError {
  readonly code?: string
  readonly statusCode?: number
  readonly message: string
  readonly validation?: readonly Finding[]
  readonly validationContext?: 'body' | 'querystring' | 'params' | 'headers'
}

export interface ErrorsOptions {
  readonly log: Log
}

/** Errors as problem details (RFC 9457); what went wrong inside is told to the log, not to the caller. */
const errors: FastifyPluginAsync<ErrorsOptions> = async (app, { log }) => {
  const paths = knownPaths(app)
  /** Why the last call of a route failed: told once, however often the page asks again. */
  const failing = new Map<string | undefined, string>()
  app.addHook('onResponse', async ({ routeOptions }, { statusCode }) => {
    if (statusCode < 500) failing.delete(routeOptions.url)
  })

  app.setErrorHandler(async (error: RequestError, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) {
      const { url: route } = request.routeOptions
      if (failing.get(route) !== error.message) log.error({ route, err: error }, 'a request failed')
      failing.set(route, error.message)
      return sendProblem(reply, problem(status, 'The log says more.'))
    }
    if (error.validation === undefined) {
      // The framework looks at a body before anybody says that there is no such method here. A stranger is told neither.
      if (request.is404 && error.code?.startsWith('FST_')) return notFound(request, reply)
      return sendProblem(reply, problem(status, adviceOn(error, request)))
    }
    const mistakes = mistakesIn(error.validation, error.validationContext ?? 'querystring')
    const detail = `${mistakes.map((mistake) => mistake.detail).join('; ')}.`
    return sendProblem(reply, problem(status, detail, mistakes))
  })

  app.setNotFoundHandler(async (request, reply) => notFound(request, reply))

  function notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const path = request.url.split('?')[0] ?? ''
    const allowed = paths.methodsOf(path)
    if (allowed.length > 0) {
      const detail = `${path} takes ${allowed.join(', ')}, not ${request.method}.`
      return sendProblem(reply.header('allow', allowed.join(', ')), problem(405, detail))
    }
    const near = paths.near(path)
    const detail = `There is no ${request.method} ${path}. Try ${near.join(', ')}.`
    return sendProblem(reply, problem(404, detail))
  }
}

/** Where the framework's own words do not say what to do. */
function adviceOn({ code, message }: RequestError, { routeOptions }: FastifyRequest): string {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return `The body is larger than ${routeOptions.bodyLimit} bytes.`
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'A body must be JSON: send it with the header Content-Type: application/json.'
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return 'The body is no JSON, though its Content-Type says so.'
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return 'The body is empty, though its Content-Type says JSON: send {}, or no such header.'
    default:
      return message
  }
}

export default fp(errors, { name: 'errors', fastify: '5.x' })
