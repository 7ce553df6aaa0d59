import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Locator, Page } from 'playwright-core'
import { until } from '../controller/process.ts'
import { openBrowser, Visit } from './browser.ts'
import { DemoProcess, SMALL } from './demo-process.ts'

const TOKENS = {
  metrics: 'scraper-0123456789abcdef',
  read: 'reader-0123456789abcdef',
  act: 'actor-0123456789abcdef',
}

let folder: string
let demo: DemoProcess
let browser: Browser

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-tokens-'))
  demo = await DemoProcess.start(folder, {
    TEMPLATES: JSON.stringify({ templates: { small: SMALL } }),
    API_TOKEN: `prometheus:metrics:${TOKENS.metrics} rita:read:${TOKENS.read} anna:act:${TOKENS.act}`,
  })
  browser = await openBrowser()
  await until('the program to know its templates', 30_000, async () => {
    const { items } = (await demo.get('/api/v1/templates', { authorization: `Bearer ${TOKENS.read}` })) as {
      readonly items: readonly unknown[]
    }
    return items.length > 0 || undefined
  })
})

afterAll(async () => {
  await browser.close()
  await demo.stop()
  rmSync(folder, { recursive: true, force: true })
})

const signInDialog = (page: Page): Locator => page.getByRole('dialog', { name: 'Sign in with a token' })

async function signIn(page: Page, token: string): Promise<void> {
  await signInDialog(page).getByLabel('Token', { exact: true }).fill(token)
  await page.keyboard.press('Enter')
}

async function visiting(work: (visit: Visit) => Promise<void>): Promise<void> {
  const visit = await Visit.begin(browser, { expected: [/status of (401|403)/] })
  try {
    await work(visit)
    expect(visit.faults).toEqual([])
  } finally {
    await visit.end()
  }
}

describe('with API_TOKEN', () => {
  test('the page comes without a token and asks for one; a wrong one and one for metrics are refused in words', async () => {
    await visiting(async (visit) => {
      const { page } = visit
      await page.goto(`${demo.url}/#/queue`)
      await signInDialog(page).waitFor()
      await visit.shoot('dialog-sign-in-1280-light')
      expect(await visit.axe()).toEqual([])
      expect(await visit.focused()).toBe('sign-in-token')
      for (const [token, words] of [
        ['two words', 'without spaces'],
        ['wrong-0123456789abcdef', 'This token is not one of API_TOKEN.'],
        [TOKENS.metrics, 'may read the metrics, and nothing else'],
      ] as const) {
        await signIn(page, token)
        await signInDialog(page).getByRole('alert').filter({ hasText: words }).waitFor()
      }
      await visit.shoot('dialog-sign-in-refused-1280-light')
      // what needs no token can still be looked at, and the way in stays
      await page.keyboard.press('Escape')
      await signInDialog(page).waitFor({ state: 'detached' })
      await page.getByText('The sidecar wants a token before it shows anything.').waitFor()
      await visit.shoot('signed-out-1280-light')
      await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
      await signInDialog(page).waitFor()
    })
  })

  test('who may read sees all and is told that it may not act, before anything is sent', async () => {
    await visiting(async (visit) => {
      const { page } = visit
      await page.goto(`${demo.url}/#/templates`)
      await signIn(page, TOKENS.read)
      await page.getByTestId('template-small').waitFor()
      for (const view of ['overview', 'queue', 'agents', 'hosts', 'timeline', 'events', 'configuration']) {
        await visit.open(demo.url, view)
        expect(await page.locator('main .notice.bad').count()).toBe(0)
      }
      await visit.open(demo.url, 'templates')
      await page.getByRole('button', { name: 'Pause template small' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('You may not do this: rita may see everything and change nothing.').waitFor()
      const yes = dialog.getByRole('button', { name: 'Pause it' })
      expect(await yes.getAttribute('aria-disabled')).toBe('true')
      await visit.shoot('dialog-may-not-1280-light')
      expect(await visit.axe()).toEqual([])
      await yes.click({ force: true })
      expect(demo.audited()).toEqual([])
      // with another token the same question goes on
      await dialog.getByRole('button', { name: 'Sign in with another token' }).click()
      await signIn(page, TOKENS.act)
      await dialog.getByText('You act as anna').waitFor()
      await yes.click()
      await page
        .locator('.told')
        .getByText(/^Done\./)
        .waitFor()
      expect(demo.audited()).toMatchObject([{ action: 'pause', caller: 'anna', ok: true }])
    })
  })

  test('the token is in this tab alone: not in the address, not in the document, not in what outlives the tab', async () => {
    await visiting(async (visit) => {
      const { page } = visit
      await page.goto(`${demo.url}/#/overview`)
      await signIn(page, TOKENS.act)
      await page.getByTestId('health').waitFor()
      const addresses: string[] = []
      page.on('request', (request) => addresses.push(request.url()))
      await visit.open(demo.url, 'configuration')
      await page.reload() // signed in still
      await visit.settled()
      const kept = await page.evaluate(`({
        local: JSON.stringify(localStorage), cookie: document.cookie, address: location.href,
        document: document.documentElement.outerHTML + [...document.querySelectorAll('input')].map(({ value }) => value).join(),
      })`)
      expect(JSON.stringify([kept, addresses])).not.toContain(TOKENS.act)
      expect(demo.log()).not.toContain(TOKENS.act)

      await page.getByText('Actions', { exact: true }).click()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByTestId('connection').getByText('Signed out').waitFor()
      expect(await page.evaluate('JSON.stringify(sessionStorage)')).toBe('{}')
      await page.reload()
      await signInDialog(page).waitFor()
    })
  })
})
