import { useRef, useState } from '../vendor/preact.js'
import { ApiError, get } from './api.js'
import { useLook } from './fetched.js'
import { pagesOf } from './window.js'

const PAGE_SIZE = 100

/**
 * A list of the API, of which only the pages in sight are fetched.
 * @template T
 * @typedef {object} Paged
 * @property {number | undefined} total `undefined`: not known yet
 * @property {(index: number) => T | undefined} itemAt `undefined`: not fetched yet
 * @property {(window: { readonly from: number, readonly to: number }) => void} show what is in sight now
 * @property {ApiError | undefined} error of the last look
 * @property {boolean} loading another list was asked for, and the old one still stands
 */

/**
 * @template T
 * @param {string} path with its filters, below `api/v1/`
 * @returns {Paged<T>}
 */
export function usePaged(path) {
  /** @typedef {{ readonly path: string, readonly total: number | undefined, readonly pages: ReadonlyMap<number, readonly T[]>, readonly error: ApiError | undefined }} Held */
  /** @type {Held} */
  const nothing = { path, total: undefined, pages: new Map(), error: undefined }
  const [held, setHeld] = useState(nothing)
  const wanted = useRef({ from: 0, to: 1 })
  const [asked, setAsked] = useState('0')

  useLook(
    async (signal) => {
      const numbers = pagesOf(wanted.current, PAGE_SIZE)
      try {
        const answers = await Promise.all(
          numbers.map(async (number) => {
            const sep = path.includes('?') ? '&' : '?'
            const at = `${path}${sep}offset=${number * PAGE_SIZE}&limit=${PAGE_SIZE}`
            const answer = /** @type {{ total: number, items: T[] }} */ (await get(at, { signal }))
            return { number, ...answer }
          }),
        )
        if (signal.aborted) return
        const last = answers.at(-1)
        setHeld((before) => ({
          path,
          // pages that are not in sight are kept until they are: a stale row is better than a hole
          pages: new Map([
            ...(before.path === path ? before.pages : []),
            ...answers.map(({ number, items }) => /** @type {const} */ ([number, items])),
          ]),
          total: last?.total ?? before.total,
          error: undefined,
        }))
      } catch (error) {
        if (signal.aborted) return
        const shown = error instanceof ApiError ? error : new ApiError(0, String(error))
        setHeld((before) => ({ ...before, error: shown }))
      }
    },
    [path, asked],
  )

  return {
    total: held.total,
    itemAt: (index) => held.pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE],
    show: (window) => {
      wanted.current = window.to > window.from ? window : { from: 0, to: 1 }
      setAsked(pagesOf(wanted.current, PAGE_SIZE).join()) // also those that were there before: they may be old
    },
    error: held.error,
    loading: held.path !== path,
  }
}
