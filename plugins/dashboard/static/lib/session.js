import { Store } from './store.js'

const KEY = 'jenkins-mesos-sidecar.token'

/**
 * Who looks. The token lives as long as the tab.
 * @typedef {object} Session
 * @property {string | undefined} token
 * @property {boolean} needed the API wants a token, or another one: the sign-in dialog is open
 * @property {string | undefined} words why, where a token was refused
 */

/** @type {Store<Session>} */
export const session = new Store({ token: stored(), needed: false, words: undefined })

/**
 * The API answered 401.
 * @param {string} words of the answer
 */
export function askForToken(words) {
  const { needed, token } = session.value
  if (!needed) session.merge({ needed: true, words: token === undefined ? undefined : words })
}

/** @param {string | undefined} token [forgets it] */
export function signIn(token) {
  try {
    if (token === undefined) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, token)
  } catch {
    // a browser that stores nothing asks again after a reload
  }
  session.set({ token, needed: false, words: undefined })
}

/** Closes the dialog without a token: what needs none goes on. */
export function dismissSignIn() {
  session.merge({ needed: false })
}

function stored() {
  try {
    return sessionStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}
