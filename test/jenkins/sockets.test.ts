import { createServer, type Server } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Jenkins } from '../../src/jenkins/jenkins.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { computer, TODAY } from './recorded.ts'

let server: Server
let jenkins: Jenkins
/** Connections so far, and whether the next request finds its connection closed. */
let connections: number
let reset: boolean

beforeEach(async () => {
  connections = 0
  reset = false
  server = createServer((request, response) => {
    if (reset) {
      reset = false
      request.socket.resetAndDestroy()
      return
    }
    const body = gzipSync(JSON.stringify(computer({ description: request.headers['accept-encoding'] })))
    response.writeHead(200, { ...TODAY, 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body)
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  jenkins = new Jenkins({ url: new URL(`http://127.0.0.1:${address.port}/`), clock: new VirtualClock() })
})

afterEach(async () => {
  await jenkins.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('connections are kept, and gzip is asked for and read', async () => {
  expect(await jenkins.readNode('agent-1')).toMatchObject({ name: 'agent-1', description: 'gzip' })
  expect(await jenkins.readNode('agent-1')).toMatchObject({ name: 'agent-1' })
  expect(connections).toBe(1)
})

test('a connection that the server closed under a reading costs nothing but another', async () => {
  await jenkins.readNode('agent-1')
  reset = true
  expect(await jenkins.readNode('agent-1')).toMatchObject({ name: 'agent-1' })
  expect(connections).toBe(2)
})

test('a reset under a POST is told, and the POST not repeated', async () => {
  await jenkins.readNode('agent-1')
  reset = true
  await expect(jenkins.deleteNode('agent-1')).rejects.toMatchObject({ code: 'JENKINS_UNREACHABLE', notSent: false })
  expect(connections).toBe(1)
})

test('a request that is given up ends at once', async () => {
  const stop = new AbortController()
  const reason = new Error('given up')
  server.removeAllListeners('request')
  server.on('request', () => {
    stop.abort(reason)
  })
  await expect(jenkins.readNode('agent-1', stop.signal)).rejects.toBe(reason)
})
