import { constants } from 'node:zlib'
import fastifyCompress from '@fastify/compress'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

/** Smaller answers fit into one packet. */
const LEAST_BYTES = 1_024
/** What is larger is compressed beside the event loop. */
const MOST_SYNC_BYTES = 16 * 1_024

/**
 * Text and JSON are compressed for those who take it, never streams of events. At the quality of files that are
 * compressed once, brotli would take a second for the state of a big farm.
 */
const compression: FastifyPluginAsync = async (app) => {
  await app.register(fastifyCompress, {
    threshold: LEAST_BYTES,
    syncThreshold: MOST_SYNC_BYTES,
    globalDecompression: false,
    encodings: ['br', 'gzip'],
    customTypes: /^(?:text\/(?!event-stream)|application\/(?:[a-z.-]+\+)?json|image\/svg\+xml)/,
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 20 } },
    zlibOptions: { level: 5 },
  })
}

export default fp(compression, { name: 'compression', fastify: '5.x' })
