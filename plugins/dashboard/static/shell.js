import { duration } from './lib/format.js'
import { Icon } from './lib/icons.js'
import { live } from './lib/live.js'
import { route } from './lib/navigate.js'
import { linkTo } from './lib/router.js'
import { session } from './lib/session.js'
import { useStore } from './lib/store.js'
import { nextTheme, theme } from './lib/theme.js'
import { useNow } from './lib/time.js'
import { HeadActions, SignIn } from './slots.js'
import { html, useEffect, useErrorBoundary } from './vendor/preact.js'
import { VIEWS } from './views.js'

/** All of the page: head, the view that the address names, and what is laid over it. */
export function Shell() {
  const here = useStore(route)
  const { summary, connection, words } = useStore(live)
  const view = VIEWS.find(({ name }) => name === here.view)
  useEffect(() => {
    document.title = titleOf(view?.title, summary)
  })
  useEffect(() => {
    document.documentElement.scrollTop = 0
    // on a phone the tabs do not fit beside each other
    document.querySelector('.tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [here.view])
  useShortcuts()
  return html`
    <a class="skip" href="#main" onClick=${skipToMain}>Skip to the content</a>
    <header class="head">
      <a class="brand" href=${linkTo('overview')} aria-label="jenkins-mesos-sidecar"><img src=${logo} alt="" width="28" height="28" /><span>jenkins-mesos-sidecar</span></a>
      <${Tabs} current=${here.view} summary=${summary} />
      <div class="head-right">
        <${Connection} />
        <${HeadActions} />
        <${ThemeButton} />
      </div>
    </header>
    <main id="main" tabindex="-1">
      ${summary && html`<${Notices} summary=${summary} connection=${connection} words=${words} view=${here.view} />`}
      ${
        summary === undefined
          ? html`<${Waiting} connection=${connection} words=${words} />`
          : view === undefined
            ? html`<p class="notice">There is no view “${here.view}”. <a href=${linkTo('overview')}>Go to the overview</a>.</p>`
            : html`<${Guarded} key=${view.name} view=${view} route=${here} summary=${summary} />`
      }
    </main>
    <${SignIn} />`
}

const logo = new URL('logo.svg', import.meta.url).href

/** @param {Event} event */
function skipToMain(event) {
  event.preventDefault() // the hash is the router's
  document.querySelector('main')?.focus()
}

/**
 * An error in one view leaves the others.
 * @param {{ view: import('./views.js').ViewEntry, route: import('./lib/router.js').Route, summary: import('./lib/live.js').SummaryView }} props
 */
function Guarded({ view, route, summary }) {
  const [error, reset] = useErrorBoundary((thrown) => {
    console.error(thrown)
  })
  if (error === undefined || error === null) return html`<${view.component} route=${route} summary=${summary} />`
  const words = error instanceof Error ? error.message : String(error)
  return html`<div class="notice bad" role="alert"><p>This view failed: ${words}. That is a mistake of the page, the sidecar goes on.</p>
    <button type="button" onClick=${reset}>Show it again</button></div>`
}

/** @param {{ connection: import('./lib/live.js').Live['connection'], words: string | undefined }} props */
function Waiting({ connection, words }) {
  if (connection === 'signed_out')
    return html`<div class="notice"><p><${Icon} tone="warn" /> The sidecar wants a token before it shows anything.</p>
      <button type="button" onClick=${() => session.merge({ needed: true })}>Sign in</button></div>`
  if (connection === 'lost')
    return html`<p class="notice bad" role="alert"><${Icon} tone="bad" /> ${words} The page tries again by itself.</p>`
  return html`<p class="loading" role="status">Asking the sidecar…</p>`
}

/** Of the process that made this page; another may have other files. @type {string | undefined} */
let ownVersion

/**
 * What must be known of all that is shown.
 * @param {{ summary: import('./lib/live.js').SummaryView, connection: import('./lib/live.js').Live['connection'], words: string | undefined, view: string }} props
 */
function Notices({ summary, connection, words, view }) {
  const { leadership, dryRun, version } = summary
  ownVersion ??= version
  const elsewhere = view !== 'overview'
  return html`
    ${connection === 'lost' && html`<p class="notice bad" data-testid="lost"><${Icon} tone="bad" /> <b>Connection lost: what is shown is old.</b> ${words} The page tries again by itself.</p>`}
    ${connection === 'signed_out' && html`<p class="notice warn"><${Icon} tone="warn" /> <b>What is shown is old:</b> the sidecar wants a token. <button type="button" onClick=${() => session.merge({ needed: true })}>Sign in</button></p>`}
    ${ownVersion !== version && html`<p class="notice"><${Icon} tone="info" /> Version ${version} runs now; this page is of ${ownVersion}. <button type="button" onClick=${() => location.reload()}>Load it again</button></p>`}
    ${leadership.role === 'standby' && html`<p class="notice"><${Icon} tone="info" /> <b>This instance stands by and looks at nothing:</b> ${leadership.why}. The page of the leader shows all.</p>`}
    ${elsewhere && dryRun !== undefined && html`<p class="notice"><${Icon} tone="info" /> <b>Dry run:</b> ${dryRun}</p>`}`
}

/** @param {{ current: string, summary: import('./lib/live.js').SummaryView | undefined }} props */
function Tabs({ current, summary }) {
  return html`<nav class="tabs" aria-label="Views" onKeyDown=${moveBetweenTabs}>
    ${VIEWS.map(({ name, title, badge }) => {
      const number = summary === undefined ? undefined : badge?.(summary)
      return html`<a key=${name} href=${linkTo(name)} aria-current=${name === current ? 'page' : undefined} data-testid=${`tab-${name}`}>
        ${title}${number !== undefined && html` <span class="badge">${number.toLocaleString('en')}</span>`}</a>`
    })}
  </nav>`
}

/** @param {KeyboardEvent & { readonly currentTarget: HTMLElement }} event */
function moveBetweenTabs(event) {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  const links = [...event.currentTarget.querySelectorAll('a')]
  const at = links.findIndex((link) => link === document.activeElement)
  if (step === 0 || at === -1) return
  event.preventDefault()
  links[(at + step + links.length) % links.length]?.focus()
}

/** How fresh the page is. Only what a person must know is told to screen readers. */
function Connection() {
  const { connection, toldAt, words } = useStore(live)
  useNow()
  const age = toldAt === undefined ? undefined : Date.now() - toldAt
  const fresh = age === undefined ? '' : `last updated ${duration(age)} ago`
  const shown = SHOWN[connection]
  return html`<div class=${`connection is-${connection}`} title=${words ?? fresh} data-testid="connection" data-connection=${connection}>
    <${Icon} tone=${shown.tone} /> <span role="status">${shown.words}</span>
    ${age !== undefined && (connection !== 'live' || age > 20_000) && html` <span class="muted">${fresh}</span>`}
  </div>`
}

/** @type {Readonly<Record<import('./lib/live.js').Live['connection'], { tone: import('./lib/icons.js').Tone, words: string }>>} */
const SHOWN = {
  connecting: { tone: 'off', words: 'Connecting' },
  live: { tone: 'ok', words: 'Live' },
  polling: { tone: 'info', words: 'Polling' },
  lost: { tone: 'bad', words: 'Connection lost' },
  signed_out: { tone: 'warn', words: 'Signed out' },
}

function ThemeButton() {
  const chosen = useStore(theme)
  const words = { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' }[chosen]
  return html`<button type="button" class="icon-button" onClick=${nextTheme} aria-label=${words} title=${`${words}. Press for the next.`} data-testid="theme">
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d=${THEME_SHAPES[chosen]} /></svg></button>`
}

const THEME_SHAPES = {
  system: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.6v10.8A5.4 5.4 0 0 0 8 2.6Z',
  light:
    'M8 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM7.3 0h1.4v2.6H7.3V0Zm0 13.4h1.4V16H7.3v-2.6ZM0 7.3h2.6v1.4H0V7.3Zm13.4 0H16v1.4h-2.6V7.3ZM2.1 3.1l1-1L5 4 4 5 2.1 3.1Zm8.9 8.9 1-1 1.9 1.9-1 1L11 12Zm1-7-1-1 1.9-1.9 1 1L12 5Zm-8.9 8.9-1-1L4 11l1 1-1.9 1.9Z',
  dark: 'M6.2 1.2a7 7 0 1 0 8.6 8.6A5.8 5.8 0 0 1 6.2 1.2Z',
}

/** `/` goes to the search box of the view. */
function useShortcuts() {
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const onKey = (event) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof HTMLElement && event.target.closest('input, select, textarea, dialog') !== null)
        return
      const search = /** @type {HTMLInputElement | null} */ (document.querySelector('main input[type=search]'))
      if (search === null) return
      event.preventDefault()
      search.focus()
      search.select()
    }
    addEventListener('keydown', onKey)
    return () => {
      removeEventListener('keydown', onKey)
    }
  }, [])
}

/**
 * @param {string | undefined} view
 * @param {import('./lib/live.js').SummaryView | undefined} summary
 */
function titleOf(view, summary) {
  const waiting = summary?.queue['waiting_offer'] ?? 0
  const bad = summary !== undefined && summary.health.status !== 'ok' && summary.health.status !== 'standby'
  return `${bad ? '⚠ ' : ''}${waiting > 0 ? `(${waiting}) ` : ''}${view ?? 'Not found'} · jenkins-mesos-sidecar`
}
