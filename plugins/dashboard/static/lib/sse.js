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
    let all = this.#rest + text
    if (this.#first) {
      if (all.startsWith('\uFEFF')) all = all.slice(1)
      this.#first = false
    }
    /** @type {ServerEvent[]} */
    const events = []
    let from = 0
    for (;;) {
      const end = all.slice(from).search(/[\r\n]/)
      if (end === -1) break
      const at = from + end
      // a carriage return at the very end may be half of a line's end
      if (all[at] === '\r' && at === all.length - 1) break
      const line = all.slice(from, at)
      from = all.startsWith('\r\n', at) ? at + 2 : at + 1
      const event = this.#line(line)
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
