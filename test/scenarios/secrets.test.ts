import { expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { LINUX, type TemplateOptions } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

const TOKENS = ['metrics', 'read', 'act'].map((scope) => `${scope}-one:${scope}:hush-${scope}-token-4711`).join(' ')

/** Values that people write into templates although they had better not. */
const CARELESS: TemplateOptions = {
  ...LINUX,
  environment: { DB_PASSWORD: 'hush-env-4711' },
  nodeProperties: { environment: { DEPLOY_KEY: 'hush-node-4711' } },
  jvmArgs: ['-Dhttp.proxyPassword=hush-jvm-4711'],
  agentArgs: ['-proxyCredentials', 'ci:hush-args-4711'],
  uris: ['https://ci:hush-uri-4711@files.test/tools.tgz'],
}

const STREAM = '/api/v1/events/stream'

const headers = { authorization: 'Bearer hush-act-token-4711' }

async function act({ life }: Farm, action: string, payload: object): Promise<void> {
  const url = `/api/v1/actions/${action}`
  await life.ask({ method: 'POST', url, headers, payload })
}

/** Every address that may be read, with something that is there in its place, as the program's own description has it. */
async function facesOf({ life, view }: Farm): Promise<readonly string[]> {
  const described = (await life.ask({ url: '/api/v1/openapi.json', headers })).json<{
    readonly paths: Readonly<Record<string, object>>
  }>()
  const there: Readonly<Record<string, string | number | undefined>> = {
    itemId: view.queue[0]?.itemId,
    agentId: view.agents[0]?.agentId,
    hostname: view.hosts[0]?.hostname,
    name: 'plain',
  }
  const paths = Object.entries(described.paths).flatMap(([path, methods]) => ('get' in methods ? [path] : []))
  return ['/', '/api/v1/openapi.json', ...paths]
    .filter((path) => path !== STREAM)
    .map((path) => path.replace(/\{(\w+)\}/g, (_, name: string) => String(there[name] ?? 'none')))
}

/** What a new reader of the stream is told at once. */
async function firstOf({ life }: Farm): Promise<string> {
  const stream = (await life.ask({ url: STREAM, headers, payloadAsStream: true })).stream()
  for await (const chunk of stream) return String(chunk)
  return ''
}

/** All that the program says of itself, with what stands in its store. */
async function said(farm: Farm, ...more: readonly string[]): Promise<string> {
  const { life } = farm
  const faces = await facesOf(farm)
  expect(faces.length).toBeGreaterThan(20)
  const given = await Promise.all([...faces, ...more].map(async (url) => life.ask({ url, headers })))
  expect(given.filter(({ statusCode }) => statusCode === 401 || statusCode === 403)).toEqual([])
  const answers = given.map(({ body }) => body)
  answers.push(await firstOf(farm))
  return [...answers, ...farm.logged, JSON.stringify(farm.records)].join('\n')
}

test.each([
  ['runs', { API_TOKEN: TOKENS }],
  ['runs dry', { API_TOKEN: TOKENS, DRY_RUN: 'true' }],
])('invariant 10: what stands in a template shows nowhere while it %s', async (_what, environment) => {
  const host = { containers: true, resources: { cpus: 4, memMib: 8192, diskMib: 10_000, ports: [] } }
  const container = { image: 'ci', parameters: [{ key: 'env', value: 'TOKEN=hush-parameter-4711' }] }
  const farm = await start({
    hosts: 1,
    host,
    environment,
    templates: { plain: CARELESS, boxed: { ...CARELESS, labels: ['box'], container, maxAgents: 1 } },
  })
  farm.job('a', 20_000).job('b', 20_000, 'box').job('c', 20_000, 'box')
  await farm.advance(15_000)
  expect(farm.view.queue.length + farm.running).toBeGreaterThan(0)
  const agents = farm.view.agents.map(({ agentId }) => `/api/v1/explain?agent=${agentId}`)
  const items = farm.view.queue.map(({ itemId }) => `/api/v1/explain?item=${itemId}`)
  const whole = await said(
    farm,
    ...agents,
    ...items,
    '/api/v1/explain?template=plain',
    '/api/v1/explain?template=boxed',
  )
  expect(whole).toContain('boxed')
  expect(whole).not.toContain('hush')
  await act(farm, 'pause', { template: 'boxed' })
  await act(farm, 'drain', { agentId: farm.agentNodes[0] ?? 'none' })
  await act(farm, 'resume', { template: 'boxed' })
  for (const { info } of farm.launched) expect(JSON.stringify([info.labels, info.name])).not.toContain('hush')
  expect(await said(farm)).not.toContain('hush')
})
