import { html, useEffect, useRef } from '../vendor/preact.js'
import { clockTime, duration, fullTime, percent } from './format.js'
import { Icon } from './icons.js'
import { navigate } from './navigate.js'
import { useNow } from './time.js'

/**
 * @typedef {import('../vendor/preact.js').Child} Child
 * @typedef {import('./icons.js').Tone} Tone
 * @typedef {import('./states.js').StateInfo} StateInfo
 */

/** A state: icon, word, and what it means in the title. @param {{ readonly info: StateInfo }} props */
export function Pill({ info }) {
  return html`<span class=${`pill tone-${info.tone}`} title=${info.means}><${Icon} tone=${info.tone} />${info.words}</span>`
}

/**
 * How long ago something was, ticking; when exactly, in the title.
 * @param {{ readonly since: number | undefined, readonly none?: string }} props
 */
export function Age({ since, none = '–' }) {
  const now = useNow()
  if (since === undefined) return html`<span class="muted">${none}</span>`
  return html`<time class="nowrap" datetime=${new Date(since).toISOString()} title=${`since ${fullTime(since)}`}>${duration(now - since)}</time>`
}

/**
 * How long until something, ticking.
 * @param {{ readonly at: number, readonly past?: string }} props past: said once it is over
 */
export function Until({ at, past = 'now' }) {
  const now = useNow()
  return html`<time class="nowrap" datetime=${new Date(at).toISOString()} title=${fullTime(at)}>${at <= now ? past : duration(at - now)}</time>`
}

/** A moment. @param {{ readonly at: number }} props */
export function At({ at }) {
  return html`<time datetime=${new Date(at).toISOString()} title=${fullTime(at)}>${clockTime(at, Date.now())}</time>`
}

/**
 * A part of a whole: a bar, and beside it both in words.
 * @param {object} props
 * @param {string} props.label
 * @param {number | undefined} props.used
 * @param {number | undefined} props.given the whole; `undefined`: there is no limit
 * @param {(value: number | undefined) => string} props.show
 * @param {string} [props.usedWords] [used]
 * @param {boolean} [props.tight] nearly full is worth a look
 */
export function Meter({ label, used, given, show, usedWords = 'used', tight = false }) {
  const part = percent(used, given)
  const tone = tight && part !== undefined && part >= 90 ? 'warn' : 'info'
  const whole = given === undefined ? 'no limit' : show(given)
  const words =
    used === undefined
      ? `${whole} given, use not known`
      : [show(used), usedWords, 'of', whole].filter((word) => word !== '').join(' ')
  return html`<div class="meter">
    <div class="meter-text"><span class="meter-label">${label}</span> <span>${words}</span>${part !== undefined && html` <span class="muted percent">${part} %</span>`}</div>
    <div class="bar" aria-hidden="true"><span class=${`fill-${tone}`} style=${{ width: `${Math.min(100, part ?? 0)}%` }}></span></div>
  </div>`
}

/**
 * Parts of a whole, side by side; the words below tell the same.
 * @param {{ readonly parts: readonly { readonly name: string, readonly value: number, readonly series: string, readonly href?: string }[], readonly total?: number }} props
 */
export function Stack({ parts, total }) {
  const shown = parts.filter(({ value }) => value > 0)
  if (shown.length === 0) return null
  const whole =
    Math.max(
      total ?? 0,
      shown.reduce((sum, { value }) => sum + value, 0),
    ) || 1
  return html`<div class="stack-box">
    <div class="stack" aria-hidden="true">${shown.map(({ name, value, series }) => html`<span key=${name} class=${`series-${series}`} style=${{ width: `${(value / whole) * 100}%` }}></span>`)}</div>
    <ul class="legend">${shown.map(({ name, value, series, href }) => {
      const words = html`<i class=${`dot series-${series}`} aria-hidden="true"></i>${value.toLocaleString('en')} ${name}`
      return html`<li key=${name}>${href === undefined ? words : html`<a href=${href}>${words}</a>`}</li>`
    })}</ul>
  </div>`
}

/**
 * A long name in one line: what tells it from others, its end, is always there.
 * @param {{ readonly name: string }} props
 */
export function LongName({ name }) {
  const cut = Math.max(0, name.length - NAME_END)
  return html`<span class="name-parts" title=${name}><span>${name.slice(0, cut)}</span><span>${name.slice(cut)}</span></span>`
}

const NAME_END = 10

/** A job by its own name, its folders below. @param {{ readonly job: string }} props */
export function JobName({ job }) {
  const slash = job.lastIndexOf('/')
  return html`<span class="strong clamp-1" title=${job}>${job.slice(slash + 1)}</span>${slash > 0 && html`<span class="muted small clamp-1" title=${job}>${job.slice(0, slash)}</span>`}`
}

/** Names and what they are. @param {{ readonly rows: readonly (readonly [string, Child] | undefined | false)[] }} props */
export function Facts({ rows }) {
  return html`<dl class="facts">${rows
    .filter((row) => row !== undefined && row !== false)
    .map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** @param {{ readonly labels: readonly string[] }} props */
export function Labels({ labels }) {
  if (labels.length === 0) return html`<span class="muted">no label</span>`
  return html`<span class="labels">${labels.map((label) => html`<code class="chip" key=${label}>${label}</code> `)}</span>`
}

/**
 * Details beside a list: on a phone over all of it. Takes the focus, Escape closes it, and the focus goes back to where
 * it came from.
 * @param {{ readonly id: string, readonly title: Child, readonly closeTo: string, readonly children?: Child }} props id: of what it shows
 */
export function Panel({ id, title, closeTo, children }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  useEffect(() => {
    const before = document.activeElement
    const own = box.current
    own?.querySelector('h2')?.focus({ preventScroll: true })
    return () => {
      const { activeElement } = document
      const isHere = activeElement === document.body || own?.contains(activeElement) === true
      if (isHere && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [id])
  const close = () => {
    navigate(closeTo)
  }
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const onKey = (event) => {
      const clearsText = event.target instanceof HTMLInputElement && event.target.value !== ''
      if (event.key !== 'Escape' || event.defaultPrevented || clearsText) return
      if (document.querySelector('dialog[open]') === null) close()
    }
    addEventListener('keydown', onKey)
    return () => {
      removeEventListener('keydown', onKey)
    }
  })
  return html`<aside class="panel" aria-labelledby="panel-title" ref=${box} data-testid="panel">
    <div class="panel-head"><h2 id="panel-title" tabindex="-1">${title}</h2>
      <button type="button" class="icon-button" aria-label="Close the details" title="Close (Escape)" onClick=${close}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M3.6 2.5 8 6.9l4.4-4.4 1.1 1.1L9.1 8l4.4 4.4-1.1 1.1L8 9.1l-4.4 4.4-1.1-1.1L6.9 8 2.5 3.6Z" /></svg></button></div>
    <div class="panel-body">${children}</div>
  </aside>`
}

/**
 * What a request is at while there is nothing to show.
 * @param {{ readonly error: Error | undefined }} props
 */
export function Pending({ error }) {
  return error === undefined
    ? html`<p class="loading" role="status">Loading…</p>`
    : html`<p class="notice bad" role="alert">${error.message}</p>`
}
