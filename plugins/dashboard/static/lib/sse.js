/**
 * @typedef {object} ServerEvent
 * @property {string} event [message]
 * @property {string} data
 * @property {string | undefined} id the last one that was told
 */

/**
 * Reads a stream of server-sent events: `push` takes text as it comes, cut anywhere, and gives the events that are whole.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventParser {
  #rest = ''
  /** The rest ends in a carriage return, which may be half of a line's end. */
  #halfEnd = false
  #event = ''
  /** @type {string[]} */
  #data = []
  /** @type {string | undefined} */
  #id
  #first = true

  /**
   * @param {string} text
   * @returns {ServerEvent[]}
   */
  push(text) {
    if (text === '') return []
    const piece = this.#first && text.startsWith('\uFEFF') ? text.slice(1) : text
    this.#first = false
    if (!this.#halfEnd && !/[\r\n]/.test(piece)) {
      this.#rest += piece // a long line in many pieces is looked through once
      return []
    }
    const all = this.#rest + piece
    this.#halfEnd = all.endsWith('\r')
    /** @type {ServerEvent[]} */
    const events = []
    let from = 0
    for (const { 0: end, index } of all.matchAll(/\r\n|\n|\r(?!$)/g)) {
      const event = this.#line(all.slice(from, index))
      from = index + end.length
      if (event !== undefined) events.push(event)
    }
    this.#rest = all.slice(from)
    return events
  }

  /** @param {string} line */
  #line(line) {
    if (line === '') return this.#dispatch()
    if (line.startsWith(':')) return undefined
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const raw = colon === -1 ? '' : line.slice(colon + 1)
    const value = raw.startsWith(' ') ? raw.slice(1) : raw
    if (field === 'event') this.#event = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    return undefined
  }

  /** @returns {ServerEvent | undefined} */
  #dispatch() {
    const event = this.#event === '' ? 'message' : this.#event
    const data = this.#data
    this.#event = ''
    this.#data = []
    return data.length === 0 ? undefined : { event, data: data.join('\n'), id: this.#id }
  }
}
