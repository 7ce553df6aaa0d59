import { useEffect, useRef, useState } from '../vendor/preact.js'
import { get } from './api.js'
import { EMPTY, isMissing, matches, queryOf, withLive, withNewest, withOlder } from './event-list.js'
import { followEvents, live } from './live.js'
import { session } from './session.js'

/**
 * Events of a filter: the newest from the API, new ones from the stream, older ones when they are asked for.
 *
 * @typedef {import('./event-list.js').EventView} EventView
 * @typedef {import('./event-list.js').EventFilter} EventFilter
 * @typedef {import('./event-list.js').EventList} EventList
 * @typedef {{ readonly startedAt: number, readonly lastEventId: number, readonly items: readonly EventView[] }} Answer
 *
 * @typedef {object} Events
 * @property {EventList} list
 * @property {boolean} loaded
 * @property {boolean} loading older ones are on their way
 * @property {string | undefined} problem in words
 * @property {number} pending came while it was paused; a number of those that are told, at least
 * @property {() => void} older
 */

const PAGE = 200

/** Between two questions for the newest, where the stream does not tell them. */
const LEAST_MS = 1_500

/** Events that come so close are shown together: a flood must not hold up the page. */
const TOGETHER_MS = 150

/**
 * @param {EventFilter} filter
 * @param {boolean} paused
 * @returns {Events}
 */
export function useEvents(filter, paused) {
  const [list, setList] = useState(EMPTY)
  const [state, setState] = useState({
    loaded: false,
    loading: false,
    problem: /** @type {string | undefined} */ (undefined),
  })
  const [pending, setPending] = useState(0)
  const held = useRef(list)
  const halted = useRef(paused)
  halted.current = paused
  const key = queryOf(filter, { limit: PAGE })
  const signal = useRef(new AbortController().signal)
  const newest = useRef(() => {})

  /** @param {EventList} next */
  const hold = (next) => {
    held.current = next
    setList(next)
  }

  useEffect(() => {
    const ended = new AbortController()
    signal.current = ended.signal
    hold(EMPTY)
    setState({ loaded: false, loading: false, problem: undefined })
    const feed = followNewest(ended.signal, filter, {
      held: () => held.current,
      isPaused: () => halted.current,
      hold,
      onPending: (n) => setPending((before) => before + n),
      onProblem: (problem) =>
        setState((before) => ({ ...before, loaded: before.loaded || problem === undefined, problem })),
    })
    newest.current = feed.ask
    return () => {
      ended.abort()
      feed.end()
    }
  }, [key])

  useEffect(() => {
    setPending(0)
    if (!paused) newest.current()
  }, [paused])

  const older = async () => {
    const oldest = held.current.items.at(-1)
    if (state.loading || oldest === undefined) return
    const asked = signal.current
    setState((before) => ({ ...before, loading: true }))
    try {
      const answer = await /** @type {Promise<Answer>} */ (
        get(`events?${queryOf(filter, { before: oldest.id, limit: PAGE })}`, { signal: asked })
      )
      if (asked.aborted) return
      hold(withOlder(held.current, answer, PAGE))
      setState((before) => ({ ...before, loading: false, problem: undefined }))
    } catch (error) {
      if (!asked.aborted) setState((before) => ({ ...before, loading: false, problem: wordsOf(error) }))
    }
  }
  return { list, ...state, pending, older: () => void older() }
}

/**
 * Keeps a list at its newest end: asks once, joins what the stream tells, and asks again where some are missing.
 *
 * @param {AbortSignal} signal
 * @param {EventFilter} filter
 * @param {object} to
 * @param {() => EventList} to.held
 * @param {() => boolean} to.isPaused
 * @param {(list: EventList) => void} to.hold
 * @param {(n: number) => void} to.onPending
 * @param {(problem: string | undefined) => void} to.onProblem
 */
function followNewest(signal, filter, { held, isPaused, hold, onPending, onProblem }) {
  /** @type {EventView[]} */
  let told = []
  let toldUpTo = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause
  let busy = false
  let lastAskedAt = 0
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer

  const ask = () => {
    if (busy || timer !== undefined || signal.aborted) return
    timer = setTimeout(() => void askNow(), Math.max(0, lastAskedAt + LEAST_MS - Date.now()))
  }
  const askNow = async () => {
    timer = undefined
    busy = true
    lastAskedAt = Date.now()
    try {
      const answer = await /** @type {Promise<Answer>} */ (
        get(`events?${queryOf(filter, { limit: PAGE })}`, { signal })
      )
      if (signal.aborted) return
      hold(withNewest(held(), answer, PAGE))
      onProblem(undefined)
      busy = false
      if (told.length > 0) flush() // those that came meanwhile
    } catch (error) {
      busy = false
      if (!signal.aborted) onProblem(wordsOf(error))
    }
  }
  const flush = () => {
    pause = undefined
    if (busy || signal.aborted) return
    const events = told
    told = []
    let list = held()
    if (list.startedAt === undefined) return
    for (const event of events) {
      if (event.id > list.known && isMissing(list, event.id)) {
        hold(list)
        ask()
        return
      }
      list = withLive(list, event, filter)
    }
    if (list !== held()) hold(list)
  }
  /** @param {EventView} event */
  const onEvent = (event) => {
    if (isPaused()) {
      if (event.id > toldUpTo && matches(event, filter)) onPending(1)
      toldUpTo = Math.max(toldUpTo, event.id)
      return
    }
    told.push(event)
    pause ??= setTimeout(flush, TOGETHER_MS)
  }
  // Where the summary is polled, or the process is another, the stream does not tell all.
  const onSummary = () => {
    const { summary } = live.value
    const { startedAt, known } = held()
    if (summary === undefined || isPaused()) return
    if (summary.startedAt !== startedAt || summary.lastEventId > known + told.length) ask()
  }
  const ends = [followEvents(onEvent), live.follow(onSummary), session.follow(ask)]
  ask()
  return {
    ask,
    end: () => {
      clearTimeout(timer)
      clearTimeout(pause)
      for (const end of ends) end()
    },
  }
}

/** @param {unknown} error */
function wordsOf(error) {
  return error instanceof Error ? error.message : String(error)
}
