import { ApiError, get, request } from './api.js'
import { session } from './session.js'
import { sleep } from './sleep.js'
import { EventParser } from './sse.js'
import { Store } from './store.js'
import { setServerNow } from './time.js'

/**
 * @typedef {import('../../../../src/loop/view-types.ts').SummaryView} SummaryView
 * @typedef {import('../../../../src/loop/view-types.ts').EventView} EventView
 *
 * What is known of the sidecar.
 * @typedef {object} Live
 * @property {SummaryView | undefined} summary the last that was told
 * @property {number | undefined} toldAt when, by this browser's clock
 * @property {'connecting' | 'live' | 'polling' | 'lost' | 'signed_out'} connection
 * @property {string | undefined} words why it is lost
 */

const POLL_MS = 2_000
/** The stream says something each 15 s. */
const SILENT_MS = 40_000
const LONGEST_RETRY_MS = 30_000
/** Then the stream is given up for a while, and the summary is polled. */
const FAILURES_TO_POLL = 2

/** @type {Store<Live>} */
export const live = new Store({ summary: undefined, toldAt: undefined, connection: 'connecting', words: undefined })

/** @type {Set<(event: EventView) => void>} */
const listeners = new Set()

/**
 * Events as they come. After a lost connection those in between come too, as far as the sidecar still has them.
 * @param {(event: EventView) => void} listener
 * @returns {() => void} ends it
 */
export function followEvents(listener) {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

/** Connects, and stays so while the tab is seen. */
export function startLive() {
  /** @type {AbortController | undefined} */
  let running
  const look = () => {
    if (document.hidden) {
      running?.abort()
      running = undefined
    } else if (running === undefined) {
      running = new AbortController()
      void run(running.signal)
    }
  }
  let { token } = session.value
  session.follow(() => {
    if (session.value.token === token) return
    token = session.value.token
    running?.abort()
    running = undefined
    look()
  })
  document.addEventListener('visibilitychange', look)
  look()
}

/** Of the last event, so that none is missed after a new connection. */
let lastEventId = ''

/** @param {AbortSignal} signal */
async function run(signal) {
  let failures = 0
  while (!signal.aborted) {
    try {
      await stream(signal, () => {
        failures = 0
      })
    } catch (error) {
      if (signal.aborted) return
      if (isSignedOut(error)) {
        live.merge({ connection: 'signed_out', words: undefined })
        return // a new token starts it again
      }
    }
    failures += 1
    const pause = Math.min(LONGEST_RETRY_MS, 500 * 2 ** failures) * (0.5 + Math.random() / 2)
    if (failures < FAILURES_TO_POLL) {
      live.merge({ connection: 'connecting' })
      await sleep(pause, signal)
    } else await poll(pause, signal)
  }
}

/**
 * Reads the stream until it ends.
 * @param {AbortSignal} signal
 * @param {() => void} onSummary
 */
async function stream(signal, onSummary) {
  const silent = new AbortController()
  let timer = setTimeout(giveUp, SILENT_MS)
  function giveUp() {
    silent.abort()
  }
  try {
    const response = await request('events/stream', {
      forever: true,
      signal: AbortSignal.any([signal, silent.signal]),
      headers: { accept: 'text/event-stream', ...(lastEventId !== '' && { 'last-event-id': lastEventId }) },
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const parser = new EventParser()
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: '' }
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(giveUp, SILENT_MS)
      for (const { event, data, id } of parser.push(value)) {
        if (event === 'summary') {
          onSummary()
          tell(JSON.parse(data), 'live')
        } else if (event === 'event') {
          if (id !== undefined) lastEventId = id
          for (const listener of listeners) listener(JSON.parse(data))
        }
      }
    }
  } finally {
    clearTimeout(timer)
  }
}

/**
 * @param {number} forMs
 * @param {AbortSignal} signal
 */
async function poll(forMs, signal) {
  const until = Date.now() + Math.max(forMs, POLL_MS)
  while (!signal.aborted && Date.now() < until) {
    try {
      tell(await get('summary', { signal }), 'polling')
    } catch (error) {
      if (signal.aborted) return
      if (isSignedOut(error)) return
      live.merge({ connection: 'lost', words: await lostWords(error, signal) })
    }
    await sleep(POLL_MS, signal)
  }
}

/**
 * Why nothing is told. A sidecar that cannot start has no API, but says at `/health/ready` what is wrong with it.
 * @param {unknown} error
 * @param {AbortSignal} signal
 */
async function lostWords(error, signal) {
  const words = error instanceof Error ? error.message : String(error)
  if (!(error instanceof ApiError) || (error.status !== 404 && error.status < 500)) return words
  try {
    const ready = await fetch('health/ready', { cache: 'no-store', signal })
    const { words: why, mistakes = [] } = await ready.json()
    return ready.status === 503 && typeof why === 'string'
      ? [`The sidecar does nothing: ${why}.`, ...mistakes].join(' ')
      : words
  } catch {
    return words
  }
}

/**
 * @param {SummaryView} summary
 * @param {Live['connection']} connection
 */
function tell(summary, connection) {
  if (live.value.summary?.startedAt !== summary.startedAt) lastEventId = '' // another process counts anew
  // Where the answer has not changed it is the very same one, and its time has gone by.
  if (live.value.summary !== summary) setServerNow(summary.now)
  live.set({ summary, toldAt: Date.now(), connection, words: undefined })
}

/** @param {unknown} error */
function isSignedOut(error) {
  return error instanceof ApiError && error.status === 401
}
