import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { RequestMeter } from '../src/metrics/instruments.ts'

export interface RequestsOptions {
  readonly requests: RequestMeter
}

/** Streams of events stay open: how long is no measure of anything. */
const STREAM = '/stream'

/** Counts the requests that the server answers, by route and never by address, which callers choose. */
const requests: FastifyPluginAsync<RequestsOptions> = async (app, { requests: meter }) => {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url?.endsWith(STREAM) !== true) return
    meter.streams(1)
    reply.raw.once('close', () => {
      meter.streams(-1)
    })
  })
  app.addHook('onResponse', async (request, reply) => {
    const { url } = request.routeOptions
    meter.answered(url, reply.statusCode, url?.endsWith(STREAM) === true ? undefined : reply.elapsedTime / 1000)
  })
}

export default fp(requests, { name: 'requests', fastify: '5.x' })
