import { useEffect, useState } from '../vendor/preact.js'
import { ApiError, get } from './api.js'
import { live } from './live.js'
import { append } from './series.js'
import { session } from './session.js'

/**
 * The time line, kept up to date by the summaries that come anyway: the whole is asked for again only now and then, and
 * when points are missing.
 *
 * @typedef {import('../../../../src/loop/view-types.ts').TimelineView} TimelineView
 * @typedef {{ readonly view: TimelineView | undefined, readonly error: ApiError | undefined }} Timeline
 */

const KEPT_MS = 6 * 60 * 60_000
const WHOLE_EVERY_MS = 5 * 60_000
/** After a failure, or where points are missing. */
const RETRY_MS = 5_000

/** @returns {Timeline} */
export function useTimeline() {
  const [got, setGot] = useState(/** @type {Timeline} */ ({ view: undefined, error: undefined }))
  useEffect(() => {
    const ended = new AbortController()
    /** @type {TimelineView | undefined} */
    let view
    /** @type {number | undefined} */
    let startedAt
    let askedAt = 0
    let busy = false

    const askWhole = async () => {
      if (busy) return
      busy = true
      askedAt = Date.now()
      try {
        view = await get('timeline', { signal: ended.signal })
        setGot({ view, error: undefined })
        onSummary()
      } catch (error) {
        if (ended.signal.aborted) return
        setGot({ view, error: error instanceof ApiError ? error : new ApiError(0, String(error)) })
      } finally {
        busy = false
      }
    }

    const onSummary = () => {
      const { summary } = live.value
      if (summary === undefined || document.hidden) return
      const another = startedAt !== undefined && startedAt !== summary.startedAt
      startedAt = summary.startedAt
      const sinceMs = Date.now() - askedAt
      if (another || sinceMs > WHOLE_EVERY_MS || (sinceMs > RETRY_MS && isBehind(view, summary.now))) {
        void askWhole()
        return
      }
      if (view === undefined) return
      const next = append(view, summary, KEPT_MS)
      if (next === view) return
      view = next
      setGot({ view, error: undefined })
    }

    void askWhole()
    const ends = [live.follow(onSummary), session.follow(() => void askWhole())]
    return () => {
      ended.abort()
      for (const end of ends) end()
    }
  }, [])
  return got
}

/**
 * More than one point came while nobody told us: what they were is in the whole.
 *
 * @param {TimelineView | undefined} view
 * @param {number} now
 */
function isBehind(view, now) {
  const last = view?.at.at(-1)
  return view === undefined || (last !== undefined && now - last > Math.max(20_000, 2.5 * view.everyMs))
}
