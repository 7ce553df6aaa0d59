import { briefOf, detailText } from '../lib/event-list.js'
import { useEvents } from '../lib/events-data.js'
import { useGet } from '../lib/fetched.js'
import { Choice, SearchBox } from '../lib/filters.js'
import { clockTime, count, fullTime } from '../lib/format.js'
import { Icon } from '../lib/icons.js'
import { navigate } from '../lib/navigate.js'
import { linkTo, linkWith } from '../lib/router.js'
import { serverNow } from '../lib/time.js'
import { html, useEffect, useMemo, useRef, useState } from '../vendor/preact.js'

/**
 * @typedef {import('../lib/event-list.js').EventView} EventView
 * @typedef {import('../lib/event-list.js').EventFilter} EventFilter
 * @typedef {import('../lib/router.js').Route} Route
 */

/** So many rows are there at first, and more with each press. */
const ROWS = 200
const TYPING_MS = 250
const ALOUD_MS = 3_000

/** @type {Readonly<Record<EventView['level'], { readonly tone: import('../lib/icons.js').Tone, readonly words: string }>>} */
const LEVELS = {
  info: { tone: 'info', words: 'info' },
  warn: { tone: 'warn', words: 'warning' },
  error: { tone: 'bad', words: 'error' },
}

/**
 * What happened, the newest first: live, with the past behind it.
 *
 * @param {import('../views.js').ViewProps} props
 */
export function Events({ route }) {
  const filter = filterOf(route)
  const [paused, setPaused] = useState(false)
  const [rows, setRows] = useState(ROWS)
  const { list, loaded, loading, problem, pending, older } = useEvents(filter, paused)
  const shown = list.items.slice(0, rows)
  const rowOf = useRows()
  const more = () => {
    setRows(rows + ROWS)
    if (rows + ROWS > list.items.length && !list.complete) older()
  }
  return html`<div class="view-head"><h1>Events</h1></div>
    <${Filters} route=${route} filter=${filter} />
    <div class="events-tools">
      <button type="button" class="toggle" aria-pressed=${paused ? 'true' : 'false'} onClick=${() => setPaused(!paused)}>Pause</button>
      <${Aloud} newest=${list.items[0]} />
      <span class="events-count">${paused ? (pending > 0 ? html`<button type="button" class="action" onClick=${() => setPaused(false)}>Show ${count(pending, 'new event')}</button>` : 'Paused: new events wait.') : 'New events come in at the top.'}</span>
    </div>
    ${problem !== undefined && html`<p class="events-problem" role="alert">${problem}</p>`}
    ${
      shown.length > 0
        ? html`<ol class="events-list" aria-label="Events, the newest first" tabindex="-1">
            ${shown.map(rowOf)}
          </ol>`
        : loaded
          ? html`<p class="events-none">${isEverything(filter) ? 'Nothing has happened yet.' : html`No event is like that. <a href=${linkTo('events')}>Show all</a>`}</p>`
          : problem === undefined && html`<p>Loading…</p>`
    }
    ${
      shown.length > 0 &&
      html`<p class="events-end">${
        shown.length < list.items.length || !list.complete
          ? html`<button type="button" aria-disabled=${loading ? 'true' : undefined} onClick=${() => !loading && more()}>${loading ? 'Loading…' : 'Show older events'}</button>`
          : 'That is all that is kept; older events are in the log.'
      }</p>`
    }`
}

/** A row is made once, however often the list is: it changes by itself only. Times are said otherwise the next day. */
function useRows() {
  return useMemo(() => {
    /** @type {WeakMap<EventView, import('../vendor/preact.js').VNode>} */
    const made = new WeakMap()
    return (/** @type {EventView} */ event) => {
      const row = made.get(event) ?? html`<${EventRow} key=${event.id} event=${event} />`
      made.set(event, row)
      return row
    }
  }, [new Date(serverNow()).toDateString()])
}

/** @param {Route} route @returns {EventFilter} */
function filterOf({ params }) {
  const level = params.get('level')
  return {
    level: level === 'warn' || level === 'error' ? level : 'info',
    template: params.get('template') ?? '',
    agentId: params.get('agent') ?? '',
    q: params.get('q') ?? '',
  }
}

/** @param {EventFilter} filter */
function isEverything({ level, template, agentId, q }) {
  return level === 'info' && template === '' && agentId === '' && q === ''
}

/** @param {{ route: Route, filter: EventFilter }} props */
function Filters({ route, filter }) {
  const templates = /** @type {{ value: { items: readonly { template: string }[] } | undefined }} */ (
    useGet('templates')
  )
  /** @param {string} agent */
  const onAgent = (agent) => navigate(linkWith(route, { agent }), { replace: true })
  return html`<div class="filters" role="search" aria-label="Events">
    <${SearchBox} route=${route} label="Search events" placeholder="Words, host or anything in them" />
    <${Choice} route=${route} name="level" label="Level" all="All levels" options=${[
      { value: 'warn', words: 'Warnings and errors' },
      { value: 'error', words: 'Errors' },
    ]} />
    <${Choice} route=${route} name="template" label="Template" all="All templates"
      options=${(templates.value?.items ?? []).map(({ template }) => ({ value: template, words: template }))} />
    <${Typed} label="Agent" placeholder="Agent, whole name" value=${filter.agentId} onTyped=${onAgent} />
    ${!isEverything(filter) && html`<a class="clear" href=${linkTo('events')}>Clear</a>`}
  </div>`
}

/**
 * A field that asks when a person stops to type.
 *
 * @param {{ label: string, placeholder: string, value: string, onTyped: (value: string) => void }} props
 */
function Typed({ label, placeholder, value, onTyped }) {
  const [text, setText] = useState(value)
  const latest = useRef(onTyped)
  latest.current = onTyped
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text.trim() === value) return undefined
    const timer = setTimeout(() => latest.current(text.trim()), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text])
  return html`<input type="text" class="search" aria-label=${label} placeholder=${placeholder} value=${text} autocomplete="off" spellcheck=${false}
    onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) => setText(currentTarget.value)} />`
}

/** Screen readers are told of new events only if somebody asks for it, and never in a flood. @param {{ newest: EventView | undefined }} props */
function Aloud({ newest }) {
  const [on, setOn] = useState(false)
  const [words, setWords] = useState('')
  const from = useRef(0)
  useEffect(() => {
    if (!on || newest === undefined || newest.id <= from.current) return undefined
    const timer = setTimeout(
      () => {
        from.current = newest.id
        setWords(`${LEVELS[newest.level].words}: ${newest.message}`)
      },
      words === '' ? 0 : ALOUD_MS,
    )
    return () => clearTimeout(timer)
  }, [on, newest?.id])
  return html`<label class="check"><input type="checkbox" checked=${on}
      onChange=${() => {
        from.current = newest?.id ?? 0
        setWords('')
        setOn(!on)
      }} /> Announce to screen readers</label>
    <span class="aloud" aria-live=${on ? 'polite' : 'off'}>${on ? words : ''}</span>`
}

/** @param {{ event: EventView }} props */
function EventRow({ event }) {
  const [open, setOpen] = useState(false)
  const { id, at, level, message, agentId, template, hostname, details } = event
  const { tone, words } = LEVELS[level]
  const shown = Object.entries(details)
  return html`<li class=${`event event-${level}`}>
    <time datetime=${new Date(at).toISOString()}>${clockTime(at, serverNow())}</time>
    <span class="event-level"><${Icon} tone=${tone} /> ${words}</span>
    <div class="event-what">
      <button type="button" class="event-message" aria-expanded=${open ? 'true' : 'false'} onClick=${() => setOpen(!open)}>${message}</button>
      ${!open && shown.length > 0 && html`<span class="event-brief">${briefOf(shown)}</span>`}
      ${open && html`<${Details} id=${id} at=${at} details=${shown} />`}
    </div>
    <span class="event-links">
      ${template !== undefined && html`<a href=${linkTo('templates', { template })} aria-label=${`Template ${template}`}>${template}</a>`}
      ${agentId !== undefined && html`<a href=${linkTo('agents', { agent: agentId })} aria-label=${`Agent ${agentId}`}>${agentId}</a>`}
      ${hostname !== undefined && html`<a href=${linkTo('hosts', { host: hostname })} aria-label=${`Host ${hostname}`}>${hostname}</a>`}
    </span>
  </li>`
}

/** @param {{ id: number, at: number, details: readonly (readonly [string, unknown])[] }} props */
function Details({ id, at, details }) {
  return html`<dl class="event-details">
    <dt>event</dt><dd>${id}</dd>
    <dt>time</dt><dd>${fullTime(at)}</dd>
    ${details.map(([key, value]) => html`<dt key=${key}>${key}</dt><dd>${detailText(value)}</dd>`)}
  </dl>`
}
