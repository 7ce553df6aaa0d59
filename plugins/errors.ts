import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { knownPaths } from './known-paths.ts'
import { problem, sendProblem } from './problem.ts'
import { type Finding, mistakesIn } from './validation.ts'

interface RequestError {
  readonly statusCode?: number
  readonly message: string
  readonly validation?: readonly Finding[]
  readonly validationContext?: 'body' | 'querystring' | 'params' | 'headers'
}

/** Errors as problem details (RFC 9457); what went wrong inside is told to the log, not to the caller. */
const errors: FastifyPluginAsync = async (app) => {
  const paths = knownPaths(app)

  app.setErrorHandler(async (error: RequestError, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) {
      request.log.error({ err: error }, 'a request failed')
      return sendProblem(reply, problem(status, 'The log says more.'))
    }
    if (error.validation === undefined) return sendProblem(reply, problem(status, adviceOn(status, error, request)))
    const mistakes = mistakesIn(error.validation, error.validationContext ?? 'querystring')
    const detail = `${mistakes.map((mistake) => mistake.detail).join('; ')}.`
    return sendProblem(reply, problem(status, detail, mistakes))
  })

  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const allowed = paths.methodsOf(path)
    if (allowed.length > 0) {
      const detail = `${path} takes ${allowed.join(', ')}, not ${request.method}.`
      return sendProblem(reply.header('allow', allowed.join(', ')), problem(405, detail))
    }
    const near = paths.near(path)
    const detail = `There is no ${request.method} ${path}. Try ${near.join(', ')}.`
    return sendProblem(reply, problem(404, detail))
  })
}

/** Where the framework's own words do not say what to do. */
function adviceOn(status: number, { message }: RequestError, { routeOptions }: FastifyRequest): string {
  switch (status) {
    case 413:
      return `The body is larger than ${routeOptions.bodyLimit} bytes.`
    case 415:
      return 'A body must be JSON: send it with the header Content-Type: application/json.'
    default:
      return message
  }
}

export default fp(errors, { name: 'errors', fastify: '5.x' })
