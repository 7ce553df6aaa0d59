import { createServer, request, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { oneToken } from '../../support/access.ts'
import { freePort } from '../controller/free-port.ts'
import { type ServedFarm, serveFarm } from './big-farm.ts'
import { openBrowser, Visit } from './browser.ts'
import { VIEWS } from './view-names.ts'

const MOST_BYTES = 150_000
const TOKEN = 'anybody-0123456789abcdef'

let farm: ServedFarm
let browser: Browser

beforeAll(async () => {
  farm = await serveFarm({ items: 400, agents: 80 })
  browser = await openBrowser()
})

afterAll(async () => {
  await browser.close()
  await farm.close()
})

async function visiting(
  options: Parameters<typeof Visit.begin>[1],
  work: (visit: Visit) => Promise<void>,
): Promise<void> {
  const visit = await Visit.begin(browser, options)
  try {
    await work(visit)
    expect(visit.faults).toEqual([])
  } finally {
    await visit.end()
  }
}

/** Milliseconds from the beginning of the load to the first text that is seen. */
async function firstPaint(page: Page): Promise<number> {
  return Number(
    await page.evaluate(`new Promise((resolve) => {
      new PerformanceObserver((list) => {
        const found = list.getEntriesByName('first-contentful-paint')[0]
        if (found !== undefined) resolve(found.startTime)
      }).observe({ type: 'paint', buffered: true })
    })`),
  )
}

/** One that answers all with the least of a page. */
async function serveAlmostNothing(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((_request, answer) => {
    answer.setHeader('content-type', 'text/html')
    answer.end('<!doctype html><link rel="icon" href="data:,"><title>little</title><p>little</p>')
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${port}/`, server }
}

/** What stands in front of the sidecar in many places: takes its prefix away, and knows nothing else. */
async function serveUnder(prefix: string, target: string): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((incoming, answer) => {
    const path = incoming.url ?? ''
    if (!path.startsWith(`${prefix}/`)) {
      answer.writeHead(404).end()
      return
    }
    const { method, headers } = incoming
    const onward = request(target + path.slice(prefix.length), { method: method ?? 'GET', headers }, (back) => {
      answer.writeHead(back.statusCode ?? 502, back.headers)
      back.pipe(answer)
    })
    onward.on('error', () => answer.destroy())
    answer.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${port}${prefix}/`, server }
}

async function shut(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

describe('what the page weighs', () => {
  test('all that a first visit loads, data included, is less than 150 kB, and a second one loads data alone', async () => {
    await visiting({}, async (visit) => {
      const { page } = visit
      const session = await page.context().newCDPSession(page)
      await session.send('Network.enable')
      let bytes = 0
      let paths: string[] = []
      session.on('Network.dataReceived', ({ encodedDataLength }) => {
        bytes += encodedDataLength
      })
      page.on('response', (response) => {
        paths.push(new URL(response.url()).pathname)
      })
      await visit.open(farm.url, 'overview')
      const assets = paths.filter((path) => path.startsWith('/assets/') && !path.endsWith('/logo.svg'))
      expect(bytes).toBeGreaterThan(20_000)
      expect(bytes).toBeLessThan(MOST_BYTES)
      expect(new Set(assets).size).toBe(assets.length)
      // every module is named in the head: none waits until another one was read
      expect(assets.length).toBeLessThan(100)
      const first = bytes
      bytes = 0
      paths = []
      await page.reload()
      await visit.settled()
      expect(bytes).toBeLessThan(first / 3)
    })
  })

  test('the first text is seen soon, beside a page of almost nothing on the same machine', async () => {
    const little = await serveAlmostNothing()
    try {
      await visiting({}, async ({ page }) => {
        await page.goto(little.url)
        const least = await firstPaint(page)
        await page.goto(`${farm.url}/`)
        expect(await firstPaint(page)).toBeLessThan(20 * least + 1_500)
      })
    } finally {
      await shut(little.server)
    }
  })

  test('once loaded it needs the network for data alone: every view opens, and the data come back with the network', async () => {
    await visiting({ expected: [/ERR_(INTERNET_DISCONNECTED|NETWORK)/] }, async (visit) => {
      const { page } = visit
      await visit.open(farm.url, 'overview')
      await page.context().setOffline(true)
      for (const view of VIEWS) {
        await page.getByTestId(`tab-${view}`).click()
        await page.locator(`[aria-current=page][data-testid=tab-${view}]`).waitFor()
        expect(await page.getByText('This view failed').count()).toBe(0)
      }
      await page.context().setOffline(false)
      await page.getByTestId('tab-agents').click()
      await page.getByTestId('connection').getByText('Live', { exact: true }).waitFor({ timeout: 60_000 })
      await page.locator('[role=row][data-id]').first().waitFor()
    })
  })
})

describe('where the page is', () => {
  test('back, forward, a reload and a link from elsewhere lead to the same', async () => {
    await visiting({}, async (visit) => {
      const { page } = visit
      await visit.open(farm.url, 'queue?template=arm64')
      expect(await page.getByTestId('filter-template').inputValue()).toBe('arm64')
      const shown = await page.getByRole('main').getByRole('status').first().innerText()
      expect(shown).toMatch(/of 400 match/)
      await page.getByTestId('tab-agents').click()
      await page.getByRole('grid', { name: 'Agents' }).waitFor()
      await page.goBack()
      await page.getByText(shown).waitFor()
      await page.goForward()
      await page.getByRole('grid', { name: 'Agents' }).waitFor()
      await page.goBack()
      await page.reload()
      await page.getByText(shown).waitFor()
      expect(await page.getByTestId('filter-template').inputValue()).toBe('arm64')
      await page.goto(`${farm.url}/#/nowhere`)
      await page.getByText('There is no view “nowhere”.').waitFor()
    })
  })

  test('a proxy may put it under any prefix', async () => {
    const proxy = await serveUnder('/ci/sidecar', farm.url)
    try {
      await visiting({}, async (visit) => {
        await visit.open(proxy.url, 'agents')
        await visit.page.locator('[role=row][data-id]').first().waitFor()
        await visit.page.getByTestId('connection').getByText('Live', { exact: true }).waitFor()
      })
    } finally {
      await shut(proxy.server)
    }
  })

  test('with PUBLIC_URL it is under the prefix itself, with and without the last slash', async () => {
    const under = await serveFarm(
      { items: 5, agents: 5 },
      {},
      { publicUrl: new URL('http://127.0.0.1/ci/sidecar/'), access: () => oneToken(TOKEN) },
    )
    try {
      await visiting({ expected: [/status of 401/] }, async (visit) => {
        const { page } = visit
        await page.goto(`${under.url}/ci/sidecar#/agents`)
        await page.getByLabel('Token', { exact: true }).fill(TOKEN)
        await page.keyboard.press('Enter')
        await page.locator('[role=row][data-id]').first().waitFor()
        expect(page.url()).toBe(`${under.url}/ci/sidecar/#/agents`)
        await page.getByTestId('connection').getByText('Live', { exact: true }).waitFor()
      })
    } finally {
      await under.close()
    }
  })
})

describe('for every reader', () => {
  test.each(VIEWS)(
    '%s has landmarks, one first heading, named lists, and the way past the head comes first',
    async (view) => {
      await visiting({}, async (visit) => {
        const { page } = visit
        await visit.open(farm.url, view)
        expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
        expect(await page.getByRole('main').count()).toBe(1)
        expect(await page.getByRole('banner').count()).toBe(1)
        expect(await page.getByRole('navigation', { name: 'Views' }).count()).toBe(1)
        expect(await page.title()).toMatch(/· jenkins-mesos-sidecar$/)
        for (const list of await page.locator('table, [role=grid], main ol, nav').all()) {
          expect(await list.evaluate(NAME_OF)).not.toBe('')
        }
        await page.keyboard.press('Tab')
        expect(await visit.focused()).toBe('Skip to the content')
        await page.keyboard.press('Enter')
        expect(await page.evaluate('document.activeElement.id')).toBe('main')
      })
    },
  )

  test.each([
    { name: '320 pixels wide', options: { width: 320 } },
    { name: 'at 200 % zoom', options: { width: 640, height: 450 } },
    { name: 'with forced colours', options: { forcedColors: 'active', scheme: 'dark' } },
    { name: 'with movement', options: { motion: 'no-preference' } },
  ] as const)('$name every view is whole', async ({ name, options }) => {
    await visiting(options, async (visit) => {
      for (const view of VIEWS) {
        await visit.open(farm.url, view)
        expect([view, await visit.overhang()]).toEqual([view, 0])
        if ('forcedColors' in options) await visit.shoot(`${view}-forced-colours`)
        if (name === '320 pixels wide') await visit.shoot(`${view}-320-light`)
      }
    })
  })

  test('the chosen theme is kept, and wins over that of the system', async () => {
    await visiting({ scheme: 'light' }, async (visit) => {
      const { page } = visit
      await visit.open(farm.url, 'overview')
      const colour = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor')
      const light = await colour()
      await page.getByRole('button', { name: 'Theme: as the system' }).click()
      await page.getByRole('button', { name: 'Theme: light' }).click()
      await page.getByRole('button', { name: 'Theme: dark' }).waitFor()
      const dark = await colour()
      expect(dark).not.toBe(light)
      await page.reload()
      await visit.settled()
      expect(await colour()).toBe(dark)
      await page.getByRole('button', { name: 'Theme: dark' }).click()
      expect(await colour()).toBe(light)
    })
  })
})

describe('with much to show', () => {
  test.each([
    { width: 1280, scheme: 'light', deep: true },
    { width: 1280, scheme: 'dark', deep: false },
    { width: 360, scheme: 'light', deep: false },
    { width: 360, scheme: 'dark', deep: true },
  ] as const)(
    '$width pixels wide and $scheme nothing is out of reach, nor hard to read',
    async ({ width, scheme, deep }) => {
      await visiting({ width, scheme }, async (visit) => {
        for (const [view, shows] of [...VIEWS.map((name) => [name, 'h1'] as const), ...(deep ? DETAILS : [])]) {
          await visit.open(farm.url, view)
          await visit.page.locator(shows).first().waitFor({ state: 'attached' })
          await visit.shoot(`rich-${view.replace(/[?].*/, '-details')}-${width}-${scheme}`)
          expect([view, await visit.overhang(), deep ? await visit.axe() : []]).toEqual([view, 0, []])
        }
      })
    },
  )
})

const DETAILS = [
  ['queue?item=1', '.panel .answer-words'],
  ['agents?agent=mesos-linux-1000x9k2', '.panel .answer-words'],
  ['hosts?host=rack-1-host-1.cluster.example', '.panel .facts'],
  ['templates?template=arm64', '.panel .answer-words'],
] as const

const NAME_OF = `(element) => element.getAttribute('aria-label') ?? document.getElementById(element.getAttribute('aria-labelledby') ?? '')?.textContent
  ?? element.querySelector('caption')?.textContent ?? ''`
