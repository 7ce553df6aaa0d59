import type { IncomingHttpHeaders } from 'node:http'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import fastifyCompress from '@fastify/compress'
import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { ofLatest } from './latest.ts'

/** Smaller answers fit into one packet. */
const LEAST_BYTES = 1_024
/** What is larger is compressed beside the event loop. */
const MOST_SYNC_BYTES = 16 * 1_024

/** Larger ones are those that many ask for while they stay the same. */
const SHARED_LENGTH = 64 * 1_024

const TYPES = /^(?:text\/(?!event-stream)|application\/(?:[a-z.-]+\+)?json|image\/svg\+xml)/
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 20 } }
const GZIP = { level: 5 }

/**
 * Text and JSON are compressed for those who take it, never streams of events. At the quality of files that are
 * compressed once, brotli would take a second for the state of a big farm. Large answers are compressed once for all who
 * are sent the same.
 */
const compression: FastifyPluginAsync = async (app) => {
  const shared = {
    br: ofLatest((text) => promisify(brotliCompress)(text, BROTLI)),
    gzip: ofLatest((text) => promisify(gzip)(text, GZIP)),
  }
  app.addHook('onSend', async (request, reply, payload) => {
    if (!TYPES.test(String(reply.getHeader('content-type')))) return payload
    varies(reply) // a cache between us must not hand a compressed answer to whoever takes none, nor the other way round
    if (typeof payload !== 'string' || payload.length < SHARED_LENGTH) return payload
    const coding = codingOf(request.headers)
    if (coding === undefined || reply.hasHeader('content-encoding')) return payload
    const compressed = await shared[coding](payload)
    reply.header('content-encoding', coding).removeHeader('content-length')
    return compressed
  })

  await app.register(fastifyCompress, {
    threshold: LEAST_BYTES,
    syncThreshold: MOST_SYNC_BYTES,
    globalDecompression: false,
    encodings: ['br', 'gzip'],
    customTypes: TYPES,
    brotliOptions: BROTLI,
    zlibOptions: GZIP,
  })
}

function varies(reply: FastifyReply): void {
  const by = String(reply.getHeader('vary') ?? '')
  if (/(^|,)\s*accept-encoding\s*(,|$)/i.test(by)) return
  reply.header('vary', by === '' ? 'accept-encoding' : `${by}, accept-encoding`)
}

/** Named plainly, as everybody does; whoever says more about what he takes is served one by one. */
function codingOf(headers: IncomingHttpHeaders): 'br' | 'gzip' | undefined {
  if (headers['x-no-compression'] !== undefined) return undefined
  const taken = (headers['accept-encoding'] ?? '').split(',').map((one) => one.trim())
  return taken.some((one) => one.includes(';'))
    ? undefined
    : (['br', 'gzip'] as const).find((one) => taken.includes(one))
}

export default fp(compression, { name: 'compression', fastify: '5.x' })
