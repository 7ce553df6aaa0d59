import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
/** Screenshots are kept here for people. */
const SHOTS = resolve('artifacts/page')
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

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
    page.on('request', (request) => {
      if (!request.url().startsWith('http://127.0.0.1:')) fault(`asks elsewhere: ${request.url()}`)
    })
  }

  static async begin(browser: Browser, options: VisitOptions = {}): Promise<Visit> {
    const { width = 1280, height = 900, scheme = 'light', expected = [] } = options
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      reducedMotion: 'reduce',
    })
    const page = await context.newPage()
    const visit = new Visit(context, page, expected)
    await page.exposeFunction('__violated', (what: string) => visit.faults.push(`content security policy: ${what}`))
    await page.addInitScript(TELL_VIOLATIONS)
    return visit
  }

  async shoot(name: string): Promise<void> {
    mkdirSync(SHOTS, { recursive: true })
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
  }

  /** What axe finds that is serious or worse, with where it is. */
  async axe(): Promise<readonly string[]> {
    await this.page.evaluate(AXE)
    const found = await this.page.evaluate<{ readonly violations: readonly AxeFinding[] }>(
      'axe.run(document, { resultTypes: ["violations"] })',
    )
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  }

  /** How far the page can be pushed sideways, in pixels. */
  async overhang(): Promise<number> {
    return await this.page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    )
  }

  async end(): Promise<void> {
    await this.#context.close()
  }
}

const TELL_VIOLATIONS = `document.addEventListener('securitypolicyviolation', (event) => {
  window.__violated(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample)
})`
