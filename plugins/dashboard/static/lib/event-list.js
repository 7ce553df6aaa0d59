/**
 * The list of events that the page holds: joined from answers and from the live stream, without doubles, and honest
 * about what is missing between them. Pure: the view fetches what `missing` says.
 *
 * @typedef {import('../../../../src/loop/view-types.ts').EventView} EventView
 * @typedef {import('../../../../src/loop/view-types.ts').EventLevel} EventLevel
 * @typedef {object} EventFilter
 * @property {EventLevel} level this level and worse
 * @property {string} template `''`: all
 * @property {string} agentId `''`: all
 * @property {string} q `''`: all
 *
 * @typedef {object} EventList
 * @property {number | undefined} startedAt of the process that they are of; ids count from it. `undefined`: not known
 * @property {readonly EventView[]} items newest first, no id twice
 * @property {number} known events up to this id were asked for or told
 * @property {boolean} complete there is nothing older
 */

/** @type {EventFilter} */
export const EVERYTHING = { level: 'info', template: '', agentId: '', q: '' }

/** @type {EventList} */
export const EMPTY = { startedAt: undefined, items: [], known: 0, complete: false }

/** More are not held: a person narrows the filter. */
export const MOST = 5_000

const RANK = { info: 0, warn: 1, error: 2 }

/**
 * Joins two runs of events. Both may hold the same ones.
 *
 * @param {readonly EventView[]} held newest first
 * @param {readonly EventView[]} more in any order
 * @returns {readonly EventView[]} newest first; `held` itself where nothing is new
 */
export function join(held, more) {
  const ids = new Set(held.map(({ id }) => id))
  const fresh = []
  for (const event of more) {
    if (ids.has(event.id)) continue
    ids.add(event.id)
    fresh.push(event)
  }
  if (fresh.length === 0) return held
  return [...fresh, ...held].sort((a, b) => b.id - a.id)
}

/**
 * The newest events, as the API answers.
 *
 * @param {EventList} list
 * @param {{ readonly startedAt: number, readonly lastEventId: number, readonly items: readonly EventView[] }} answer
 * @param {number} asked how many were asked for: fewer means that there are no more
 * @returns {EventList}
 */
export function withNewest(list, answer, asked) {
  const same = list.startedAt === undefined || list.startedAt === answer.startedAt
  const held = same ? list : EMPTY
  const all = answer.items.length < asked
  const oldest = answer.items.at(-1)?.id ?? answer.lastEventId + 1
  // What lies between the answer and what is held is not known: what is held goes, and is paged back to.
  const touches = all || held.items.length === 0 || oldest <= held.known + 1
  const items = touches ? join(held.items, answer.items) : [...answer.items]
  return bounded({
    startedAt: answer.startedAt,
    items,
    known: Math.max(answer.lastEventId, touches ? held.known : 0),
    complete: all || (touches && held.complete),
  })
}

/**
 * Older ones, as the API answers to `before`.
 *
 * @param {EventList} list
 * @param {{ readonly startedAt: number, readonly items: readonly EventView[] }} answer
 * @param {number} asked
 * @returns {EventList} the same where the answer is of another process
 */
export function withOlder(list, answer, asked) {
  if (list.startedAt !== answer.startedAt) return list
  return { ...list, items: join(list.items, answer.items), complete: answer.items.length < asked }
}

/**
 * One event, as the stream tells it.
 *
 * @param {EventList} list
 * @param {EventView} event
 * @param {EventFilter} filter
 * @returns {EventList} the same where it was known, or where events before it are missing: ask for those first
 */
export function withLive(list, event, filter) {
  if (event.id <= list.known || isMissing(list, event.id)) return list
  if (!matches(event, filter)) return { ...list, known: event.id }
  return bounded({ ...list, items: [event, ...list.items], known: event.id })
}

/**
 * Events before this one were not told: the stream was cut, or the process is another.
 *
 * @param {EventList} list
 * @param {number} id
 */
export function isMissing(list, id) {
  return id > list.known + 1
}

/**
 * As the API filters.
 *
 * @param {EventView} event
 * @param {EventFilter} filter
 */
export function matches(event, filter) {
  if (RANK[event.level] < RANK[filter.level]) return false
  if (filter.template !== '' && event.template !== filter.template) return false
  if (filter.agentId !== '' && event.agentId !== filter.agentId) return false
  return filter.q === '' || textOf(event).includes(filter.q.toLowerCase())
}

/** @param {EventView} event */
function textOf(event) {
  const { message, agentId = '', template = '', hostname = '', details } = event
  return [message, agentId, template, hostname, ...Object.values(details).map(detailText)].join('\n').toLowerCase()
}

/**
 * A value of a log line as people read it.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function detailText(value) {
  if (typeof value === 'string') return value
  if (value === undefined) return ''
  if (value === null || typeof value !== 'object') return String(value)
  const parts = Array.isArray(value)
    ? value.map(detailText)
    : Object.entries(value).map(([key, part]) => `${key} ${detailText(part)}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}

/** What is a sentence by itself, or the heart of the matter: it needs no name before it, and comes first. */
const TELLING = new Set(['words', 'why', 'reason', 'problem', 'note', 'warning', 'actions'])
const BRIEF = 160

/**
 * The details in one line: what is said in words, then figures with their names.
 *
 * @param {readonly (readonly [string, unknown])[]} details
 * @returns {string}
 */
export function briefOf(details) {
  const words = details.filter(([key]) => TELLING.has(key)).map(([, value]) => detailText(value))
  const figures = details.filter(([key]) => !TELLING.has(key)).map(([key, value]) => `${key}: ${detailText(value)}`)
  const text = [...words, ...figures].join(' · ')
  return text.length > BRIEF ? `${text.slice(0, BRIEF)}…` : text
}

/**
 * The question to the API, without what is not asked.
 *
 * @param {EventFilter} filter
 * @param {{ before?: number, limit: number }} page
 */
export function queryOf(filter, page) {
  const query = new URLSearchParams({ limit: String(page.limit) })
  if (page.before !== undefined) query.set('before', String(page.before))
  if (filter.level !== 'info') query.set('level', filter.level)
  if (filter.template !== '') query.set('template', filter.template)
  if (filter.agentId !== '') query.set('agentId', filter.agentId)
  if (filter.q !== '') query.set('q', filter.q)
  return query.toString()
}

/** @param {EventList} list @returns {EventList} */
function bounded(list) {
  return list.items.length <= MOST ? list : { ...list, items: list.items.slice(0, MOST), complete: false }
}
