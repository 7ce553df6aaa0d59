import { statSync } from 'node:fs'
import { serveFarm } from '../real/page/big-farm.ts'
import { openBrowser, Visit } from '../real/page/browser.ts'

/** `npm run docs:screenshot`: the page as README shows it, with a farm in which something of everything happens. */
const MOST_BYTES = 300_000
const SIZE = { width: 1200, height: 1000 }
/** Kept free for it at the right. */
const SCROLL_BAR_PX = 15
const farm = await serveFarm({ items: 60, agents: 34 }, { problems: [] })
const browser = await openBrowser()
try {
  for (const scheme of ['light', 'dark'] as const) {
    const visit = await Visit.begin(browser, { width: SIZE.width + SCROLL_BAR_PX, height: SIZE.height, scheme })
    const path = `docs/images/dashboard${scheme === 'dark' ? '-dark' : ''}.png`
    await visit.open(farm.url, 'overview')
    await visit.page.screenshot({ path, clip: { x: 0, y: 0, ...SIZE } })
    await visit.end()
    const { size } = statSync(path)
    console.log(`${path}: ${size} bytes`)
    if (size > MOST_BYTES)
      throw new Error(`${path} has ${size} bytes, and ${MOST_BYTES} is the most that README may show.`)
  }
} finally {
  await browser.close()
  await farm.close()
}
