import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/preact.js'
import { moveTo, windowOf } from './window.js'

/**
 * @typedef {import('../vendor/preact.js').Child} Child
 *
 * @typedef {object} Column
 * @property {string} name its class is `cell-NAME`
 * @property {string} title
 */

/**
 * @template T
 * @typedef {object} VirtualListProps
 * @property {string} name its class is `list-NAME`, which sets the widths of the columns
 * @property {string} label for screen readers
 * @property {readonly Column[]} columns
 * @property {import('./paged.js').Paged<T>} list
 * @property {(item: T) => readonly Child[]} cells one a column
 * @property {(item: T) => string} idOf
 * @property {string | undefined} open id of the item whose details are shown
 * @property {(item: T) => void} onOpen
 * @property {number} rowRem height of a row
 * @property {number} narrowRowRem the same on a phone, where a row is a card
 * @property {Child} empty shown in place of no rows
 */

const NARROW = matchMedia('(max-width: 820px)')

/**
 * A table of any length. Only the rows in sight are there, and they scroll with the page. Arrows, page up and down, home
 * and end move between rows, Enter opens one; the focus stays at its row whatever changes around it.
 * @template T
 * @param {VirtualListProps<T>} props
 */
export function VirtualList(props) {
  const { name, label, columns, list, empty, rowRem, narrowRowRem } = props
  const body = useRef(/** @type {HTMLElement | null} */ (null))
  const narrow = useMedia(NARROW)
  const rowHeight = (narrow ? narrowRowRem : rowRem) * rootFontPx()
  const total = list.total ?? 0
  const { from, to, perPage } = useWindow(body, total, rowHeight)
  const [active, setActive] = useState(0)
  const current = Math.min(active, Math.max(0, total - 1))
  const hasFocus = useRef(false)
  const goal = useRef(/** @type {number | undefined} */ (undefined))

  useEffect(() => {
    list.show({ from, to })
  })
  useLayoutEffect(() => {
    const wanted = goal.current
    goal.current = undefined
    // a row that is moved in the document loses the focus, though it is still the one
    const isLost = hasFocus.current && document.activeElement === document.body
    if (wanted === undefined && !isLost) return
    /** @type {HTMLElement | null | undefined} */
    const row = body.current?.querySelector(`[data-index="${wanted ?? current}"]`)
    row?.focus({ preventScroll: true })
    if (wanted !== undefined) row?.scrollIntoView({ block: 'nearest' })
  })
  useFocusWithin(body, hasFocus)

  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (event.target instanceof HTMLElement && event.target.closest('a, button, input, select') !== null) return
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Enter' || event.key === ' ') {
      const item = list.itemAt(current)
      if (item === undefined) return
      event.preventDefault()
      props.onOpen(item)
      return
    }
    const next = moveTo(event.key, current, total, perPage - 2)
    if (next === undefined) return
    event.preventDefault()
    goal.current = next
    setActive(next)
  }

  /** @type {number[]} */
  const shown = []
  for (let index = from; index < to; index++) shown.push(index)
  // the row with the focus, or to which Tab leads, stays although it is out of sight
  if (total > 0 && (current < from || current >= to)) shown.push(current)

  if (list.total === undefined) {
    const { error } = list
    return error === undefined
      ? html`<p class="loading" role="status">Loading…</p>`
      : html`<p class="notice bad" role="alert">${error.message}</p>`
  }
  return html`
    ${list.error && html`<p class="notice bad" role="alert">${list.error.message} What is shown is older.</p>`}
    ${total === 0 && html`<div class="empty">${empty}</div>`}
    <div class=${`list list-${name}`} role="grid" aria-label=${label} aria-rowcount=${total + 1} aria-colcount=${columns.length}
      aria-busy=${list.loading} hidden=${total === 0} data-testid=${`list-${name}`}>
      <div role="rowgroup" class="list-head">
        <div role="row" aria-rowindex="1" class="list-row">
          ${columns.map((column, n) => html`<div role="columnheader" aria-colindex=${n + 1} class=${`cell-${column.name}`}>${column.title}</div>`)}
        </div>
      </div>
      <div role="rowgroup" class="list-body" ref=${body} style=${{ height: `${total * rowHeight}px` }} onKeyDown=${onKeyDown}>
        ${shown.map((index) => row({ ...props, index, rowHeight, isActive: index === current, onFocus: () => setActive(index) }))}
      </div>
    </div>`
}

/**
 * @template T
 * @param {VirtualListProps<T> & { index: number, rowHeight: number, isActive: boolean, onFocus: () => void }} props
 */
function row({ columns, list, cells, idOf, open, onOpen, index, rowHeight, isActive, onFocus }) {
  const item = list.itemAt(index)
  const isOpen = item !== undefined && idOf(item) === open
  const style = { transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` }
  const contents = item === undefined ? columns.map((_, n) => (n === 0 ? '…' : '')) : cells(item)
  /** @param {MouseEvent} event */
  const onClick = (event) => {
    const onControl = event.target instanceof Element && event.target.closest('a, button') !== null
    const selecting = getSelection()?.isCollapsed === false
    if (item !== undefined && !onControl && !selecting) onOpen(item)
  }
  return html`<div key=${index} role="row" class=${`list-row${isOpen ? ' is-open' : ''}`} aria-rowindex=${index + 2} aria-selected=${isOpen}
    tabindex=${isActive ? 0 : -1} data-index=${index} data-id=${item === undefined ? undefined : idOf(item)} style=${style} onClick=${onClick} onFocus=${onFocus}>
    ${columns.map((column, n) => html`<div role="gridcell" aria-colindex=${n + 1} class=${`cell-${column.name}`}>${contents[n]}</div>`)}
  </div>`
}

/**
 * @param {{ readonly current: HTMLElement | null }} body
 * @param {number} total
 * @param {number} rowHeight
 */
function useWindow(body, total, rowHeight) {
  const [window, setWindow] = useState({ from: 0, to: Math.min(total, 30), perPage: 10 })
  useLayoutEffect(() => {
    let frame = 0
    const look = () => {
      frame = 0
      const top = body.current?.getBoundingClientRect().top ?? 0
      const next = {
        ...windowOf({ total, rowHeight, top, seen: innerHeight }),
        perPage: Math.floor(innerHeight / rowHeight),
      }
      setWindow((before) =>
        before.from === next.from && before.to === next.to && before.perPage === next.perPage ? before : next,
      )
    }
    const soon = () => {
      if (frame === 0) frame = requestAnimationFrame(look)
    }
    look()
    addEventListener('scroll', soon, { passive: true })
    addEventListener('resize', soon)
    return () => {
      cancelAnimationFrame(frame)
      removeEventListener('scroll', soon)
      removeEventListener('resize', soon)
    }
  }, [total, rowHeight])
  return { ...window, to: Math.min(window.to, total), from: Math.min(window.from, total) }
}

/**
 * Notes whether the focus is here: until it goes to something else, or the pointer does.
 * @param {{ readonly current: HTMLElement | null }} body
 * @param {{ current: boolean }} hasFocus
 */
function useFocusWithin(body, hasFocus) {
  useEffect(() => {
    /** @param {Event} event */
    const look = ({ target }) => {
      hasFocus.current = target instanceof Element && body.current?.contains(target) === true
    }
    document.addEventListener('focusin', look)
    document.addEventListener('pointerdown', look)
    return () => {
      document.removeEventListener('focusin', look)
      document.removeEventListener('pointerdown', look)
    }
  }, [])
}

/** @param {MediaQueryList} media */
function useMedia(media) {
  const [matches, setMatches] = useState(media.matches)
  useEffect(() => {
    const look = () => {
      setMatches(media.matches)
    }
    media.addEventListener('change', look)
    return () => {
      media.removeEventListener('change', look)
    }
  }, [media])
  return matches
}

/** Rows grow with the reader's font size. */
function rootFontPx() {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
}
