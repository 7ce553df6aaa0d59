import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { request } from 'undici'
import type { SummaryView } from '../../src/loop/view-types.ts'
import type { Block } from '../docs/blocks.ts'
import { folderOf, freshClone } from '../docs/fresh-clone.ts'
import { type Ran, runBlocks } from '../docs/run-blocks.ts'
import { freePort } from './controller/free-port.ts'
import { until } from './controller/process.ts'

/** For a machine that does much else; a quiet one takes a quarter of it. */
const FIRST_BUILD_MS = 120_000
let clone: string
let ports: { readonly page: number; readonly secrets: number }

beforeAll(async () => {
  clone = freshClone()
  ports = { page: await freePort(), secrets: await freePort() }
})

afterAll(() => {
  rmSync(folderOf(clone), { recursive: true, force: true })
})

/** @param skip what another page has had run already */
function run(
  page: string,
  after?: (ran: Ran) => Promise<void>,
  skip?: (block: Block) => boolean,
): Promise<readonly Ran[]> {
  return runBlocks(join(clone, page), {
    folder: clone,
    env: {
      HTTP_PORT: String(ports.page),
      AGENT_HTTP_PORT: String(ports.secrets),
      npm_config_prefer_offline: 'true',
    },
    replace: [[':8090', `:${ports.page}`]],
    blockMs: 240_000,
    ...(after && { after }),
    ...(skip && { skip }),
  })
}

test('README, as a newcomer reads it: from the clone to the first build on an agent, and to the end', async () => {
  const began = performance.now()
  let firstBuildS = 0
  const ran = await run('README.md', async ({ block, seconds }) => {
    if (block.mark?.kind !== 'stays until') return
    console.log(`npm ci && npm start: subscribed after ${seconds.toFixed(1)} s`)
    await until('a first build on an agent', FIRST_BUILD_MS, async () => {
      const { body } = await request(`http://127.0.0.1:${ports.page}/api/v1/summary`)
      const { executors } = (await body.json()) as SummaryView
      return executors.busy > 0 || undefined
    })
    firstBuildS = (performance.now() - began) / 1_000
  })
  console.log(`from the clone to the first build on an agent: ${firstBuildS.toFixed(1)} s`)
  expect(ran.length).toBeGreaterThanOrEqual(2)
  expect(firstBuildS).toBeGreaterThan(0)
})

test('the installation: what it sets can be set, where README has been followed', async () => {
  const ran = await run('docs/install.md', undefined, ({ mark }) => mark?.kind === 'stays until')
  expect(ran.length).toBeGreaterThanOrEqual(2)
})
