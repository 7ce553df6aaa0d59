/**
 * What the plots draw, made from what the API tells. Nothing here knows the page, so that it can be tested alone.
 *
 * @typedef {import('../../../../src/loop/view-types.ts').TimelineView} TimelineView
 * @typedef {import('../../../../src/loop/view-types.ts').SummaryView} SummaryView
 * @typedef {readonly (number | null)[]} Column `null`: not known then
 * @typedef {{ readonly at: readonly number[], readonly columns: readonly Column[] }} Table columns of the length of `at`
 */

/** States of an agent in the order of its life: the order in which they are stacked. */
const AGENT_STATES = ['online', 'starting', 'planned', 'disconnected', 'unreachable', 'draining', 'stopping']

/** States of items that wait for an agent: a template that is to serve them is known. */
export const WAITING = new Set(['starting', 'waiting_offer', 'capped', 'backed_off', 'paused', 'rate_limited'])

/** A point is missing where the next is later than so many steps. */
const A_GAP = 1.75

/**
 * The part that is shown: from `from` on, with one point before it, so that the line comes from outside.
 *
 * @param {readonly number[]} at
 * @param {number} from
 * @returns {number} the index of the first point
 */
export function firstShown(at, from) {
  let low = 0
  let high = at.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (/** @type {number} */ (at[middle]) < from) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/**
 * Cuts to what is shown, and puts a point where nothing is known into each hole: a line must not run over it.
 *
 * @param {Table} table oldest first
 * @param {number} everyMs the distance of points
 * @param {number} from
 * @returns {{ at: number[], columns: (number | null)[][] }}
 */
export function withGaps(table, everyMs, from) {
  /** @type {number[]} */
  const at = []
  /** @type {(number | null)[][]} */
  const columns = table.columns.map(() => [])
  for (let index = firstShown(table.at, from); index < table.at.length; index += 1) {
    const instant = /** @type {number} */ (table.at[index])
    const before = at.at(-1)
    if (before !== undefined && instant <= before) continue
    if (before !== undefined && instant - before > everyMs * A_GAP) {
      at.push(before + everyMs)
      for (const column of columns) column.push(null)
    }
    at.push(instant)
    table.columns.forEach((column, nth) => columns[nth]?.push(column[index] ?? null))
  }
  return { at, columns }
}

/**
 * How much of the time one point stands for; the distance of points where all of them can be shown.
 *
 * @param {number} everyMs
 * @param {number} spanMs
 * @param {number} most points that are seen apart
 */
export function shareOf(everyMs, spanMs, most) {
  return everyMs * Math.max(1, Math.ceil(spanMs / everyMs / most))
}

/**
 * Fewer points than a screen has columns: each the mean of what is known of an equal share of the time. Shares begin at
 * whole multiples, so that they stay as they are when the next point comes.
 *
 * @param {Table} table
 * @param {number} shareMs
 * @returns {{ at: number[], columns: (number | null)[][] }}
 */
export function means(table, shareMs) {
  /** @type {number[]} */
  const at = []
  /** @type {(number | null)[][]} */
  const columns = table.columns.map(() => [])
  for (let from = 0; from < table.at.length; ) {
    const share = shareAt(table.at[from], shareMs)
    let to = from + 1
    while (to < table.at.length && shareAt(table.at[to], shareMs) === share) to += 1
    // the time of its last point: the newest stands where it is
    at.push(/** @type {number} */ (table.at[to - 1]))
    table.columns.forEach((column, nth) => columns[nth]?.push(mean(column, from, to)))
    from = to
  }
  return { at, columns }
}

/** @param {number | undefined} at @param {number} shareMs */
function shareAt(at, shareMs) {
  return Math.floor((at ?? 0) / shareMs)
}

/** @param {Column} column @param {number} from @param {number} to */
function mean(column, from, to) {
  let sum = 0
  let known = 0
  for (let index = from; index < to; index += 1) {
    const value = column[index] ?? null
    if (value === null) continue
    sum += value
    known += 1
  }
  return known === 0 ? null : sum / known
}

/**
 * Each column on top of those before it. A sum with an unknown part is unknown: for that column and all above it.
 *
 * @param {readonly Column[]} columns
 * @param {readonly boolean[]} shown a column that is not shown lifts nothing
 * @returns {(number | null)[][]}
 */
export function stacked(columns, shown) {
  /** @type {(number | null)[]} */
  let floor = columns[0] === undefined ? [] : columns[0].map(() => 0)
  return columns.map((column, nth) => {
    if (shown[nth] === false) return column.map(() => null)
    floor = column.map((value, index) => {
      const below = floor[index] ?? null
      return value === null || below === null ? null : below + value
    })
    return floor
  })
}

/**
 * States in the order of an agent's life; those that held no agent in this time are left out.
 *
 * @param {TimelineView} view
 * @param {number} from
 * @returns {string[]}
 */
export function statesOf({ at, agents }, from) {
  const first = firstShown(at, from)
  const known = AGENT_STATES.filter((state) => state in agents)
  const others = Object.keys(agents).filter((state) => !AGENT_STATES.includes(state))
  return [...known, ...others.sort()].filter((state) =>
    agents[state]?.some((value, index) => index >= first && value !== null && value > 0),
  )
}

/**
 * The newest point, as a summary tells it, behind the others; until the next time line comes, which holds it too.
 *
 * @param {TimelineView} view
 * @param {SummaryView} summary
 * @param {number} keptMs older points are dropped
 * @returns {TimelineView} the same where the summary is too near to the last point, or older
 */
export function append(view, summary, keptMs) {
  const last = view.at.at(-1)
  if (last !== undefined && summary.now - last < view.everyMs) return view
  const drop = firstShown(view.at, summary.now - keptMs)
  /** @type {(column: Column, value: number | null) => Column} */
  const add = (column, value) => [...column.slice(drop), value]
  const items = Object.entries(summary.queue)
  // As the time line itself has it: what an instance that does not act cannot see is not zero.
  const acts = summary.round.lastAt !== undefined
  const known = acts && summary.jenkins.reachable
  /** @type {(wanted: boolean) => number | null} */
  const count = (wanted) =>
    known ? items.reduce((sum, [state, n]) => sum + (WAITING.has(state) === wanted ? n : 0), 0) : null
  const none = Object.values(summary.agents).every((n) => n === 0)
  /** @type {(value: number | undefined) => number | null} */
  const used = (value) => value ?? (acts && none ? 0 : null)
  const states = new Set([...Object.keys(view.agents), ...Object.keys(summary.agents)])
  return {
    everyMs: view.everyMs,
    at: [...view.at.slice(drop), summary.now],
    waiting: add(view.waiting, count(true)),
    blocked: add(view.blocked, count(false)),
    builds: add(view.builds, known ? summary.executors.busy : null),
    agents: Object.fromEntries(
      [...states].map((state) => [
        state,
        add(view.agents[state] ?? view.at.map(() => 0), acts ? (summary.agents[state] ?? 0) : null),
      ]),
    ),
    givenCpus: add(view.givenCpus, acts ? summary.givenCpus : null),
    usedCpus: add(view.usedCpus, used(summary.usedCpus)),
    givenMemMib: add(view.givenMemMib, acts ? summary.givenMemMib : null),
    usedMemMib: add(view.usedMemMib, used(summary.usedMemMib)),
  }
}

/**
 * Rows for the table beside a plot: never more than `most`, evenly taken, the newest first and always there.
 *
 * @param {Table} table
 * @param {number} most
 * @returns {{ readonly at: number, readonly values: (number | null)[] }[]}
 */
export function rows(table, most) {
  const step = Math.max(1, Math.ceil(table.at.length / most))
  const found = []
  for (let index = table.at.length - 1; index >= 0; index -= step) {
    const at = /** @type {number} */ (table.at[index])
    found.push({ at, values: table.columns.map((column) => column[index] ?? null) })
  }
  return found
}

/**
 * As people read it: at most three figures, or as many as stand before the point.
 *
 * @param {number | null | undefined} value
 * @param {string} unit `''`, `CPU` or `MiB`; MiB become GiB where that is shorter
 */
export function reading(value, unit) {
  if (value === null || value === undefined) return 'not known'
  if (unit === 'MiB' && Math.abs(value) >= 1024) return `${figures(value / 1024)} GiB`
  return unit === '' ? figures(value) : `${figures(value)} ${unit}`
}

/** @param {number} value */
function figures(value) {
  if (Number.isInteger(value)) return String(value)
  const size = Math.abs(value)
  if (size >= 100) return String(Math.round(value))
  return String(Number(value.toFixed(size >= 10 ? 1 : 2)))
}
