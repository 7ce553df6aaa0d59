import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Locator } from 'playwright-core'
import type { EventView, SummaryView } from '../../../src/loop/view-types.ts'
import { until } from '../controller/process.ts'
import { openBrowser, Visit } from './browser.ts'
import { DemoProcess, SMALL } from './demo-process.ts'

const WITHIN_MS = 60_000

let folder: string
let demo: DemoProcess
let browser: Browser
let visit: Visit
/** Paths that were posted to since the visit began. */
let posts: string[]

const templatesFile = (): string => join(folder, 'templates.yaml')
const write = (over: object = {}): void => {
  // JSON is YAML, too
  writeFileSync(templatesFile(), JSON.stringify({ templates: { small: { ...SMALL, ...over } } }))
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-actions-'))
  write()
  demo = await DemoProcess.start(folder, { TEMPLATES_FILE: templatesFile() })
  browser = await openBrowser()
  // a template with a mistake is refused, and of an agent that went nothing is known any more
  visit = await Visit.begin(browser, { expected: [/status of (404|422)/] })
  posts = []
  visit.page.on('request', (request) => {
    if (request.method() === 'POST') posts.push(new URL(request.url()).pathname)
  })
})

afterAll(async () => {
  await visit.end()
  await browser.close()
  await demo.stop()
  rmSync(folder, { recursive: true, force: true })
})

const summary = async (): Promise<SummaryView> => (await demo.get('/api/v1/summary')) as SummaryView
const dialog = (): Locator => visit.page.getByRole('dialog')
const told = (): Locator => visit.page.locator('.told')
const press = (name: string | RegExp): Promise<void> =>
  visit.page.getByRole('main').getByRole('button', { name, exact: true }).click()
const agentsIn = ({ agents }: SummaryView): number => Object.values(agents).reduce((sum, n) => sum + n, 0)

/** What the log and the events say that an operator did last. */
async function lastAudit(): Promise<{ readonly logged: unknown; readonly told: unknown }> {
  const { items } = (await demo.get('/api/v1/events?q=an+operator+called&limit=1')) as {
    readonly items: readonly EventView[]
  }
  const line = demo.audited().at(-1)
  const [event] = items
  return {
    logged: line && { action: line.action, caller: line.caller, ok: line.ok },
    told: event && { action: event.details['action'], caller: event.details['caller'], ok: event.details['ok'] },
  }
}

/** Both the log and the events have it, once. */
async function expectAudit(action: string, ok = true): Promise<void> {
  const it = { action, caller: 'this machine', ok }
  expect(await lastAudit()).toEqual({ logged: it, told: it })
}

describe('actions of an operator, through the page', () => {
  test('a template is paused and resumed; who cancels changes nothing', async () => {
    await visit.open(demo.url, 'templates')
    await press('Pause template small')
    expect(await dialog().getByRole('heading').innerText()).toBe('Pause template small?')
    await visit.shoot('dialog-pause-1280-light')
    expect(await visit.axe()).toEqual([])
    await dialog().getByRole('button', { name: 'Cancel' }).click()
    await dialog().waitFor({ state: 'detached' })
    expect([posts, (await summary()).paused, demo.audited()]).toEqual([[], { all: false, templates: [] }, []])
    expect(await visit.focused()).toBe('Pause template small')

    await press('Pause template small')
    await dialog().getByRole('button', { name: 'Pause it' }).click()
    await told()
      .getByText(/^Done\. .*paused/)
      .waitFor()
    expect((await summary()).paused).toEqual({ all: false, templates: ['small'] })
    await expectAudit('pause')
    await visit.page.getByTestId('template-small').getByText('paused', { exact: true }).waitFor()
    await visit.shoot('template-paused-1280-light')

    await press('Resume template small')
    await dialog().getByRole('button', { name: 'Resume it' }).click()
    await told()
      .getByText(/^Done\./)
      .waitFor()
    expect((await summary()).paused).toEqual({ all: false, templates: [] })
    await expectAudit('resume')
    expect(posts).toEqual(['/api/v1/actions/pause', '/api/v1/actions/resume'])
  })

  test('two agents are provisioned beyond what waits, and appear without a reload; a double click sends one call', async () => {
    await until('the first builds to end', WITHIN_MS, async () => {
      const { queue, executors } = await summary()
      return (Object.keys(queue).length === 0 && executors.busy === 0 && executors.starting === 0) || undefined
    })
    const before = agentsIn(await summary())
    await visit.open(demo.url, 'templates')
    posts.length = 0
    await press('Provision agents of template small')
    const many = dialog().getByLabel('How many')
    await many.fill('0')
    await dialog().getByText('Type a whole number, 1 or more.').waitFor()
    await many.fill('50')
    await dialog()
      .getByText(/^At most \d+ more may be started now\.$/)
      .waitFor()
    await many.fill('2')
    await visit.shoot('dialog-provision-1280-light')
    expect(await visit.axe()).toEqual([])
    await dialog().getByText('You act as').waitFor()
    await dialog().getByRole('button', { name: 'Provision 2 agents' }).dblclick()
    await told()
      .getByText(/^Done\. .*2/)
      .waitFor()
    expect(posts).toEqual(['/api/v1/actions/provision'])
    await expectAudit('provision')
    await visit.page.getByTestId('tab-agents').click()
    await visit.page
      .getByRole('grid', { name: 'Agents' })
      .and(visit.page.locator(`[aria-rowcount="${before + 3}"]`))
      .waitFor()
    await until('both to be online', WITHIN_MS, async () => {
      const { agents } = await summary()
      return (agents['online'] ?? 0) >= before + 2 || undefined
    })
    await visit.page
      .getByRole('row')
      .filter({ hasText: 'Online' })
      .nth(before + 1)
      .waitFor()
    await visit.shoot('agents-provisioned-1280-light')
  })

  test('an agent is drained with the keyboard alone, and goes', async () => {
    await visit.open(demo.url, 'agents')
    const { page } = visit
    const row = page.getByRole('row').filter({ hasText: 'Online' }).first()
    await row.focus()
    const agentId = String(await row.getAttribute('data-id'))
    await page.keyboard.press('Enter')
    await page
      .getByTestId('panel')
      .getByRole('button', { name: `Drain agent ${agentId}` })
      .waitFor()
    expect(await visit.focused()).toBe(agentId)
    await page.keyboard.press('Tab') // the cross that closes it
    await page.keyboard.press('Tab')
    expect(await visit.focused()).toBe(`Drain agent ${agentId}`)
    await page.keyboard.press('Enter')
    await dialog().getByText('You act as').waitFor()
    // of what cannot be taken back the focus is at the way out
    expect(await visit.focused()).toBe('Cancel')
    await visit.shoot('dialog-drain-1280-light')
    expect(await visit.axe()).toEqual([])
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    expect(await visit.focused()).toBe(`Drain agent ${agentId}`)
    expect(demo.audited().filter(({ action }) => action === 'drain')).toEqual([])

    await page.keyboard.press('Enter')
    await dialog().getByText('You act as').waitFor()
    await page.keyboard.press('Tab')
    expect(await visit.focused()).toBe('Drain it')
    await page.keyboard.press('Enter')
    await told().getByText(`Done. Agent ${agentId}`).waitFor()
    await expectAudit('drain')
    await page.locator(`[role=row][data-id="${agentId}"]`).waitFor({ state: 'detached' })
    await page
      .getByTestId('panel')
      .getByText(/no agent/i)
      .first()
      .waitFor()
  })

  test('templates are read again: a sound change is used, a mistake is told in words and changes nothing', async () => {
    await visit.open(demo.url, 'configuration')
    const { page } = visit
    write({ maxAgents: 7 })
    await press('Read templates again…')
    await dialog().getByText('You act as').waitFor()
    await dialog().getByRole('button', { name: 'Read them again' }).click()
    await told()
      .getByText(/^Done\./)
      .waitFor()
    await expectAudit('reload')
    await page.getByRole('region', { name: 'Templates as YAML' }).getByText('maxAgents: 7').waitFor()

    write({ maxAgents: 'many', cpus: { agent: -1 } })
    await press('Read templates again…')
    await dialog().getByText('You act as').waitFor()
    await dialog().getByRole('button', { name: 'Read them again' }).click()
    const alert = dialog().getByRole('alert').filter({ hasText: 'Nothing is changed' })
    await alert.waitFor()
    const words = await alert.innerText()
    expect(words).toContain('maxAgents')
    expect(words).toContain('cpus')
    await visit.shoot('dialog-reload-mistakes-1280-light')
    await expectAudit('reload', false)
    await dialog().getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: 'A changed configuration is not used' }).waitFor()
    await visit.shoot('configuration-mistakes-1280-light')
    await page.getByRole('region', { name: 'Templates as YAML' }).getByText('maxAgents: 7').waitFor()

    write()
    await press('Read templates again…')
    await dialog().getByText('You act as').waitFor()
    await dialog().getByRole('button', { name: 'Read them again' }).click()
    await told()
      .getByText(/^Done\./)
      .waitFor()
    await page.getByRole('heading', { name: 'A changed configuration is not used' }).waitFor({ state: 'detached' })
  })

  test('the log level is changed, to each that the page offers', async () => {
    await visit.open(demo.url, 'configuration')
    const level = visit.page.getByLabel(/^Level/)
    const offered = (await level.locator('option').allInnerTexts()).map((text) => text.replace(' (now)', ''))
    expect(offered).toContain('debug')
    for (const name of [...offered.filter((one) => one !== 'info'), 'info']) {
      await level.selectOption(name)
      await press('Change the log level')
      await dialog().getByText('You act as').waitFor()
      await dialog()
        .getByRole('button', { name: `Log at ${name}` })
        .click()
      await told().getByText(`Done. The log has ${name}`).waitFor()
      await level.getByText(`${name} (now)`).waitFor({ state: 'attached' })
    }
    await expectAudit('log-level')
  })

  test('the browser complained of nothing in all this', () => {
    expect(visit.faults).toEqual([])
  })
})
