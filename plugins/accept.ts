import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { problem, sendProblem } from './problem.ts'

const TAKES_JSON = /^(?:\*\/\*|application\/(?:\*|json|problem\+json))$/
const TAKES_EVENTS = /^(?:\*\/\*|text\/(?:\*|event-stream))$/

/** Callers of the API that take no JSON, or no stream where there is one, are told so before anything is done. */
const accept: FastifyPluginAsync = async (app) => {
  app.addHook('preValidation', async (request, reply) => {
    const { url = '' } = request.routeOptions
    if (!url.startsWith('/api/v1/')) return
    const [type, taken] = url.endsWith('/stream')
      ? ['text/event-stream', TAKES_EVENTS]
      : ['application/json', TAKES_JSON]
    if (accepts(request.headers.accept, taken)) return
    await sendProblem(reply, problem(406, `This answers ${type}: send Accept: ${type}, or no such header.`))
  })
}

function accepts(header: string | undefined, taken: RegExp): boolean {
  if (header === undefined || header.trim() === '') return true
  return header.split(',').some((one) => {
    const [type = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase())
    return taken.test(type) && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter))
  })
}

export default fp(accept, { name: 'accept', fastify: '5.x' })
