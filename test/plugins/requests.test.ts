import { expect, test } from '@jest/globals'
import Fastify from 'fastify'
import requests from '../../plugins/requests.ts'

test('requests are counted by route, never by the address that a caller chose; streams by how many are open', async () => {
  const answered: unknown[] = []
  const streams: number[] = []
  const app = Fastify()
  await app.register(requests, {
    requests: {
      answered: (route, status, seconds) => answered.push([route, status, typeof seconds]),
      streams: (change) => streams.push(change),
    },
  })
  app.get('/agents/:agentId', async () => 'ok')
  app.get('/events/stream', async () => 'over at once')
  for (const url of ['/agents/a', '/agents/b?x=1', '/made/up/by/a/caller', '/events/stream']) await app.inject({ url })
  await app.close()
  expect(answered).toEqual([
    ['/agents/:agentId', 200, 'number'],
    ['/agents/:agentId', 200, 'number'],
    [undefined, 404, 'number'],
    ['/events/stream', 200, 'undefined'],
  ])
  expect(streams[0]).toBe(1)
})
