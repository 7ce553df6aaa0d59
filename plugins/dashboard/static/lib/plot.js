import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../vendor/preact.js'
import { draw, moveCursor } from './canvas-plot.js'
import { onTheme, strokesOf } from './paint.js'
import { means, reading, rows, shareOf, stacked, withGaps } from './series.js'

/**
 * A plot with its legend, its readings and its table.
 *
 * @typedef {import('./canvas-plot.js').Line} Line
 * @typedef {import('./series.js').Column} Column
 * @typedef {object} PlotProps
 * @property {string} title
 * @property {string} unit `''`, `CPU` or `MiB`
 * @property {readonly Line[]} lines
 * @property {readonly Column[]} columns one a line
 * @property {readonly number[]} at
 * @property {number} everyMs
 * @property {number} from
 * @property {number} to
 * @property {boolean} [areas] lines are stacked
 * @property {boolean} [small] without switches and table
 * @property {boolean} [asTable]
 */

/** More are not seen apart. */
export const MOST_POINTS = 400
const MOST_POINTS_SMALL = 60

/** Rows of the table: as many as a person reads. */
const MOST_ROWS = 60

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** @param {PlotProps} props */
export function Plot({
  title,
  unit,
  lines,
  columns,
  at,
  everyMs,
  from,
  to,
  areas = false,
  small = false,
  asTable = false,
}) {
  const [hidden, setHidden] = useState(/** @type {readonly string[]} */ ([]))
  const [cursor, setCursor] = useState(/** @type {number | null} */ (null))
  const id = `plot-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`
  const shown = lines.map(({ label }) => !hidden.includes(label))
  const shareMs = shareOf(everyMs, to - from, small ? MOST_POINTS_SMALL : MOST_POINTS)
  const cut = useMemo(() => {
    const table = withGaps({ at, columns }, everyMs, from)
    return shareMs === everyMs ? table : means(table, shareMs)
  }, [at, columns, everyMs, from, shareMs])
  const last = cut.at.length - 1
  const pointed = cursor !== null && cursor <= last ? cursor : null // it may be of a longer time
  const index = pointed ?? last
  const when = cut.at[index]
  /** @param {string} label */
  const toggle = (label) =>
    setHidden(hidden.includes(label) ? hidden.filter((other) => other !== label) : [...hidden, label])
  return html`<section class=${small ? 'plot plot-small' : 'plot'} aria-labelledby=${id}>
    <header>
      ${small ? html`<h3 id=${id}>${title}</h3>` : html`<h2 id=${id}>${title}</h2>`}
      <span class="plot-when">${when === undefined || asTable ? '' : `${pointed === null ? 'last' : 'at'} ${CLOCK.format(when)}`}</span>
    </header>
    ${
      asTable
        ? html`<${PlotTable} title=${title} unit=${unit} lines=${lines} cut=${cut} />`
        : html`<${Canvas}
            title=${title} unit=${unit} areas=${areas} small=${small} cut=${cut} from=${from} to=${to}
            lines=${lines} shown=${shown} cursor=${pointed} onCursor=${setCursor} />`
    }
    ${!asTable && html`<${Legend} lines=${lines} areas=${areas} shown=${shown} values=${lines.map((_line, nth) => reading(cut.columns[nth]?.[index], unit))} onToggle=${small ? undefined : toggle} />`}
  </section>`
}

/** @param {{ lines: readonly Line[], areas: boolean, shown: readonly boolean[], values: readonly string[], onToggle?: (label: string) => void }} props */
function Legend({ lines, areas, shown, values, onToggle }) {
  return html`<ul class="plot-legend" role="list">
    ${lines.map(
      (line, nth) => html`<li key=${line.label}>
        <${LegendEntry} line=${line} areas=${areas} shown=${shown[nth]} onToggle=${onToggle} value=${values[nth]} />
      </li>`,
    )}
    ${lines.length === 0 && html`<li class="plot-none">Nothing in this time.</li>`}
  </ul>`
}

/** @param {{ line: Line, areas: boolean, shown: boolean, value: string, onToggle?: (label: string) => void }} props */
function LegendEntry({ line, areas, shown, value, onToggle }) {
  const content = html`<${Swatch} line=${line} areas=${areas} /><span class="plot-name">${line.label}</span
    ><span class="plot-value">${value}</span>`
  if (onToggle === undefined) return html`<span class="plot-entry">${content}</span>`
  return html`<button type="button" class="plot-entry" aria-pressed=${shown ? 'true' : 'false'}
    title=${shown ? `Hide ${line.label}` : `Show ${line.label}`} onClick=${() => onToggle(line.label)}>${content}</button>`
}

/** @param {{ line: Line, areas: boolean }} props */
function Swatch({ line: { ink }, areas }) {
  return html`<svg class=${`plot-swatch plot-ink-${ink.colour}`} viewBox=${areas ? '0 0 16 16' : '0 0 24 8'}
    width=${areas ? 16 : 24} height=${areas ? 16 : 8} aria-hidden="true">
    ${
      areas
        ? html`<rect class=${ink.pattern === 'solid' ? 'plot-solid' : 'plot-shade'} x="0.5" y="0.5" width="15" height="15" />
            ${[0, 8].flatMap((x) => [0, 8].map((y) => html`<path d=${strokesOf(ink.pattern)} transform=${`translate(${x} ${y})`} />`))}`
        : html`<path class="plot-line" d="M0,4 H24" stroke-dasharray=${ink.dash?.join(' ')} />`
    }
  </svg>`
}

/**
 * The drawing, and the cursor by keyboard: it is a slider over time, whose value is read out.
 *
 * @param {{ title: string, unit: string, areas: boolean, small: boolean, cut: { at: number[], columns: (number | null)[][] },
 *   from: number, to: number, lines: readonly Line[], shown: readonly boolean[], cursor: number | null,
 *   onCursor: (index: number | null) => void }} props
 */
function Canvas({ title, unit, areas, small, cut, from, to, lines, shown, cursor, onCursor }) {
  const where = useRef(/** @type {HTMLElement | null} */ (null))
  const plot = useRef(/** @type {import('../vendor/uplot.js').default | null} */ (null))
  const [theme, setTheme] = useState(0)
  const drawn = inOrder(lines, shown, areas)
  const data = useMemo(() => {
    const values = areas ? stacked(cut.columns, shown) : cut.columns
    return /** @type {import('../vendor/uplot.js').default.AlignedData} */ ([cut.at, ...inOrder(values, shown, areas)])
  }, [cut, areas, shown.join()])
  const newest = useRef({ data, from, to })
  newest.current = { data, from, to }

  useEffect(() => onTheme(() => setTheme((nth) => nth + 1)), [])

  useLayoutEffect(() => {
    const element = where.current
    if (element === null) return undefined
    const height = small ? 110 : 190
    const made = draw(element, { lines: drawn, areas, unit, height, onCursor }, newest.current.data)
    made.setScale('x', { min: newest.current.from, max: newest.current.to })
    plot.current = made
    const observer = new ResizeObserver(() => {
      const width = Math.max(120, element.clientWidth)
      if (width !== made.width) made.setSize({ width, height })
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = null
      onCursor(null)
    }
  }, [drawn.map(({ label }) => label).join(), areas, unit, small, theme])

  useLayoutEffect(() => {
    const made = plot.current
    if (made === null) return
    made.batch(() => {
      made.setData(data, false)
      made.setScale('x', { min: from, max: to })
    })
  }, [data, from, to])

  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const made = plot.current
    const last = cut.at.length - 1
    const next = moved(event.key, cursor ?? last, last)
    if (made === null || next === undefined) return
    event.preventDefault()
    moveCursor(made, next === null ? undefined : cut.at[next])
  }
  const last = cut.at.length - 1
  const values = lines.map(({ label }, nth) => `${label} ${reading(cut.columns[nth]?.[cursor ?? last], unit)}`)
  const time = cut.at[cursor ?? last]
  return html`<div class="plot-canvas" ref=${where} tabindex=${small ? undefined : 0} role=${small ? 'img' : 'slider'}
    aria-label=${small ? `${title}, last: ${values.join(', ')}` : `${title}: point in time`}
    aria-valuemin=${small ? undefined : 0} aria-valuemax=${small ? undefined : Math.max(0, last)}
    aria-valuenow=${small ? undefined : Math.max(0, cursor ?? last)}
    aria-valuetext=${small ? undefined : time === undefined ? 'nothing known' : `${CLOCK.format(time)}: ${values.join(', ')}`}
    onKeyDown=${small ? undefined : onKeyDown}></div>`
}

/**
 * As the drawing takes them: areas from the top down.
 *
 * @template T
 * @param {readonly T[]} all
 * @param {readonly boolean[]} shown
 * @param {boolean} areas
 */
function inOrder(all, shown, areas) {
  const some = all.filter((_one, nth) => shown[nth])
  return areas ? some.reverse() : some
}

/**
 * Where a key takes the cursor; `null`: away; `undefined`: it is not ours.
 *
 * @param {string} key
 * @param {number} index
 * @param {number} last
 * @returns {number | null | undefined}
 */
function moved(key, index, last) {
  if (last < 0) return undefined
  if (key === 'Escape') return null
  /** @type {Record<string, number>} */
  const to = {
    ArrowLeft: index - 1,
    ArrowDown: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index + 1,
    PageDown: index - 10,
    PageUp: index + 10,
    Home: 0,
    End: last,
  }
  const next = to[key]
  return next === undefined ? undefined : Math.min(last, Math.max(0, next))
}

/** @param {{ title: string, unit: string, lines: readonly Line[], cut: { at: number[], columns: (number | null)[][] } }} props */
function PlotTable({ title, unit, lines, cut }) {
  const shown = rows(cut, MOST_ROWS)
  return html`<div class="plot-table" tabindex="0" role="region" aria-label=${`${title} as a table`}>
    <table>
      <caption>${title}, the newest first${shown.length < cut.at.length ? `: ${shown.length} of ${cut.at.length} points` : ''}</caption>
      <thead><tr><th scope="col">Time</th>${lines.map(({ label }) => html`<th scope="col" key=${label}>${label}</th>`)}</tr></thead>
      <tbody>
        ${shown.map(
          ({ at, values }) => html`<tr key=${at}><th scope="row">${CLOCK.format(at)}</th>
            ${values.map((value, nth) => html`<td key=${nth}>${reading(value, unit)}</td>`)}</tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
