/**
 * Colours, dashes and patterns of the plots. A line or an area is told from the others by two of them, never by its
 * colour alone. Colours are CSS variables, so that light and dark are told in one place (css/plots.css).
 *
 * @typedef {object} Ink
 * @property {number} colour of `--plot-1` … `--plot-7`
 * @property {readonly number[]} [dash] CSS pixels; none: a full line
 * @property {Pattern} [pattern] the area below is filled with it
 *
 * @typedef {'solid' | 'rising' | 'falling' | 'dots' | 'cross' | 'level' | 'upright'} Pattern
 */

const INKS = 7

/** Side of a pattern's tile, CSS pixels. */
const TILE = 8

/** @type {Record<Exclude<Pattern, 'solid'>, string>} an SVG path, or for canvas a Path2D */
const STROKES = {
  rising: 'M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6',
  falling: 'M-2,6 L2,10 M0,0 L8,8 M6,-2 L10,2',
  dots: 'M2,2 h1.5 v1.5 h-1.5 z M6,6 h1.5 v1.5 h-1.5 z',
  cross: 'M0,8 L8,0 M0,0 L8,8',
  level: 'M0,2 H8 M0,6 H8',
  upright: 'M2,0 V8 M6,0 V8',
}

/**
 * The colours that hold now. A variable may hold `light-dark()`, which only an element resolves.
 *
 * @param {HTMLElement} element
 */
export function palette(element) {
  const probe = document.createElement('span')
  element.append(probe)
  /** @param {string} name */
  const read = (name) => {
    probe.style.color = `var(${name})`
    return getComputedStyle(probe).color
  }
  const inks = Array.from({ length: INKS }, (_, nth) => read(`--plot-${nth + 1}`))
  const colours = {
    /** @param {number} nth from 1 */
    ink: (nth) => inks[nth - 1] ?? '',
    text: read('--plot-text'),
    grid: read('--plot-grid'),
    paper: read('--plot-paper'),
    font: `12px ${getComputedStyle(element).fontFamily}`,
  }
  probe.remove()
  return colours
}

/**
 * A fill for canvas: the pattern in a colour on a lighter shade of it.
 *
 * @param {Pattern} pattern
 * @param {string} colour
 * @param {number} pixelRatio
 * @returns {CanvasPattern | string}
 */
export function fillOf(pattern, colour, pixelRatio) {
  const tile = document.createElement('canvas')
  tile.width = tile.height = Math.round(TILE * pixelRatio)
  const context = tile.getContext('2d')
  if (context === null) return colour
  context.fillStyle = colour
  context.globalAlpha = pattern === 'solid' ? 0.45 : 0.16
  context.fillRect(0, 0, tile.width, tile.height)
  if (pattern !== 'solid') {
    context.globalAlpha = 0.85
    context.scale(tile.width / TILE, tile.height / TILE)
    context.lineWidth = 1.2
    context.strokeStyle = colour
    context.stroke(new Path2D(STROKES[pattern]))
  }
  return context.createPattern(tile, 'repeat') ?? colour
}

/**
 * What the legend draws beside a name, as an SVG path; `''`: nothing.
 *
 * @param {Pattern | undefined} pattern
 */
export function strokesOf(pattern) {
  return pattern === undefined || pattern === 'solid' ? '' : STROKES[pattern]
}

/** Bidden when the page turns light or dark. @param {() => void} changed @returns {() => void} ends it */
export function onTheme(changed) {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const observer = new MutationObserver(changed)
  dark.addEventListener('change', changed)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] })
  return () => {
    dark.removeEventListener('change', changed)
    observer.disconnect()
  }
}
