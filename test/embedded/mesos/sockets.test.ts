import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { afterEach, expect, test } from '@jest/globals'
import { type Listener, listen } from '../../../src/embedded/listen.ts'
import { CAPABILITIES, type World, world } from './client.ts'

const thrown: unknown[] = []
let listener: Listener | undefined
afterEach(async () => {
  await listener?.close()
  listener = undefined
  thrown.length = 0
})

async function subscribe(
  there: World,
): Promise<{ readonly outgoing: ClientRequest; readonly incoming: IncomingMessage }> {
  listener = await listen(there.mesos.masterHandler, {
    host: '127.0.0.1',
    port: 0,
    onError: (error) => {
      thrown.push(error)
    },
  })
  const outgoing = request(new URL('/api/v1/scheduler', listener.url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
  })
  const info = { user: 'root', name: 'x', roles: ['ci'], capabilities: CAPABILITIES.map((type) => ({ type })) }
  outgoing.end(JSON.stringify({ type: 'SUBSCRIBE', subscribe: { framework_info: info } }))
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { outgoing, incoming }
}

test('over a real socket records come chunked, and a client that goes is disconnected', async () => {
  const there = await world()
  const { outgoing, incoming } = await subscribe(there)
  expect(incoming.headers['transfer-encoding']).toBe('chunked')
  const [first] = (await once(incoming, 'data')) as [Buffer]
  expect(first.toString()).toMatch(/^\d+\n\{"type":"SUBSCRIBED"/)
  outgoing.destroy()
  while (there.mesos.snapshot().frameworks.length > 0) await new Promise((resolve) => setImmediate(resolve))

  expect(there.mesos.snapshot().offers).toEqual([])
})

test('a reset cuts the connection in the middle of the response', async () => {
  const there = await world()
  const { incoming } = await subscribe(there)
  incoming.resume()
  there.mesos.resetStreams()

  await expect(once(incoming, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(thrown).toMatchObject([{ name: 'StreamReset' }])
})

test('an end is the last chunk: the response is whole', async () => {
  const there = await world()
  const { incoming } = await subscribe(there)
  incoming.resume()
  there.mesos.endStreams()
  await once(incoming, 'end')

  expect(incoming.complete).toBe(true)
})
