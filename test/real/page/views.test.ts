import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import type { SummaryView } from '../../../src/loop/view-types.ts'
import { until } from '../controller/process.ts'
import { openBrowser, Visit } from './browser.ts'
import { DemoProcess } from './demo-process.ts'
import { VIEWS } from './view-names.ts'

let folder: string
let demo: DemoProcess
let browser: Browser

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-'))
  demo = await DemoProcess.start(folder)
  browser = await openBrowser()
  await until('agents to be there', 60_000, async () => {
    const { agents } = (await demo.get('/api/v1/summary')) as SummaryView
    return (agents['online'] ?? 0) > 0 || undefined
  })
})

afterAll(async () => {
  await browser.close()
  await demo.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe.each([
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 360, scheme: 'light' },
  { width: 360, scheme: 'dark' },
] as const)('$width pixels wide and $scheme', ({ width, scheme }) => {
  test.each(VIEWS)('%s is shown, without a complaint of the browser, of axe, or of a narrow screen', async (view) => {
    const visit = await Visit.begin(browser, { width, scheme })
    try {
      await visit.open(demo.url, view)
      await visit.shoot(`${view}-${width}-${scheme}`)
      expect(await visit.axe()).toEqual([])
      expect(await visit.overhang()).toBeLessThanOrEqual(0)
      expect(visit.faults).toEqual([])
    } finally {
      await visit.end()
    }
  })
})
