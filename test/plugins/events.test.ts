import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import type { FastifyInstance } from 'fastify'
import { EventLines } from '../../plugins/event-lines.ts'
import type { Events } from '../../plugins/sources.ts'
import { EventLog } from '../../src/loop/event-log.ts'
import { buildServer } from '../../src/server.ts'
import { systemClock } from '../../src/system-clock.ts'
import { NO_TOKENS } from '../support/access.ts'
import { NOW } from '../support/builders.ts'
import { aLog } from '../support/log.ts'
import { aSources, someEvents } from '../support/sources.ts'

const REST = { trigger: () => undefined, access: () => NO_TOKENS, clock: systemClock, log: aLog().log }
const apps: FastifyInstance[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.close()
})

async function server(events = someEvents()): Promise<FastifyInstance> {
  const app = await buildServer({ ...REST, sources: aSources({ events }) })
  apps.push(app)
  return app
}

const STREAM = '/api/v1/events/stream'

/** A reader on a real connection: only there somebody can leave, or be stuck. */
async function stream(app: FastifyInstance, headers: Readonly<Record<string, string>> = {}) {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const request = get({ port, host: '127.0.0.1', path: STREAM, headers, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const lines: string[] = []
  let rest = ''
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = `${rest}${chunk}`.split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
  })
  const ended = new Promise<void>((resolve) => {
    response.on('error', () => undefined)
    response.once('close', resolve)
  })
  const has = async (part: string): Promise<readonly string[]> => {
    for (let at = 0; ; at += 1) {
      while (at >= lines.length) await once(response, 'data')
      if (lines[at]?.includes(part) === true) return lines
    }
  }
  return { response, has, ended, leave: () => response.destroy() }
}

function idsIn(lines: readonly string[]): readonly number[] {
  return lines.filter((line) => line.startsWith('id: ')).map((line) => Number(line.slice(4)))
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('the history has the newest first', async () => {
  const app = await server()
  const { body } = await app.inject('/api/v1/events?limit=2')
  expect(JSON.parse(body)).toMatchObject({
    now: NOW,
    lastEventId: 3,
    items: [{ id: 3 }, { id: 2, message: 'agent online' }],
  })
})

test.each([
  ['after=1&before=3', [2]],
  ['level=warn', [3]],
  ['agentId=mesos-linux-1&template=linux', [2]],
  ['q=SOLARIS', [3]],
])('the history with %s holds %j', async (query, ids) => {
  const app = await server()
  const { items } = (await app.inject(`/api/v1/events?${query}`)).json<{ items: readonly { id: number }[] }>()
  expect(items.map(({ id }) => id)).toEqual(ids)
})

test.each(['nonsense=1', 'limit=0', 'limit=1001', 'limit=x', 'level=fatal', 'after=-1', `q=${'x'.repeat(301)}`])(
  'the history with %s is refused with a problem',
  async (query) => {
    const app = await server()
    const { statusCode, headers } = await app.inject(`/api/v1/events?${query}`)
    expect([statusCode, headers['content-type']]).toEqual([400, 'application/problem+json; charset=utf-8'])
  },
)

test('the stream begins with the summary, then tells each event as it happens', async () => {
  const events = someEvents()
  const { response, has } = await stream(await server(events))
  expect(response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  })
  expect(response.headers['content-encoding']).toBeUndefined()
  events.note('info', { template: 'linux' }, 'a new\nline')
  expect((await has('a new')).slice(0, 6)).toEqual([
    'event: summary',
    expect.stringMatching(/^data: \{"now":/),
    '',
    'id: 4',
    'event: event',
    expect.stringMatching(/^data: \{"id":4,.*"message":"a new\\nline"/),
  ])
})

test.each([
  ['1', [2, 3]],
  ['3', []],
  ['99', [1, 2, 3]],
  ['x', []],
])('a reader who saw event %s last is told of %j first', async (seen, ids) => {
  const events = someEvents()
  const { has } = await stream(await server(events), { 'last-event-id': seen })
  events.note('info', {}, 'news')
  expect(idsIn(await has('news'))).toEqual([...ids, 4])
})

test('nobody is told anything any more who has left', async () => {
  const events = someEvents()
  let followers = 0
  let allLeft: () => void = () => undefined
  const counted: Events = {
    lastId: 0,
    find: events.find,
    follow: (listener) => {
      followers += 1
      const stop = events.follow(listener)
      return () => {
        followers -= 1
        stop()
        if (followers === 0) allLeft()
      }
    },
  }
  const app = await buildServer({ ...REST, sources: aSources({ events: counted }) })
  apps.push(app)
  const left = new Promise<void>((resolve) => {
    allLeft = resolve
  })
  const readers = [await stream(app), await stream(app)]
  expect(followers).toBe(2)
  for (const { leave } of readers) leave()
  await left
})

test('a look at the head of the stream follows nothing', async () => {
  let followers = 0
  const stop = (): void => {
    followers -= 1
  }
  const app = await buildServer({
    ...REST,
    sources: aSources({
      followSummary: () => {
        followers += 1
        return stop
      },
    }),
  })
  apps.push(app)
  const { statusCode, headers } = await app.inject({ method: 'HEAD', url: STREAM })
  expect([statusCode, headers['allow'], followers]).toEqual([405, 'GET', 0])
})

test('readers that could not be told anything take no place', async () => {
  let isWell = false
  const sources = aSources()
  const followSummary: typeof sources.followSummary = (listener) => {
    if (!isWell) throw new Error('a fault')
    return sources.followSummary(listener)
  }
  const app = await buildServer({ ...REST, sources: { ...sources, followSummary } })
  apps.push(app)
  for (let nth = 0; nth < 100; nth += 1) expect((await app.inject(STREAM)).statusCode).toBe(500)
  isWell = true
  expect((await stream(app)).response.statusCode).toBe(200)
})

test('there are so many readers and no more', async () => {
  const app = await server()
  const [first] = [await stream(app), ...(await Promise.all(Array.from({ length: 99 }, () => stream(app))))]
  const refused = await app.inject(STREAM)
  expect(refused.statusCode).toBe(503)
  expect(refused.json<{ detail: string }>().detail).toContain('/api/v1/summary')
  first.leave()
  // It is noticed as soon as its connection is closed.
  while ((await stream(app)).response.statusCode !== 200) await turn()
})

test('the server closes while readers follow', async () => {
  const app = await server()
  const { ended } = await stream(app)
  await app.close()
  await ended
})

test('a reader who is stuck is cut off, the others are told everything, and the server closes', async () => {
  const events = new EventLog({ now: () => NOW })
  const app = await server(events)
  const stuck = await stream(app)
  stuck.response.pause()
  const reader = await stream(app)
  const words = 'x'.repeat(1_900)
  for (let nth = 1; nth <= 10_000; nth += 1) {
    events.note('info', { words }, 'flood')
    if (nth % 50 === 0) await reader.has(`id: ${nth}`)
  }
  expect(idsIn(await reader.has('id: 10000'))).toEqual(Array.from({ length: 10_000 }, (_, at) => at + 1))
  stuck.response.resume()
  await stuck.ended // else it would be told for ever
  await app.close()
  await reader.ended
})

test('lines that wait for a reader are bounded', () => {
  const lines = new EventLines(1_000)
  const line = { event: 'event', data: 'x'.repeat(300) }
  expect([1, 2, 3, 4, 5].map(() => lines.write(line))).toEqual([true, true, true, false, false])
  expect(lines.destroyed).toBe(true)
})
