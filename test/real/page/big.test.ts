import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Locator, Page } from 'playwright-core'
import { until } from '../controller/process.ts'
import { type ServedFarm, serveFarm } from './big-farm.ts'
import { openBrowser, Visit } from './browser.ts'

/** Rows that are there at once, however long the list: those in sight and some around them. */
const MOST_ROWS = 60

let big: ServedFarm
let small: ServedFarm
let browser: Browser

beforeAll(async () => {
  big = await serveFarm({ items: 10_000, agents: 2_000 })
  small = await serveFarm({ items: 300, agents: 20 })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await big.close()
  await small.close()
})

async function visiting(work: (visit: Visit) => Promise<void>): Promise<void> {
  const visit = await Visit.begin(browser)
  try {
    await work(visit)
    expect(visit.faults).toEqual([])
  } finally {
    await visit.end()
  }
}

const rows = (page: Page): Locator => page.locator('.list-body > [role=row]')
const focusedRow = async (page: Page): Promise<number> =>
  Number(await page.evaluate('document.activeElement?.dataset?.index ?? -1'))

/** The row with this number has the focus, is in sight, and tells what it is about. */
async function expectAt(page: Page, index: number): Promise<void> {
  await until(`row ${index} to have the focus`, 10_000, async () => (await focusedRow(page)) === index || undefined)
  await page.locator(`[role=row][data-index="${index}"][data-id]`).waitFor()
  const inSight = await page.evaluate<boolean>(`(() => {
    const { top, bottom } = document.activeElement.getBoundingClientRect()
    return top >= 0 && bottom <= innerHeight + 1
  })()`)
  expect(inSight).toBe(true)
  expect(await rows(page).count()).toBeLessThan(MOST_ROWS)
}

describe('a farm with 10,000 builds in the queue and 2,000 agents', () => {
  test.each([
    { view: 'queue', total: 10_000 },
    { view: 'agents', total: 2_000 },
  ])('$view: keys move through all of it, with few rows in the document', async ({ view, total }) => {
    await visiting(async (visit) => {
      const { page } = visit
      await visit.open(big.url, view)
      expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(total + 1))
      await rows(page).first().focus()
      await expectAt(page, 0)
      await page.keyboard.press('End')
      await expectAt(page, total - 1)
      await visit.shoot(`big-${view}-end-1280-light`)
      await page.keyboard.press('PageUp')
      await until('a page back', 10_000, async () => (await focusedRow(page)) < total - 5 || undefined)
      await expectAt(page, await focusedRow(page))
      await page.keyboard.press('ArrowUp')
      await page.keyboard.press('Home')
      await expectAt(page, 0)
      await page.keyboard.press('PageDown')
      await until('a page on', 10_000, async () => (await focusedRow(page)) > 5 || undefined)
      await expectAt(page, await focusedRow(page))
      expect(await visit.axe()).toEqual([])
    })
  })

  test('what is looked for is found, filters join, and the address holds them', async () => {
    await visiting(async (visit) => {
      const { page } = visit
      await visit.open(big.url, 'queue')
      await page.keyboard.press('/')
      await page.keyboard.type('nightly-docs-0999')
      await page.getByText(/^\d of 10,000 match$/).waitFor()
      expect(page.url()).toContain('q=nightly-docs-0999')
      await page.getByRole('link', { name: 'Clear' }).click()
      await page.getByText('10,000 in the queue').waitFor()
      await page.getByTestId('filter-template').selectOption('arm64')
      await page.getByText(/^[\d,]+ of 10,000 match$/).waitFor()
      const [state] = await page.getByRole('group', { name: 'States' }).getByRole('button').all()
      await state?.click()
      await until(
        'both filters in the address',
        5_000,
        async () => /template=arm64.*state=|state=.*template=arm64/.test(page.url()) || undefined,
      )
      expect(await state?.getAttribute('aria-pressed')).toBe('true')
      await page.goBack()
      await until(
        'the filter to be off',
        5_000,
        async () => (await state?.getAttribute('aria-pressed')) === 'false' || undefined,
      )
    })
  })

  test('details open beside the row that was chosen, and give the focus back to it', async () => {
    await visiting(async (visit) => {
      const { page } = visit
      await visit.open(big.url, 'queue')
      await rows(page).first().focus()
      await page.keyboard.press('End')
      await expectAt(page, 9_999)
      const id = String(await page.locator('[data-index="9999"]').getAttribute('data-id'))
      await page.keyboard.press('Enter')
      const panel = page.getByTestId('panel')
      await panel.locator('.answer-words').waitFor()
      expect(page.url()).toContain(`item=${id}`)
      expect(await page.evaluate('document.activeElement.id')).toBe('panel-title')
      await visit.shoot('big-queue-details-1280-light')
      expect(await visit.axe()).toEqual([])
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'detached' })
      await expectAt(page, 9_999)
      expect(page.url()).not.toContain('item=')
    })
  })

  test('scrolling holds the page up no longer than in a short list', async () => {
    const heldUp = async (url: string): Promise<number> => {
      let ms = 0
      await visiting(async (visit) => {
        const { page } = visit
        await visit.open(url, 'queue')
        await page.evaluate(COUNT_LONG_TASKS)
        await page.mouse.move(400, 500)
        for (let step = 0; step < 20; step++) {
          await page.mouse.wheel(0, 600)
          await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))')
        }
        await page.locator('[role=row][data-id]').first().waitFor()
        expect(await page.evaluate('scrollY')).toBeGreaterThan(6_000)
        expect(await rows(page).count()).toBeLessThan(MOST_ROWS)
        ms = Number(await page.evaluate('window.heldUpMs'))
      })
      return ms
    }
    const short = await heldUp(small.url)
    expect(await heldUp(big.url)).toBeLessThan(3 * short + 500)
  })
})

const COUNT_LONG_TASKS = `window.heldUpMs = 0
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.heldUpMs += duration
}).observe({ type: 'longtask' })`
