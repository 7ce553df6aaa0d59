import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
/** Screenshots are kept here for people. */
const SHOTS = resolve('artifacts/page')
/** Of a taller page, and behind a dialog, what is in the window is shown. */
const TALLEST_PX = 12_000

/** Debian's Chromium, which asks nobody outside of this machine. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  })
}

export interface VisitOptions {
  readonly width?: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
  readonly forcedColors?: 'active'
  /** [reduce], so that no screenshot shows half of a movement */
  readonly motion?: 'reduce' | 'no-preference'
  /** What the page is known to complain of in this visit, such as the answer 401 that a test provokes. */
  readonly expected?: readonly RegExp[]
}

interface AxeFinding {
  readonly id: string
  readonly impact: string | null
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[]
}

/** One person with one window. Whatever the browser complains of is kept: a test asks for `faults` at its end. */
export class Visit {
  readonly page: Page
  readonly faults: string[] = []
  readonly #context: BrowserContext

  private constructor(context: BrowserContext, page: Page, expected: readonly RegExp[]) {
    this.#context = context
    this.page = page
    const fault = (what: string): void => {
      if (!expected.some((known) => known.test(what))) this.faults.push(what)
    }
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) fault(`${message.type()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => {
      fault(`uncaught: ${error.message}`)
    })
    page.on('dialog', (dialog) => {
      fault(`a dialog of the browser: ${dialog.type()} ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', (request) => {
      if (!request.url().startsWith('http://127.0.0.1:')) fault(`asks elsewhere: ${request.url()}`)
    })
  }

  static async begin(browser: Browser, options: VisitOptions = {}): Promise<Visit> {
    const { width = 1280, height = 900, scheme = 'light', motion = 'reduce', forcedColors, expected = [] } = options
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      reducedMotion: motion,
      ...(forcedColors && { forcedColors }),
    })
    const page = await context.newPage()
    const visit = new Visit(context, page, expected)
    await page.exposeFunction('__violated', (what: string) => visit.faults.push(`content security policy: ${what}`))
    await page.addInitScript(TELL_VIOLATIONS)
    return visit
  }

  async shoot(name: string): Promise<void> {
    mkdirSync(SHOTS, { recursive: true })
    const fullPage = await this.page.evaluate<boolean>(
      `document.documentElement.scrollHeight < ${TALLEST_PX} && document.querySelector('dialog[open]') === null`,
    )
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage })
  }

  /** What axe finds that is serious or worse, with where it is. */
  async axe(): Promise<readonly string[]> {
    await this.page.evaluate(axe.source)
    const found = await this.page.evaluate<{ readonly violations: readonly AxeFinding[] }>(
      'axe.run(document, { resultTypes: ["violations"] })',
    )
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  }

  /** Opens a view, and waits until it shows what it is about. */
  async open(base: string, view: string): Promise<void> {
    await this.page.goto(`${base.replace(/\/$/, '')}/#/${view}`)
    await this.settled()
  }

  /** The view of the address shows what it is about. */
  async settled(): Promise<void> {
    await this.page.getByRole('main').getByRole('heading').first().waitFor()
    await this.page
      .getByText(/^(Loading…|Asking the sidecar…)$/)
      .first()
      .waitFor({ state: 'detached' })
  }

  /** What the focus is at, as a person would name it. */
  async focused(): Promise<string> {
    return String(await this.page.evaluate(FOCUSED))
  }

  /** How far the page can be pushed sideways, in pixels. */
  async overhang(): Promise<number> {
    return await this.page.evaluate<number>(
      'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
    )
  }

  async end(): Promise<void> {
    await this.#context.close()
  }
}

const TELL_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) => {
  window.__violated(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample)
})`

const FOCUSED = `(() => {
  const { activeElement: at } = document
  return at === null ? '' : (at.getAttribute('aria-label') ?? at.innerText ?? '').trim() || at.id || at.tagName.toLowerCase()
})()`
