import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { MISCONFIGURED, stayUp } from '../../../src/cli/stay.ts'
import type { AgentId } from '../../../src/core/model.ts'
import type { View } from '../../../src/loop/view-types.ts'
import { NOW } from '../../support/builders.ts'
import { freePort } from '../controller/free-port.ts'
import { serveFarm } from './big-farm.ts'
import { openBrowser, Visit } from './browser.ts'

const SIZE = { items: 30, agents: 12 }

let browser: Browser

beforeAll(async () => {
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
})

const STATES: readonly { readonly name: string; readonly over: Partial<View>; readonly words: RegExp }[] = [
  {
    name: 'standby',
    over: {
      health: { status: 'standby', words: 'another instance leads', lastRoundAgeMs: undefined },
      leadership: { role: 'standby', since: NOW - 60_000, why: 'sidecar-b on host-2 leads' },
    },
    words: /This instance stands by and looks at nothing: sidecar-b on host-2 leads/,
  },
  {
    name: 'dry-run',
    over: { dryRun: 'would have provisioned 12 agents since 8 h; for 3 builds no template fits' },
    words: /would have provisioned 12 agents/,
  },
  {
    name: 'standing-back',
    over: {
      health: { status: 'standing_back', words: 'another instance took the framework over', lastRoundAgeMs: 500 },
    },
    words: /another instance took the framework over/,
  },
  {
    name: 'other-jenkins',
    over: {
      health: { status: 'other_jenkins', words: 'Jenkins is another one than that of the state', lastRoundAgeMs: 500 },
    },
    words: /Jenkins is another one than that of the state/,
  },
  {
    name: 'brake',
    over: {
      brake: {
        since: NOW - 4_000,
        agents: 12,
        held: Array.from({ length: 8 }, (_, nth) => ({ agentId: `mesos-linux-${nth}` as AgentId, reason: 'orphaned' })),
        words: 'A round wanted to take away 8 of 12 agents: they are held until three rounds say the same, or you do.',
      },
    },
    words: /wanted to take away 8 of 12 agents/,
  },
]

describe('a state that is out of the ordinary', () => {
  test.each(STATES)('$name is told first of all, for every reader', async ({ name, over, words }) => {
    const farm = await serveFarm(SIZE, over)
    const visit = await Visit.begin(browser, { scheme: name.length % 2 === 0 ? 'light' : 'dark' })
    try {
      await visit.open(farm.url, 'overview')
      await visit.page.getByRole('main').getByText(words).first().waitFor()
      await visit.shoot(`state-${name}`)
      expect([await visit.axe(), await visit.overhang(), visit.faults]).toEqual([[], 0, []])
    } finally {
      await visit.end()
      await farm.close()
    }
  })

  test('a sidecar whose configuration has mistakes tells them, and the page is there when they are mended', async () => {
    const http = { host: '127.0.0.1', port: await freePort(), tokens: [], publicUrl: undefined, tls: undefined }
    const staying = await stayUp({ http }, MISCONFIGURED, [
      'MESOS_USER is missing.',
      'MAX_AGENTS must be a whole number.',
    ])
    const visit = await Visit.begin(browser, { width: 360, scheme: 'dark', expected: [/status of (404|503)/] })
    try {
      await visit.page.goto(`${staying.url}/`)
      await visit.page.getByRole('listitem').getByText('MESOS_USER is missing.').waitFor()
      await visit.shoot('state-misconfigured')
      expect([await visit.axe(), await visit.overhang(), visit.faults]).toEqual([[], 0, []])
    } finally {
      await staying.close()
    }
    const farm = await serveFarm(SIZE, {}, {}, http.port)
    try {
      await visit.page.reload()
      await visit.page.getByTestId('connection').getByText('Live', { exact: true }).waitFor({ timeout: 30_000 })
      expect(visit.faults).toEqual([])
    } finally {
      await visit.end()
      await farm.close()
    }
  })
})
