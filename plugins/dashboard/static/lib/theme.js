import { Store } from './store.js'

const KEY = 'jenkins-mesos-sidecar.theme'

/** @typedef {'system' | 'light' | 'dark'} Theme */

/** @type {Store<Theme>} */
export const theme = new Store(stored())
apply()

/** The next of system, light and dark. */
export function nextTheme() {
  const next = /** @type {const} */ ({ system: 'light', light: 'dark', dark: 'system' })[theme.value]
  theme.set(next)
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // it holds until the page is loaded again
  }
  apply()
}

function apply() {
  const { value } = theme
  if (value === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = value
}

/** @returns {Theme} */
function stored() {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'light' || value === 'dark' ? value : 'system'
  } catch {
    return 'system'
  }
}
