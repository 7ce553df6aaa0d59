import { expect, test } from '@jest/globals'
import type { Farm } from '../support/farm.ts'
import { LINUX, type TemplateOptions } from '../support/farm-options.ts'
import { useFarm } from '../support/use-farm.ts'

const start = useFarm()

/** Values that people write into templates although they had better not. */
const CARELESS: TemplateOptions = {
  ...LINUX,
  environment: { DB_PASSWORD: 'hush-env-4711' },
  nodeProperties: { environment: { DEPLOY_KEY: 'hush-node-4711' } },
  jvmArgs: ['-Dhttp.proxyPassword=hush-jvm-4711'],
  agentArgs: ['-proxyCredentials', 'ci:hush-args-4711'],
  uris: ['https://ci:hush-uri-4711@files.test/tools.tgz'],
}

const FACES = [
  '/',
  '/metrics',
  '/health/ready',
  '/api/v1/state',
  '/api/v1/explain',
  '/api/v1/sizing',
  '/api/v1/dry-run',
]

/** All that the program says of itself, with what stands in its store. */
async function said(farm: Farm, ...more: readonly string[]): Promise<string> {
  const { app } = farm.life.program
  const answers = await Promise.all([...FACES, ...more].map(async (url) => (await app.inject(url)).body))
  return [...answers, ...farm.logged, JSON.stringify(farm.records)].join('\n')
}

test.each([
  ['runs', {}],
  ['runs dry', { DRY_RUN: 'true' }],
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
  await farm.action('pause', { template: 'boxed' })
  await farm.action('drain', { agentId: farm.agentNodes[0] ?? 'none' })
  await farm.action('resume')
  for (const { info } of farm.launched) expect(JSON.stringify([info.labels, info.name])).not.toContain('hush')
  expect(await said(farm)).not.toContain('hush')
})
