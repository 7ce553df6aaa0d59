/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   Recorded JSON is looked into freely. */
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { ask, Client, headerOf, type Json, recorded, text, world } from './client.ts'

const { exchanges } = recorded('08-http-status-table')
const transport = recorded('08c-http-transport').exchanges
const OWN_ID = exchanges.find(({ name }: Json) => name === 'decline-ok').request.body
const RECORDED_FRAMEWORK = JSON.parse(OWN_ID).framework_id.value
const RECORDED_STREAM = exchanges.find(({ name }: Json) => name === 'decline-ok').request.headers['Mesos-Stream-Id']

// The embedded master answers JSON only, and says so where a real one would answer in protobuf.
const DIFFERENT = new Set(['subscribe-accept-protobuf'])

describe('an answer of the scheduler API is the recorded one', () => {
  test.each(
    exchanges
      .filter(({ name, response }: Json) => response !== null && !DIFFERENT.has(name))
      .map((exchange: Json) => [exchange.name, exchange.about, exchange]) as [string, string, Json][],
  )('%s: %s', async (name, _about, exchange: Json) => {
    const there = await world()
    const client = await Client.subscribe(there, { failover_timeout: 30 })
    if (/^not-subscribed/.test(name)) await client.leave()
    if (name === 'removed-framework') await client.send({ type: 'TEARDOWN' })
    const ours = (value: string): string =>
      value
        .replaceAll(RECORDED_FRAMEWORK, client.frameworkId)
        .replaceAll(RECORDED_FRAMEWORK.replace(/\d{4}$/, '0005'), client.frameworkId)
        .replaceAll(RECORDED_STREAM, client.streamId)
    const headers = Object.fromEntries(
      Object.entries(exchange.request.headers as Record<string, string>).map(([key, value]) => [key, ours(value)]),
    )
    const { method, path, body } = exchange.request
    const response = await ask(there.mesos.masterHandler, method, path, headers, ours(body ?? ''))

    expect([response.status, response.reason]).toEqual([exchange.response.status, exchange.response.reason])
    const shown = (list: readonly (readonly [string, string])[]): Json =>
      Object.fromEntries(list.filter(([key]) => !['Date', 'Content-Length', 'Mesos-Stream-Id'].includes(key)))
    expect(shown(response.headers)).toEqual(shown(Object.entries(exchange.response.headers)))
    expect(response.headers.map(([key]) => key)).toEqual(Object.keys(exchange.response.headers))
    if (response.status !== 200 && method !== 'HEAD') expect(text(response)).toBe(ours(exchange.response.body))
  })

  test.each(
    transport
      .filter(({ name }: Json) =>
        ['bom', 'trailing-garbage', 'trailing-newline', 'duplicate-key', 'query-string', 'trailing-slash'].includes(
          name,
        ),
      )
      .map((exchange: Json) => [exchange.about, exchange]),
  )('%s', async (_about, exchange: Json) => {
    const there = await world()
    const client = await Client.subscribe(there)
    const [head, body] = exchange.request_raw.split('\r\n\r\n')
    const [, method, path] = /^(\S+) (\S+)/.exec(head) ?? []
    const response = await ask(
      there.mesos.masterHandler,
      method ?? '',
      path ?? '',
      { 'content-type': 'application/json', 'mesos-stream-id': client.streamId },
      body.replaceAll(/"[0-9a-f-]{36}-0000"/g, JSON.stringify(client.frameworkId)),
    )

    expect(response.status).toBe(exchange.responses[0].status)
    expect(masked(text(response))).toBe(masked(exchange.responses[0].body))
  })
})

function masked(body: string): string {
  return body.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-0000/g, 'ID')
}

test.each([
  ['whole', gzipSync('{"type":"REVIVE","framework_id":{"value":"x"}}'), 'Framework cannot be found'],
  ['broken', Buffer.from('no gzip'), 'Failed to decompress request body'],
])('a gzip body that is %s', async (_name, body, said) => {
  const { mesos } = await world()
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' }

  expect(text(await ask(mesos.masterHandler, 'POST', '/api/v1/scheduler', headers, body))).toBe(said)
})

test('a call of type UNKNOWN is answered 501 where a real master aborts', async () => {
  const there = await world()
  const client = await Client.subscribe(there)

  expect((await client.send({ type: 'UNKNOWN' })).status).toBe(501)
})

test('SUBSCRIBE in JSON is refused where only protobuf is accepted', async () => {
  const { request } = exchanges.find(({ name }: Json) => name === 'subscribe-accept-protobuf')
  const { mesos } = await world()

  expect((await ask(mesos.masterHandler, 'POST', request.path, request.headers, request.body)).status).toBe(406)
})

describe('a master that does not lead', () => {
  const follower = recorded('12c-follower-answers').exchanges.filter(
    ({ master, request }: Json) => master === 'follower' && request.path !== '/master/redirect/x',
  )

  test.each(follower.map((exchange: Json) => [`${exchange.request.method} ${exchange.request.path}`, exchange]))(
    'answers %s as recorded',
    async (_name, { request, response }: Json) => {
      const { mesos } = await world()
      mesos.lead({ leader: '127.0.0.1:5320' })
      const answer = await ask(mesos.masterHandler, request.method, request.path, request.headers, request.body ?? '')

      expect(answer.status).toBe(response.status)
      expect(headerOf(answer, 'Location')).toBe(response.headers.Location ?? '')
    },
  )

  test.each([
    ['nobody', 'No leader elected'],
    ['recovering', 'Master has not finished recovery'],
  ] as const)('%s: 503 %s', async (leading, said) => {
    const { mesos } = await world()
    mesos.lead(leading)
    const answer = await ask(mesos.masterHandler, 'POST', '/api/v1/scheduler')

    expect([answer.status, text(answer)]).toEqual([503, said])
  })

  test('the leader redirects to itself', async () => {
    const { mesos } = await world()
    const answer = await ask(mesos.masterHandler, 'GET', '/master/redirect')

    expect([answer.status, headerOf(answer, 'Location')]).toEqual([307, '//127.0.0.1:5150'])
  })
})
