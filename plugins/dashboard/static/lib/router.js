/**
 * Where the page is: `#/queue?state=capped&item=7`.
 * @typedef {object} Route
 * @property {string} view [overview]
 * @property {URLSearchParams} params
 */

/**
 * @param {string} hash
 * @returns {Route}
 */
export function parseRoute(hash) {
  const path = hash.replace(/^#?\/?/, '')
  const mark = path.indexOf('?')
  const name = mark === -1 ? path : path.slice(0, mark)
  return {
    view: name.replace(/\/+$/, '') || 'overview',
    params: new URLSearchParams(mark === -1 ? '' : path.slice(mark + 1)),
  }
}

/**
 * @param {string} view
 * @param {Readonly<Record<string, string | readonly string[] | undefined>>} [params] what is undefined is left out
 */
export function linkTo(view, params = {}) {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) if (one !== '') search.append(name, one)
  }
  const text = search.toString()
  return `#/${view === 'overview' ? '' : view}${text === '' ? '' : `?${text}`}`
}

/**
 * The same place with some parameters changed.
 * @param {Route} route
 * @param {Readonly<Record<string, string | readonly string[] | undefined>>} changes
 */
export function linkWith({ view, params }, changes) {
  /** @type {Record<string, string | readonly string[] | undefined>} */
  const all = {}
  for (const name of params.keys()) all[name] = params.getAll(name)
  return linkTo(view, { ...all, ...changes })
}
