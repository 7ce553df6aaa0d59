import { beforeAll, expect, test } from '@jest/globals'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { buildServer } from '../../../src/server.ts'
import { systemClock } from '../../../src/system-clock.ts'
import { NO_TOKENS } from '../../support/access.ts'
import { closed } from '../../support/closed.ts'
import { aLog } from '../../support/log.ts'
import { richSources, richView } from '../../support/rich-sources.ts'
import { watchRoutes } from '../../support/routes.ts'

let app: FastifyInstance
let routes: readonly RouteOptions[]
const sources = richSources()

beforeAll(async () => {
  ;({ app, routes } = await watchRoutes(() =>
    buildServer({ sources, trigger: () => undefined, access: () => NO_TOKENS, clock: systemClock, log: aLog().log }),
  ))
})

const AGENT = 'mesos-linux-1'
const URLS = [
  ['/api/v1/summary', '/api/v1/summary'],
  ['/api/v1/state', '/api/v1/state'],
  ['/api/v1/timeline', '/api/v1/timeline'],
  ['/api/v1/plan', '/api/v1/plan'],
  ['/api/v1/configuration', '/api/v1/configuration'],
  ['/api/v1/metrics', '/api/v1/metrics'],
  ['/api/v1/session', '/api/v1/session'],
  ['/api/v1/queue', '/api/v1/queue'],
  ['/api/v1/queue/:itemId', '/api/v1/queue/1'],
  ['/api/v1/agents', '/api/v1/agents'],
  ['/api/v1/agents/:agentId', `/api/v1/agents/${AGENT}`],
  ['/api/v1/hosts', '/api/v1/hosts'],
  ['/api/v1/hosts/:hostname', '/api/v1/hosts/host-1'],
  ['/api/v1/templates', '/api/v1/templates'],
  ['/api/v1/templates/:name', '/api/v1/templates/linux'],
  ['/api/v1/explain', '/api/v1/explain'],
  ['/api/v1/explain', '/api/v1/explain?item=1'],
  ['/api/v1/explain', '/api/v1/explain?job=app'],
  ['/api/v1/explain', '/api/v1/explain?template=linux'],
  ['/api/v1/explain', `/api/v1/explain?agent=${AGENT}`],
  ['/api/v1/sizing', '/api/v1/sizing'],
  ['/api/v1/dry-run', '/api/v1/dry-run'],
  ['/api/v1/events', '/api/v1/events'],
  ['/health/live', '/health/live'],
  ['/health/ready', '/health/ready'],
] as const

test.each(URLS)('%s answers what its schema says and nothing more: %s', async (route, url) => {
  const { statusCode, body } = await app.inject(url)
  expect([statusCode, body]).toEqual([200, expect.any(String)])
  const answer = JSON.parse(body) as unknown
  const { schema } = routes.find(({ url, method }) => url === route && method === 'GET') ?? {}
  const shape = (schema?.response as Readonly<Record<string, { content: Record<string, { schema: TSchema }> }>>)['200']
  const json = shape?.content['application/json']?.schema
  expect([...Value.Errors(closed(json as TSchema), answer)]).toEqual([])
})

test('every GET of the API with an answer in JSON stands in that table', () => {
  const named = new Set<string>(URLS.map(([route]) => route))
  const missing = routes.filter(({ url, method }) => method === 'GET' && url.startsWith('/api/') && !named.has(url))
  expect(missing.map(({ url }) => url).sort()).toEqual(['/api/v1/events/stream', '/api/v1/openapi.json'])
})

test('nothing is left out of an answer, and only what is not known is', async () => {
  const read = async (url: string): Promise<string> => (await app.inject(url)).body
  expect(await read('/api/v1/state')).toBe(JSON.stringify(richView))
  expect(await read('/api/v1/summary')).toBe(JSON.stringify(sources.summary()))
  const items = (text: string): unknown => (JSON.parse(text) as { readonly items: unknown }).items
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
  expect(items(await read('/api/v1/agents'))).toEqual(plain(richView.agents))
  expect(items(await read('/api/v1/templates'))).toEqual(plain(richView.templates))
  expect(items(await read('/api/v1/queue'))).toEqual(plain(richView.queue))
  expect(items(await read('/api/v1/hosts'))).toEqual(plain(sources.hosts(['host-1'])))
})

test('one agent and one template are all that is known of them', async () => {
  const read = async (url: string): Promise<object> => JSON.parse((await app.inject(url)).body) as object
  const [agent] = richView.agents
  expect(Object.keys(await read(`/api/v1/agents/${AGENT}`)).sort()).toEqual(
    [...Object.keys(agent ?? {}), 'held', 'now', 'provisioned'].sort(),
  )
  expect(await read('/api/v1/templates/linux')).toMatchObject({ labels: ['linux'], needs: 'cpus 0.3, mem 704 MiB' })
})
