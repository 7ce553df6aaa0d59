import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import type { SummaryView } from '../../../src/loop/view-types.ts'
import { freePort } from '../controller/free-port.ts'
import { until } from '../controller/process.ts'
import { openBrowser, Visit } from './browser.ts'
import { DemoProcess, SMALL } from './demo-process.ts'

let folder: string
let settings: Readonly<Record<string, string>>
let demo: DemoProcess
let browser: Browser

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-live-'))
  // four jobs, and no room for an agent: all wait until a person does something
  settings = {
    TEMPLATES: JSON.stringify({ templates: { small: SMALL } }),
    MAX_CPUS: '0.2',
    HTTP_PORT: String(await freePort()),
  }
  demo = await DemoProcess.start(folder, settings)
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await demo.stop()
  rmSync(folder, { recursive: true, force: true })
})

const connection = (page: Page, words: string): Promise<void> =>
  page.getByTestId('connection').getByText(words, { exact: true }).waitFor({ timeout: 60_000 })
const round = async (page: Page): Promise<number> =>
  Number(/number (\d+)/.exec(await page.getByRole('main').innerText())?.[1] ?? Number.NaN)

/** The page tells a later round without being loaded again. */
async function expectGoesOn(page: Page): Promise<void> {
  await page.evaluate('window.notLoadedAgain = true')
  const before = await round(page)
  await until('the page to tell a later round', 30_000, async () => (await round(page)) > before || undefined)
  expect(await page.evaluate('window.notLoadedAgain')).toBe(true)
}

describe('a page that is live', () => {
  test('says of a build that waits, found by the name of its job, why it does', async () => {
    const visit = await Visit.begin(browser)
    try {
      const { page } = visit
      const job = await until('a build that a cap keeps waiting', 60_000, async () => {
        const { items } = (await demo.get('/api/v1/queue?state=capped')) as {
          readonly items: readonly { readonly job: string }[]
        }
        return items.at(-1)?.job
      })
      await visit.open(demo.url, 'overview')
      await page.getByRole('searchbox', { name: 'Why does my build wait?' }).fill(job)
      const answer = page.locator('.why-items li').filter({ has: page.getByRole('link', { name: job, exact: true }) })
      await answer.getByText('cap: 0.2 CPUs in all (MAX_CPUS)').first().waitFor()
      await visit.shoot('why-1280-light')
      expect(await visit.axe()).toEqual([])
      await answer.getByRole('link', { name: job, exact: true }).click()
      const panel = page.getByTestId('panel')
      await panel
        .getByText(/0\.2 CPUs in all \(MAX_CPUS\)/)
        .first()
        .waitFor()
      expect(await panel.getByRole('heading', { level: 2 }).innerText()).toBe(job)
      await visit.shoot('item-1280-light')
      expect(await visit.axe()).toEqual([])
      expect(visit.faults).toEqual([])
    } finally {
      await visit.end()
    }
  })

  test('follows without being loaded again, by polling where the stream does not come through', async () => {
    const visit = await Visit.begin(browser, { expected: [/ERR_FAILED/] })
    try {
      const { page } = visit
      await visit.open(demo.url, 'overview')
      await connection(page, 'Live')
      await expectGoesOn(page)
      await page.route('**/api/v1/events/stream', (route) => route.abort())
      await page.reload()
      await connection(page, 'Polling')
      await expectGoesOn(page)
      await visit.shoot('polling-1280-light')
      await page.unroute('**/api/v1/events/stream')
      await connection(page, 'Live')
      expect(visit.faults).toEqual([])
    } finally {
      await visit.end()
    }
  })

  test('says that the connection is lost when the program is killed, and goes on when it is there again, with no event twice', async () => {
    const visit = await Visit.begin(browser, {
      expected: [/ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED|EMPTY)/],
    })
    try {
      const { page } = visit
      await visit.open(demo.url, 'events')
      await connection(page, 'Live')
      const { startedAt } = (await demo.get('/api/v1/summary')) as SummaryView
      await demo.kill()
      await connection(page, 'Connection lost')
      await page.getByText('Connection lost: what is shown is old.').waitFor()
      expect(await page.locator('.events-list li').count()).toBeGreaterThan(0)
      await visit.shoot('lost-1280-light')
      expect(await visit.axe()).toEqual([])

      demo = await DemoProcess.start(folder, settings)
      await connection(page, 'Live')
      await page.getByText('Connection lost: what is shown is old.').waitFor({ state: 'detached' })
      const again = (await demo.get('/api/v1/summary')) as SummaryView
      expect(again.startedAt).toBeGreaterThan(startedAt)
      // the list is that of the new process: all its numbers, the newest first, none twice
      await until('the events of the new process', 30_000, async () => {
        const { lastEventId } = (await demo.get('/api/v1/summary')) as SummaryView
        return (await page.locator('.events-list li').count()) >= lastEventId || undefined
      })
      const rows = await page.locator('.events-list > li').count()
      for (const nth of [0, rows - 1]) await page.locator('.events-list > li .event-message').nth(nth).click()
      const first = Number(await page.locator('.event-details dd').first().innerText())
      const last = Number(await page.locator('.event-details').last().locator('dd').first().innerText())
      expect(last).toBe(1)
      expect(first - last + 1).toBeGreaterThanOrEqual(rows)
      expect(visit.faults).toEqual([])
    } finally {
      await visit.end()
    }
  })
})
