import uPlot from '../vendor/uplot.js'
import { fillOf, palette } from './paint.js'
import { reading } from './series.js'

/**
 * One drawing of uPlot, made anew whenever what is drawn changes in more than its numbers.
 *
 * @typedef {import('./paint.js').Ink} Ink
 * @typedef {object} Line
 * @property {string} label
 * @property {Ink} ink
 * @property {boolean} [stepped] the value holds until the next: counts and gifts
 *
 * @typedef {object} Drawing
 * @property {readonly Line[]} lines for areas the highest first: lower ones are drawn over it, where both are the same
 * @property {boolean} areas each line lies on the next, with the area between them filled
 * @property {string} unit `''`, `CPU` or `MiB`
 * @property {number} height CSS pixels
 * @property {(index: number | null) => void} onCursor
 */

/** Values of counts are whole; those of memory go up in powers of two. */
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]
const POWERS = Array.from({ length: 34 }, (_, power) => 2 ** (power - 2))

/** Plots with a common cursor. */
const SYNC = 'time line'

const HOUR_AND_MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/**
 * @param {HTMLElement} where
 * @param {Drawing} drawing
 * @param {uPlot.AlignedData} data times in milliseconds
 * @returns {uPlot}
 */
export function draw(where, drawing, data) {
  const colours = palette(where)
  const ratio = uPlot.pxRatio
  const { lines, areas, unit, onCursor } = drawing
  const fills = lines.map(({ ink }) => fillOf(ink.pattern ?? 'solid', colours.ink(ink.colour), ratio))
  const steps = uPlot.paths.stepped?.({ align: 1 })
  const axis = {
    stroke: colours.text,
    font: colours.font,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { stroke: colours.grid, width: 1, size: 4 },
  }
  return new uPlot(
    {
      width: Math.max(120, where.clientWidth),
      height: drawing.height,
      ms: 1,
      padding: [8, 20, 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: SYNC, setSeries: false },
        drag: { x: false, y: false, setScale: false },
        y: false,
        points: {
          size: 7,
          width: 2,
          stroke: (_plot, nth) => colours.ink(lines[nth - 1]?.ink.colour ?? 1),
          fill: () => colours.paper,
        },
      },
      scales: {
        x: { time: true },
        y: { range: (_plot, _low, high) => [0, topOf(high, unit)] },
      },
      axes: [
        {
          ...axis,
          space: 56,
          size: 28,
          gap: 4,
          values: (_plot, splits) => splits.map((at) => HOUR_AND_MINUTE.format(at)),
        },
        {
          ...axis,
          size: 56,
          gap: 4,
          space: 28,
          incrs: unit === 'MiB' ? POWERS : unit === '' ? COUNTS : [0.1, 0.25, 0.5, ...COUNTS],
          values: (_plot, splits) => splits.map((value) => reading(value, unit === 'MiB' && value > 0 ? unit : '')),
        },
      ],
      series: [
        {},
        ...lines.map(({ label, ink, stepped }, nth) => ({
          label,
          stroke: colours.ink(ink.colour),
          width: areas ? 1.25 : 2,
          ...(ink.dash === undefined ? {} : { dash: [...ink.dash] }),
          ...(areas && nth === lines.length - 1 ? { fill: /** @type {string} */ (fills[nth]) } : {}),
          ...(stepped === true && steps !== undefined ? { paths: steps } : {}),
          spanGaps: false,
          points: { show: true, size: 4, fill: colours.ink(ink.colour), filter: lonely },
        })),
      ],
      ...(areas
        ? {
            bands: lines.slice(1).map((_line, nth) => ({
              series: /** @type {[number, number]} */ ([nth + 1, nth + 2]),
              fill: /** @type {string} */ (fills[nth]),
            })),
          }
        : {}),
      hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
    },
    data,
    where,
  )
}

/**
 * The cursor of all plots goes to a point; `undefined`: away.
 *
 * @param {uPlot} plot
 * @param {number | undefined} at
 */
export function moveCursor(plot, at) {
  // Its types leave out the third argument: the cursors of the other plots go there, too.
  const { setCursor } =
    /** @type {{ setCursor: (to: { left: number, top: number }, fire: boolean, publish: boolean) => void }} */ (plot)
  setCursor(at === undefined ? { left: -10, top: -10 } : { left: plot.valToPos(at, 'x'), top: 10 }, true, true)
}

/**
 * Points with nothing on either side make no line: they are drawn as points.
 *
 * @param {uPlot} plot
 * @param {number} nth
 * @returns {number[]}
 */
function lonely(plot, nth) {
  const values = plot.data[nth] ?? []
  const found = []
  for (let index = 0; index < values.length; index += 1) {
    if ((values[index] ?? null) === null) continue
    if ((values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null) found.push(index)
  }
  return found
}

/**
 * A little more than the highest value, so that lines do not run along the edge.
 *
 * @param {number | null} high
 * @param {string} unit
 */
function topOf(high, unit) {
  const least = unit === 'MiB' ? 256 : unit === '' ? 4 : 1
  return Math.max(least, (high ?? 0) * 1.08)
}
