/**
 * What is sent for an action, and what became of it in words. Pure.
 *
 * @typedef {import('./questions.js').Asked} Asked
 */

/**
 * @param {Asked} asked
 * @returns {{ readonly path: string, readonly body: Readonly<Record<string, string | number>> }} path below `api/v1/`
 */
export function requestOf({ action, template, agentId, agents, level }) {
  const path = `actions/${action}`
  switch (action) {
    case 'pause':
    case 'resume':
      return { path, body: template === undefined ? {} : { template } }
    case 'drain':
      return { path, body: { agentId: agentId ?? '' } }
    case 'provision':
      return { path, body: { template: template ?? '', agents: agents ?? 1 } }
    case 'log-level':
      return { path, body: { level: level ?? 'info' } }
    default:
      return { path, body: {} }
  }
}

/**
 * Why an action was not done, and what to do; the program's own words first, where it had some.
 *
 * @param {number} status 0: no answer came
 * @param {string} words
 */
export function refusalOf(status, words) {
  const next = NEXT[status]
  return next === undefined ? words : `${sentence(words)} ${next}`
}

/** @type {Readonly<Record<number, string>>} */
const NEXT = {
  0: 'Whether it was done is not known: look at the page before you try again.',
  401: 'Sign in with a token that may act.',
  403: 'Nothing was done. Sign in with a token that may act.',
  409: 'Nothing was done.',
  429: 'Nothing was done. Wait a minute, then try again.',
  503: 'Try again in a moment; if it stays so, look at the health above.',
}

/** With its full stop. @param {string} words */
export function sentence(words) {
  return /[.!?…]$/.test(words) ? words : `${words}.`
}
