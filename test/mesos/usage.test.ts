import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { FrameworkId, MesosAgentId } from '../../src/core/model.ts'
import type { HttpResponse } from '../../src/embedded/http.ts'
import type { UsageHost } from '../../src/loop/ports.ts'
import { MesosUsage, type MesosUsageOptions } from '../../src/mesos/usage.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'
import { answer } from './stub-master.ts'
import { trace } from './traces.ts'

const RECORDED = trace('14a-agent-containers').response.body_json
const OURS = '472ffb33-848c-4998-b16f-038c580f0655-0012'

let clock: VirtualClock
let network: MemoryNetwork
let logged: string[]
let usage: MesosUsage

beforeEach(() => {
  clock = new VirtualClock()
  network = new MemoryNetwork()
  logged = []
  usage = make()
})
afterEach(async () => {
  await usage.close()
  await settle()
  expect([network.open, clock.pending]).toEqual([0, 0])
})

function make(over: Partial<MesosUsageOptions> = {}): MesosUsage {
  const note = (level: string) => (fields: object, message: string) => {
    logged.push(`${level} ${message} ${JSON.stringify(fields)}`)
  }
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
  const dispatcher = (origin: string) => network.dispatcher(origin)
  return new MesosUsage({ frameworkId: () => OURS as FrameworkId, clock, log, dispatcher, ...over })
}

function host(name: string): UsageHost {
  return { mesosAgentId: name as MesosAgentId, address: `${name}:5051` }
}

function serve(name: string, response: HttpResponse | (() => Promise<HttpResponse>)): string[] {
  const paths: string[] = []
  network.serve(`http://${name}:5051`, async (request) => {
    paths.push(`${request.method} ${request.path} ${request.headers['authorization'] ?? '-'}`)
    return typeof response === 'function' ? response() : response
  })
  return paths
}

const json = (value: unknown): HttpResponse => answer(200, JSON.stringify(value))
const container = (executor: string, statistics: object = {}, framework = OURS): object => ({
  framework_id: framework,
  executor_id: executor,
  statistics,
})

test('the recorded answer of a host', async () => {
  const paths = serve('h', json(RECORDED))
  expect(await usage.read([host('h')])).toEqual([
    {
      agentId: 's14',
      at: 1_795_450_584_880,
      cpuSeconds: expect.closeTo(0.64),
      cpusLimit: 1.1,
      memRssBytes: 403_869_696,
      memLimitBytes: 167_772_160,
    },
  ])
  expect(paths).toEqual(['GET /containers -'])
})

test('what a host does not tell is undefined, not zero', async () => {
  const limits = { cpus_limit: 2, cpus_soft_limit: 1, cpus_user_time_secs: 3, timestamp: 1.5 }
  serve('h', json([container('a'), container('b', limits)]))
  const nothing = { cpuSeconds: undefined, cpusLimit: undefined, memRssBytes: undefined, memLimitBytes: undefined }
  expect(await usage.read([host('h')])).toEqual([
    { ...nothing, agentId: 'a', at: clock.now() },
    { ...nothing, agentId: 'b', at: 1500, cpuSeconds: 3, cpusLimit: 2 },
  ])
})

test("others' containers, those without statistics, and what has another shape are left out", async () => {
  const wrong = [7, null, {}, container('x', { mem_rss_bytes: 'much' })]
  serve(
    'h',
    json([container('o', {}, 'other'), { ...container('n'), statistics: undefined }, ...wrong, container('a')]),
  )
  expect(await usage.read([host('h')])).toMatchObject([{ agentId: 'a' }])
})

test.each([
  ['not JSON', answer(200, '<html>')],
  ['no list', json({})],
  ['an error', answer(500, 'oops')],
])('a host that answers %s is missing, the others are not', async (_, response) => {
  serve('bad', response)
  serve('good', json([container('a')]))
  expect(await usage.read([host('bad'), host('gone'), host('good')])).toMatchObject([{ agentId: 'a' }])
  expect(logged.filter((line) => line.startsWith('debug'))).toHaveLength(2)
})

test('a host that is silent is missing after 5 s', async () => {
  serve('mute', () => new Promise(() => undefined))
  serve('good', json([container('a')]))
  const read = usage.read([host('mute'), host('good')])
  await clock.advance(4_999)
  expect(network.open).toBe(1)
  await clock.advance(1)
  expect(await read).toMatchObject([{ agentId: 'a' }])
  expect(logged).toEqual([expect.stringContaining('no answer within 5 s')])
})

test.each([401, 403])('%i is told once for all hosts, until they answer again', async (status) => {
  const hosts = [host('h1'), host('h2')]
  for (const name of ['h1', 'h2']) serve(name, answer(status))
  await usage.read(hosts)
  await usage.read(hosts)
  const refused = expect.stringMatching(/^warn hosts do not let us read usage.*http:\/\/h[12]:5051/)
  expect(logged).toEqual([refused])
  for (const name of ['h1', 'h2']) serve(name, json([]))
  await usage.read(hosts)
  expect(logged.slice(1)).toEqual([expect.stringMatching(/^info hosts let us read usage again/)])
  serve('h1', answer(status))
  await usage.read(hosts)
  expect(logged.slice(2)).toEqual([refused])
})

test('no more than eight hosts are asked at once, each once', async () => {
  let running = 0
  let most = 0
  const waiting: (() => void)[] = []
  const names = Array.from({ length: 20 }, (_, i) => `h${i}`)
  for (const name of names) {
    serve(name, async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => waiting.push(resolve))
      running--
      return json([container(name)])
    })
  }
  const read = usage.read([...names, ...names].map(host))
  await settle()
  while (waiting.length > 0) {
    for (const go of waiting.splice(0)) go()
    await settle()
  }
  expect((await read).map(({ agentId }) => agentId).sort()).toEqual([...names].sort())
  expect(most).toBe(8)
})

test('an aborted reading rejects with the reason', async () => {
  serve('mute', () => new Promise(() => undefined))
  const control = new AbortController()
  const read = expect(usage.read([host('mute')], control.signal)).rejects.toThrow('enough')
  await settle()
  control.abort(new Error('enough'))
  await read
})

test('before the framework has an id no host is asked', async () => {
  const paths = serve('h', json(RECORDED))
  usage = make({ frameworkId: () => undefined })
  expect(await usage.read([host('h')])).toEqual([])
  expect(paths).toEqual([])
})

test('scheme and credentials come from the configuration', async () => {
  const seen: string[] = []
  network.serve('https://h:5051', async ({ headers }) => {
    seen.push(headers['authorization'] ?? '-')
    return json([container('a')])
  })
  usage = make({ scheme: 'https', authorize: async (origin) => `for ${origin}` })
  expect(await usage.read([host('h')])).toHaveLength(1)
  expect(seen).toEqual(['for https://h:5051'])
})

test('a host that is left out is let go, and comes back', async () => {
  const made: string[] = []
  const dispatcher = (origin: string) => {
    made.push(origin)
    return network.dispatcher(origin)
  }
  usage = make({ dispatcher })
  serve('a', json([container('a')]))
  serve('b', json([container('b')]))
  for (const names of [['a'], ['a'], ['b'], ['a']]) await usage.read(names.map(host))
  expect(made).toEqual(['http://a:5051', 'http://b:5051', 'http://a:5051'])
})
