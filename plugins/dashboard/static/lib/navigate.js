import { parseRoute } from './router.js'
import { Store } from './store.js'

export const route = new Store(parseRoute(location.hash))

addEventListener('hashchange', () => {
  route.set(parseRoute(location.hash))
})

/**
 * @param {string} link of `linkTo` or `linkWith`
 * @param {{ readonly replace?: boolean }} [options] replace: what is typed letter by letter fills no history
 */
export function navigate(link, { replace = false } = {}) {
  if (replace) history.replaceState(null, '', link)
  else history.pushState(null, '', link)
  route.set(parseRoute(link))
}
