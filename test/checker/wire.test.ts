import { expect, test } from '@jest/globals'
import type { HttpRequest, HttpResponse } from '../../src/embedded/http.ts'
import { type Told, tapped, WHO_HEADER, type WireRequest } from './wire.ts'

function listening(answer: HttpResponse) {
  const requests: WireRequest[] = []
  const told: Told[] = []
  const ended: string[] = []
  const exchanges: string[] = []
  const handler = tapped(
    async () => answer,
    () => ({
      request: (request) => requests.push(request),
      told: (one) => told.push(one),
      streamEnded: (who) => ended.push(who),
      exchange: (who, words, status) => exchanges.push(`${who} ${words} ${status}`),
    }),
  )
  const send = (method: string, path: string, body = '', headers: Record<string, string> = { [WHO_HEADER]: 'me' }) => {
    const request: HttpRequest = {
      method,
      path,
      headers,
      body: Buffer.from(body),
      signal: new AbortController().signal,
      remote: '',
    }
    return handler(request)
  }
  return { requests, told, ended, exchanges, send }
}

const EMPTY: HttpResponse = { status: 200, headers: [], body: Buffer.alloc(0) }

test('a sidecar is heard: what it changes, at which node, and its calls to the master', async () => {
  const { requests, exchanges, send } = listening(EMPTY)
  await send('POST', '/jenkins/computer/a%20b/doDelete')
  await send('POST', '/computer/doCreateItem', 'name=mesos-x-1&type=t')
  await send('POST', '/api/v1/scheduler', '{"type":"KILL","kill":{"task_id":{"value":"t"}}}')
  await send('GET', '/queue/api/json')
  expect(requests.map(({ action, node, call }) => [action, node, call?.kill?.task_id.value])).toEqual([
    ['doDelete', 'a b', undefined],
    ['doCreateItem', 'mesos-x-1', undefined],
    ['KILL', undefined, 't'],
  ])
  expect(exchanges).toHaveLength(4)
})

test('others are not heard', async () => {
  const { requests, exchanges, send } = listening(EMPTY)
  await send('POST', '/computer/a/doDelete', '', {})
  expect([requests, exchanges]).toEqual([[], []])
})

test('a subscription is heard, however its records are cut into chunks, and its end', async () => {
  const records = [{ type: 'HEARTBEAT' }, { type: 'ERROR', error: { message: 'Framework failed over' } }]
  const bytes = Buffer.from(records.map((one) => `${JSON.stringify(one).length}\n${JSON.stringify(one)}`).join(''))
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
  }
  const { told, ended, send } = listening({ ...EMPTY, body: stream() })
  const { body } = await send('POST', '/api/v1/scheduler', '{"type":"SUBSCRIBE"}')
  const passed: Uint8Array[] = []
  for await (const chunk of body as AsyncIterable<Uint8Array>) passed.push(chunk)
  expect(Buffer.concat(passed)).toEqual(bytes)
  expect(told).toEqual(records.map((one) => ({ who: 'me', ...one })))
  expect(ended).toEqual(['me'])
})
