/**
 * The rows of a list that are to be there: those in sight, and some before and after them.
 * @param {object} list
 * @param {number} list.total
 * @param {number} list.rowHeight in px
 * @param {number} list.top where the list begins, from the top edge of what is seen; negative: above it
 * @param {number} list.seen height of what is seen, in px
 * @param {number} [list.overscan] rows
 * @returns {{ readonly from: number, readonly to: number }} from is in, to is not
 */
export function windowOf({ total, rowHeight, top, seen, overscan = 8 }) {
  const first = Math.floor(-top / rowHeight) - overscan
  const last = Math.ceil((seen - top) / rowHeight) + overscan
  const from = Math.min(Math.max(0, first), Math.max(0, total))
  return { from, to: Math.max(from, Math.min(total, last)) }
}

/**
 * The pages that hold these rows, by their number.
 * @param {{ readonly from: number, readonly to: number }} window
 * @param {number} pageSize
 */
export function pagesOf({ from, to }, pageSize) {
  if (to <= from) return []
  const first = Math.floor(from / pageSize)
  const last = Math.floor((to - 1) / pageSize)
  return Array.from({ length: last - first + 1 }, (_, n) => first + n)
}

/**
 * Where a key leads; `undefined`: it is none of the list's keys.
 * @param {string} key
 * @param {number} active
 * @param {number} total
 * @param {number} perPage rows in sight
 */
export function moveTo(key, active, total, perPage) {
  const step = MOVES.get(key)
  if (step === undefined || total === 0) return undefined
  return Math.min(total - 1, Math.max(0, step(active, total, Math.max(1, perPage))))
}

/** @typedef {(active: number, total: number, perPage: number) => number} Move */

/** @type {ReadonlyMap<string, Move>} */
const MOVES = new Map(
  /** @type {[string, Move][]} */ ([
    ['ArrowDown', (active) => active + 1],
    ['ArrowUp', (active) => active - 1],
    ['PageDown', (active, _total, perPage) => active + perPage],
    ['PageUp', (active, _total, perPage) => active - perPage],
    ['Home', () => 0],
    ['End', (_active, total) => total - 1],
  ]),
)
