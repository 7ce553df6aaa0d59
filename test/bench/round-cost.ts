import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { request } from 'undici'
import { describeAgent } from '../../src/core/markers.ts'
import type { AgentId, FrameworkId, TemplateName } from '../../src/core/model.ts'
import type { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import { Jenkins } from '../../src/jenkins/jenkins.ts'
import { systemClock } from '../../src/system-clock.ts'
import type { Benchmark } from './bench.ts'
import { addNode, connectAgent, listenAsJenkins, TOKEN, USER } from './big-jenkins.ts'
import { SILENT } from './silent.ts'

const NODES = 1_000
const BUILDS = 600
const ITEMS = 200
/** No label is on all nodes: with `depth=1` Jenkins lists the nodes of every label of every node. */
const TEAMS = 20
const ROUNDS = 3

/**
 * What one round asks of a Jenkins with many nodes, against the same two pages with `depth=1` and without `tree`.
 * Bytes are counted on the wire, heads included, both compressed as a real client gets them.
 */
export const roundCost: Benchmark = {
  name: 'jenkins',
  run: async () => {
    const { jenkins, listener, requests } = await listenAsJenkins()
    const wire = await countingProxy(listener.port)
    try {
      await fill(jenkins)
      const adapter = new Jenkins({
        url: new URL(wire.url),
        user: USER,
        token: TOKEN,
        agentUrl: undefined,
        clock: systemClock,
        log: SILENT,
      })
      const ours = { requests: 0, bytes: 0 }
      for (let round = 0; round < ROUNDS; round++) {
        const before = { requests: requests(), bytes: wire.bytes }
        const reading = await adapter.read()
        if (reading.nodes.length <= NODES || reading.queue.length !== ITEMS) throw new Error('not all of it was read')
        ours.requests += requests() - before.requests
        ours.bytes += wire.bytes - before.bytes
      }
      const start = wire.bytes
      for (const page of ['computer', 'queue']) await get(`${wire.url}${page}/api/json?depth=1`)
      const wholeBytes = wire.bytes - start
      await adapter.close()
      return [
        {
          name: 'jenkins: requests of a round, 1,000 nodes',
          value: ours.requests / ROUNDS,
          unit: 'requests',
          target: { atMost: 2 },
        },
        {
          name: 'jenkins: bytes of a round, 1,000 nodes',
          value: ours.bytes / ROUNDS / 1_000,
          unit: 'kB gzipped',
          target: undefined,
        },
        {
          name: 'jenkins: share of what depth=1 without tree costs',
          value: ours.bytes / ROUNDS / wholeBytes,
          unit: 'of bytes',
          target: { atMost: 0.5 },
        },
      ]
    } finally {
      await wire.close()
      await listener.close()
      await jenkins.stop()
    }
  },
}

/** Agents of ours, most of them with a build, and a queue that waits for another kind. */
async function fill(jenkins: EmbeddedJenkins): Promise<void> {
  for (let index = 0; index < NODES; index++) {
    const name = `mesos-linux-${(index * 7_919).toString(36).padStart(10, '0')}`
    const mark = {
      agentId: name as AgentId,
      template: 'linux' as TemplateName,
      frameworkId: '285ec86c-c1c5-4917-87ef-3fc5e9e6c7e6-0029' as FrameworkId,
    }
    const description = describeAgent(mark, `build-${index % 90} waits`)
    await addNode(jenkins, { name, description, labels: `linux-${index % TEAMS} team-${index % TEAMS}`, executors: 1 })
    await connectAgent(jenkins, name)
  }
  for (let index = 0; index < BUILDS + ITEMS; index++) {
    const name = `build-${index}`
    jenkins.createJob({ name, label: index < BUILDS ? `team-${index % TEAMS}` : 'gpu', durationMs: 3_600_000 })
    jenkins.build(name)
  }
}

async function get(url: string): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${USER}:${TOKEN}`).toString('base64')}`
  const { statusCode, headers, body } = await request(url, { headers: { authorization, 'accept-encoding': 'gzip' } })
  await body.arrayBuffer()
  if (statusCode !== 200 || headers['content-encoding'] !== 'gzip') {
    throw new Error(`GET ${url}: ${statusCode}, encoded as ${String(headers['content-encoding'])}`)
  }
}

interface Wire {
  readonly url: string
  /** Both directions. */
  readonly bytes: number
  readonly close: () => Promise<void>
}

async function countingProxy(port: number): Promise<Wire> {
  let bytes = 0
  const sockets = new Set<Socket>()
  const pipe = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('data', (chunk) => {
      bytes += chunk.length
    })
    from.on('error', () => to.destroy())
    from.on('close', () => sockets.delete(from))
    from.pipe(to)
  }
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    pipe(client, upstream)
    pipe(upstream, client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    get bytes() {
      return bytes
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
