import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import fp from 'fastify-plugin'
import { redact } from '../src/core/secret.ts'
import { EVENTS, Filter, STREAM } from './api/events-schema.ts'
import { EventLines } from './event-lines.ts'
import { problem, sendProblem } from './problem.ts'
import type { Sources } from './sources.ts'

export type EventsOptions = Pick<Sources, 'events' | 'summary' | 'followSummary'>

/** Readers at the same time. */
const MOST_READERS = 100
/** Events that a reader who was away is told; what came before is history. */
const MOST_MISSED = 1_000

/**
 * `GET /api/v1/events`: what happened lately, newest first. `GET /api/v1/events/stream`: the same as it happens, and the
 * summary whenever it changed, as server-sent events.
 */
const events: FastifyPluginAsyncTypebox<EventsOptions> = async (app, { events, summary, followSummary }) => {
  app.get('/api/v1/events', { schema: { ...EVENTS, querystring: Filter } }, async (request, reply) => {
    const { q, ...filter } = request.query
    const { now, startedAt } = summary()
    const items = events.find({ ...filter, text: q }).toReversed()
    return reply.send({ now, startedAt, lastEventId: events.lastId, items })
  })

  const readers = new Set<EventLines>()
  app.addHook('preClose', async () => {
    for (const reader of readers) reader.destroy()
  })

  const summaryText = latestText()
  const eventText = latestText()
  // Who asks for the head alone would follow for ever: nothing of the stream is ever sent, so nobody sees it leave.
  app.get('/api/v1/events/stream', { schema: STREAM, exposeHeadRoute: false }, async (request, reply) => {
    if (readers.size >= MOST_READERS) return sendProblem(reply, TOO_MANY)
    const reader = new EventLines()
    const leave = [
      followSummary((now) => {
        reader.write({ event: 'summary', data: summaryText(now) })
      }),
      events.follow((event) => {
        reader.write({ event: 'event', data: eventText(event), id: event.id })
      }),
    ]
    readers.add(reader)
    reader.once('close', () => {
      readers.delete(reader)
      for (const stop of leave) stop()
    })
    for (const event of missed(request.headers['last-event-id'], events)) {
      reader.write({ event: 'event', data: textOf(event), id: event.id })
    }
    return reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no').send(reader)
  })
}

const TOO_MANY = problem(
  503,
  `${MOST_READERS} readers follow already: ask /api/v1/summary and /api/v1/events now and again instead.`,
)

/** What came after the event that a reader saw last; ids of another process say nothing. */
function missed(
  lastSeen: string | string[] | undefined,
  events: Sources['events'],
): ReturnType<Sources['events']['find']> {
  if (typeof lastSeen !== 'string' || !/^\d{1,15}$/.test(lastSeen)) return []
  const after = Number(lastSeen)
  return events.find({ after: after > events.lastId ? 0 : after, limit: MOST_MISSED })
}

/** All readers are sent the same: its text is made once. */
function latestText(): (value: object) => string {
  let last: { readonly of: object; readonly text: string } | undefined
  return (value) => {
    if (last?.of !== value) last = { of: value, text: textOf(value) }
    return last.text
  }
}

/** A stream passes by what takes secrets out of answers. */
function textOf(value: object): string {
  return redact(JSON.stringify(value))
}

export default fp(events, { name: 'events', fastify: '5.x' })
