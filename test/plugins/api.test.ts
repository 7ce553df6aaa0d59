import { expect, test } from '@jest/globals'
import Fastify from 'fastify'
import api from '../../plugins/api.ts'
import metrics from '../../plugins/metrics.ts'
import { anAgentView, aView } from '../support/views.ts'

async function withApi() {
  let triggers = 0
  const app = Fastify()
  await app.register(api, {
    view: () => aView({ agents: [anAgentView()] }),
    trigger: () => {
      triggers += 1
    },
  })
  return { app, triggers: () => triggers }
}

test('the state is the whole view, and not for caches', async () => {
  const { app } = await withApi()
  const { statusCode, headers, body } = await app.inject('/api/v1/state')
  expect([statusCode, headers['cache-control']]).toEqual([200, 'no-store'])
  expect(headers['content-type']).toContain('application/json')
  expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(aView({ agents: [anAgentView()] }))))
})

test.each([
  ['nothing', undefined, undefined],
  ['JSON', '{"build":{"phase":"QUEUED"}}', 'application/json'],
])('a trigger with %s asks for a round', async (_what, payload, type) => {
  const { app, triggers } = await withApi()
  const request = { method: 'POST', url: '/api/v1/trigger' } as const
  const { statusCode } = await app.inject(
    payload === undefined ? request : { ...request, payload, headers: { 'content-type': type } },
  )
  expect([statusCode, triggers()]).toEqual([202, 1])
})

test('reading the trigger asks for nothing', async () => {
  const { app, triggers } = await withApi()
  expect((await app.inject('/api/v1/trigger')).statusCode).toBe(404)
  expect(triggers()).toBe(0)
})

test('metrics are what is scraped at this moment, with its content type', async () => {
  let scrapes = 0
  const app = Fastify()
  await app.register(metrics, {
    scrape: async () => {
      scrapes += 1
      return { text: `scrapes ${scrapes}\n`, contentType: 'text/plain; version=0.0.4; charset=utf-8' }
    },
  })
  await app.inject('/metrics')
  const { body, headers } = await app.inject('/metrics')
  expect(body).toBe('scrapes 2\n')
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
})
