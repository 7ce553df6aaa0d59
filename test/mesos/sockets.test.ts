import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { FrameworkId } from '../../src/core/model.ts'
import type { MesosEvent } from '../../src/loop/ports.ts'
import { FixedUrlDetector } from '../../src/mesos/detector/fixed-url.ts'
import { MesosSession } from '../../src/mesos/session.ts'
import { MesosUsage } from '../../src/mesos/usage.ts'
import { systemClock } from '../../src/system-clock.ts'
import { launchOf } from './launches.ts'
import { events, frame, trace } from './traces.ts'

/** What only real connections show: which of them carry what, and how they end. */
let server: Server
let origin: string
let streams: ServerResponse[]
let callSockets: Set<Socket>
let streamSockets: Set<Socket>
let told: MesosEvent[]
let waiting: (() => void)[]
let session: MesosSession

beforeEach(async () => {
  streams = []
  callSockets = new Set()
  streamSockets = new Set()
  told = []
  waiting = []
  server = createServer((request, response) => {
    void answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const quiet = (): void => undefined
  session = new MesosSession({
    framework: {
      user: 'ci',
      name: 'Jenkins',
      roles: ['ci'],
      failoverTimeoutSeconds: 60,
      principal: undefined,
      hostname: undefined,
      webuiUrl: undefined,
    },
    detector: new FixedUrlDetector([origin]),
    clock: systemClock,
    random: () => 0,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
  session.start(undefined, (event) => {
    told.push(event)
    for (const wake of waiting.splice(0)) wake()
  })
})
afterEach(async () => {
  await session.stop()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/containers') {
    response.end(JSON.stringify(trace('14a-agent-containers').response.body_json))
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { type } = JSON.parse(Buffer.concat(chunks).toString()) as { type: string }
  if (type !== 'SUBSCRIBE') {
    callSockets.add(request.socket)
    response.writeHead(202).end()
    return
  }
  streamSockets.add(request.socket)
  streams.push(response)
  response.writeHead(200, { 'Content-Type': 'application/json', 'Mesos-Stream-Id': 's' })
  for (const event of events('03-task-exit0').slice(0, 1)) response.write(frame(event))
}

async function toldOf(kind: MesosEvent['kind'], count: number): Promise<void> {
  while (told.filter((event) => event.kind === kind).length < count) {
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
    })
  }
}

test('all calls go over one connection, which is not that of the stream', async () => {
  await toldOf('subscribed', 1)
  await Promise.all(
    Array.from({ length: 5 }, (_, i) => session.kill(launchOf({ agentId: `a${i}` }).agentId, undefined)),
  )
  expect(callSockets.size).toBe(1)
  expect(streamSockets.size).toBe(1)
  expect([...callSockets].some((socket) => streamSockets.has(socket))).toBe(false)
})

test.each([
  ['ends the stream and keeps the connection', (stream: ServerResponse): unknown => stream.end()],
  ['ends the connection in the middle', (stream: ServerResponse): unknown => stream.socket?.end()],
  ['resets the connection', (stream: ServerResponse): unknown => stream.socket?.resetAndDestroy()],
  ['ends in a record', (stream: ServerResponse): unknown => stream.end('500\n{"type":')],
])('a master that %s is subscribed to again', async (_, act) => {
  await toldOf('subscribed', 1)
  const [stream] = streams
  if (stream !== undefined) act(stream)
  await toldOf('subscribed', 2)
  expect(told.map(({ kind }) => kind)).toEqual(['subscribed', 'disconnected', 'subscribed'])
})

test('a recorded stream in pieces of seven bytes', async () => {
  await toldOf('subscribed', 1)
  const bytes = Buffer.concat(events('03-task-exit0').slice(1).map(frame))
  for (let at = 0; at < bytes.length; at += 7) streams[0]?.write(bytes.subarray(at, at + 7))
  const updates = events('03-task-exit0').filter(({ type }) => type === 'UPDATE').length
  expect(updates).toBeGreaterThan(2)
  await toldOf('status', updates)
})

test('stop ends both connections', async () => {
  await toldOf('subscribed', 1)
  await session.reconcile([])
  await session.stop()
  const sockets = [...callSockets, ...streamSockets]
  for (const socket of sockets) if (!socket.destroyed) await once(socket, 'close')
  expect(sockets).toHaveLength(2)
})

test('usage is read over a connection of its own', async () => {
  const quiet = (): void => undefined
  const usage = new MesosUsage({
    frameworkId: () => '472ffb33-848c-4998-b16f-038c580f0655-0012' as FrameworkId,
    clock: systemClock,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  })
  const hosts = [{ mesosAgentId: launchOf().agentId as never, address: new URL(origin).host }]
  expect(await usage.read(hosts)).toHaveLength(1)
  await usage.close()
})
