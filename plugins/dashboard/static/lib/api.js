import { askForToken, session } from './session.js'

/** Answers that are kept for their ETag: windows of lists, mostly. */
const MOST_KEPT = 60
const TIMEOUT_MS = 20_000

/** What the API refused, or that it did not answer, in words for people. */
export class ApiError extends Error {
  /**
   * @param {number} status 0: no answer
   * @param {string} words
   * @param {readonly string[]} [mistakes] each of several; `words` has them, too
   */
  constructor(status, words, mistakes = []) {
    super(words)
    this.status = status
    this.mistakes = mistakes
  }
}

/** @type {Map<string, { readonly etag: string, readonly body: unknown }>} */
const kept = new Map()

/**
 * @template T
 * @param {string} path below `api/v1/`
 * @param {{ readonly signal?: AbortSignal | undefined }} [options]
 * @returns {Promise<T>} the very same object while the answer has not changed
 * @throws {ApiError}
 */
export async function get(path, { signal } = {}) {
  const known = kept.get(path)
  const headers = known === undefined ? {} : { 'if-none-match': known.etag }
  const response = await request(path, { headers, signal })
  if (response.status === 304 && known !== undefined) return /** @type {T} */ (known.body)
  const body = /** @type {T} */ (await read(response))
  const etag = response.headers.get('etag')
  kept.delete(path)
  if (etag !== null) kept.set(path, { etag, body })
  const [oldest] = kept.keys()
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
  return body
}

/**
 * @template T
 * @param {string} path below `api/v1/`
 * @param {object} body
 * @returns {Promise<T>}
 * @throws {ApiError}
 */
export async function post(path, body) {
  const headers = { 'content-type': 'application/json' }
  const response = await request(path, { method: 'POST', headers, body: JSON.stringify(body) })
  return /** @type {T} */ (await read(response))
}

/**
 * An answer whose body is still to be read.
 * @param {string} path below `api/v1/`
 * @param {{ method?: string, headers?: Record<string, string>, body?: string, signal?: AbortSignal | undefined, forever?: boolean }} options
 * @throws {ApiError} where it is none that one can use
 */
export async function request(path, { method = 'GET', headers = {}, body, signal, forever = false }) {
  const { token } = session.value
  const limits = [...(signal === undefined ? [] : [signal]), ...(forever ? [] : [AbortSignal.timeout(TIMEOUT_MS)])]
  const init = {
    method,
    cache: /** @type {const} */ ('no-store'), // ETags are kept here: the browser's cache would hide the 304
    headers: {
      accept: 'application/json',
      ...headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.any(limits),
    ...(body !== undefined && { body }),
  }
  const response = await fetch(`api/v1/${path}`, init).catch((/** @type {unknown} */ error) => {
    if (signal?.aborted === true) throw error
    throw new ApiError(0, 'The sidecar does not answer. Is it running, and is the network between here and it fine?')
  })
  if (response.ok || response.status === 304) return response
  const { words, mistakes } = await problemOf(response)
  if (response.status === 401) askForToken(words)
  throw new ApiError(response.status, words, mistakes)
}

/** @param {Response} response */
async function read(response) {
  const body = /** @type {unknown} */ (
    await response.json().catch((/** @type {unknown} */ error) => {
      if (error instanceof DOMException) throw error
      throw new ApiError(response.status, 'The answer is no JSON: does something stand between here and the sidecar?')
    })
  )
  return body
}

/**
 * Problem details (RFC 9457) as one sentence.
 * @param {Response} response
 */
async function problemOf(response) {
  const text = await response.text().catch(() => '')
  try {
    const { title, detail, mistakes } = JSON.parse(text)
    return {
      words: String(detail ?? title ?? `It answers ${response.status}.`),
      mistakes: Array.isArray(mistakes) ? mistakes.map(String) : [],
    }
  } catch {
    return { words: `It answers ${response.status} ${response.statusText}`.trim(), mistakes: [] }
  }
}

/**
 * A query string, with its question mark; what is undefined or empty is left out.
 * @param {Readonly<Record<string, string | number | readonly string[] | undefined>>} params
 */
export function query(params) {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== '') search.append(name, String(one))
    }
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}
