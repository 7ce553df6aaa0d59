import { useCallback, useEffect, useRef, useState } from '../vendor/preact.js'
import { ApiError, get } from './api.js'
import { live } from './live.js'
import { session } from './session.js'

/** Between two looks at the same, however often the summary changes. */
const LEAST_MS = 1_000

/**
 * Calls `look` now, and again when the summary or the token changes: one at a time, once a second at most.
 * @param {(signal: AbortSignal) => Promise<void>} look
 * @param {readonly unknown[]} inputs another look at once when they change
 */
export function useLook(look, inputs) {
  const latest = useRef(look)
  latest.current = look
  useEffect(() => {
    const ended = new AbortController()
    const { signal } = ended
    let busy = false
    let due = true
    let lastAt = 0
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer
    const again = () => {
      due = true
      if (busy || timer !== undefined || document.hidden) return
      timer = setTimeout(() => void begin(), Math.max(0, lastAt + LEAST_MS - Date.now()))
    }
    const begin = async () => {
      timer = undefined
      busy = true
      due = false
      lastAt = Date.now()
      await latest.current(signal)
      busy = false
      if (due && !signal.aborted) again()
    }
    again()
    const ends = [live.follow(again), session.follow(again)]
    return () => {
      ended.abort()
      clearTimeout(timer)
      for (const end of ends) end()
    }
  }, inputs)
}

/**
 * What the API answers to a path, looked at again whenever the summary changes.
 * @template T
 * @param {string | undefined} path below `api/v1/`; `undefined`: nothing is asked
 * @returns {{ readonly value: T | undefined, readonly error: ApiError | undefined, readonly again: () => void }}
 *   the value of the last good answer to this path, and what is wrong now
 */
export function useGet(path) {
  /** @typedef {{ readonly path: string | undefined, readonly value: T | undefined, readonly error: ApiError | undefined }} Got */
  const [got, setGot] = useState(/** @type {Got} */ ({ path, value: undefined, error: undefined }))
  const [turn, setTurn] = useState(0)
  useLook(
    async (signal) => {
      if (path === undefined) return
      try {
        const value = /** @type {T} */ (await get(path, { signal }))
        if (!signal.aborted)
          setGot((before) =>
            before.path === path && before.value === value && before.error === undefined
              ? before
              : { path, value, error: undefined },
          )
      } catch (error) {
        if (signal.aborted) return
        const shown = error instanceof ApiError ? error : new ApiError(0, String(error))
        setGot((before) => ({ path, value: before.path === path ? before.value : undefined, error: shown }))
      }
    },
    [path, turn],
  )
  const again = useCallback(() => {
    setTurn((before) => before + 1)
  }, [])
  return got.path === path ? { ...got, again } : { value: undefined, error: undefined, again }
}
