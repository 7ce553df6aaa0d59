import { createHash } from 'node:crypto'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { ofLatest } from './latest.ts'

/**
 * What changes with every look and says nothing new: when the answer was made, at its very beginning, and in `health`
 * behind it how long ago the last round ended, which `round.lastAt` says, too.
 */
const CLOCK = /^\{"now":[\d.]+(,"health":\{"status":"[^"]*","words":"(?:[^"\\]|\\.)*","lastRoundAgeMs":[\d.]+)?/
const AGE = /"lastRoundAgeMs":[\d.]+$/

/**
 * Answers of the API are asked for anew each time (`no-cache`), and only sent if they changed: each has a weak ETag of
 * what it says. Not by `@fastify/etag`, which hashes the time in it, too, so that nothing would ever stay the same, and
 * which answers 304 to any method and in place of errors.
 */
const etag: FastifyPluginAsync = async (app) => {
  const tag = ofLatest(tagOf)
  app.addHook('onSend', async (request, reply, payload) => {
    // By its route: an address may be written in several ways.
    const path = request.routeOptions.url ?? request.url
    if (!path.startsWith('/api/v1/') || !['GET', 'HEAD'].includes(request.method)) return payload
    // Who has said it already knows better: a stream, or what is another caller's business.
    if (reply.hasHeader('cache-control') && reply.getHeader('cache-control') !== 'no-cache') return payload
    reply.header('cache-control', reply.statusCode === 200 ? 'no-cache' : 'no-store')
    if (reply.statusCode !== 200 || typeof payload !== 'string') return payload
    const own = tag(payload)
    reply.header('etag', own)
    if (!isKnown(own, request.headers['if-none-match'])) return payload
    reply.code(304).removeHeader('content-type').removeHeader('content-length')
    return null
  })
}

function tagOf(text: string): string {
  const said = text.replace(CLOCK, (clock) => clock.replace(AGE, '').replace(/^\{"now":[\d.]+/, ''))
  return `W/"${createHash('sha1').update(said).digest('base64url')}"`
}

/** Weak comparison: a proxy that compresses may have made a strong tag weak, or the other way round. */
function isKnown(tag: string, asked: string | undefined): boolean {
  if (asked === undefined) return false
  if (asked.trim() === '*') return true
  const value = tag.slice('W/'.length)
  return asked.split(',').some((one) => one.trim().replace(/^W\//, '') === value)
}

export default fp(etag, { name: 'etag', fastify: '5.x' })
