/**
 * @typedef {import('./icons.js').Tone} Tone
 *
 * @typedef {object} StateInfo
 * @property {string} words as people read them
 * @property {Tone} tone
 * @property {string} means one sentence: what it is, for titles
 */

/** Of queue items, those that a person should see first in front. @type {Readonly<Record<string, StateInfo>>} */
export const ITEM_STATES = {
  unserved: {
    words: 'No template fits',
    tone: 'bad',
    means: 'No template has labels that serve it: it waits for ever.',
  },
  vetoed: {
    words: 'Vetoed',
    tone: 'bad',
    means: 'Something in Jenkins refuses the idle executors that could take it.',
  },
  not_understood: {
    words: 'Not understood',
    tone: 'bad',
    means: 'What Jenkins says of it is not understood: nothing is done for it.',
  },
  backed_off: { words: 'Backed off', tone: 'bad', means: 'Launches failed: the next try is not before a while.' },
  capped: { words: 'Cap reached', tone: 'warn', means: 'A cap stands in the way: it waits until another agent goes.' },
  paused: { words: 'Paused', tone: 'warn', means: 'An operator paused its template.' },
  waiting_offer: {
    words: 'Waiting for a host',
    tone: 'warn',
    means: 'An agent is wanted; no offer of a host has had room for it yet.',
  },
  rate_limited: { words: 'Next in line', tone: 'info', means: 'Launches come one after the other: it is next.' },
  starting: { words: 'Agent starts', tone: 'info', means: 'An agent starts for it.' },
  served: { words: 'About to run', tone: 'ok', means: 'An executor is free for it.' },
  tied: { words: 'Tied to a node', tone: 'off', means: 'It wants one certain node: no agent is started for it.' },
  unreadable: { words: 'Label not readable yet', tone: 'info', means: 'Jenkins does not tell its label yet.' },
  not_demand: {
    words: 'Held by Jenkins',
    tone: 'off',
    means: 'It could not run even with a free executor: quiet period, blocked by another build, or pending.',
  },
}

/** Of agents, in the order of their life. @type {Readonly<Record<string, StateInfo>>} */
export const AGENT_STATES = {
  planned: { words: 'Planned', tone: 'info', means: 'Its record is stored; it waits to be launched.' },
  starting: { words: 'Starting', tone: 'info', means: 'Its task was launched; its node is not online yet.' },
  online: { words: 'Online', tone: 'ok', means: 'Connected to Jenkins.' },
  disconnected: { words: 'Disconnected', tone: 'bad', means: 'Its task runs, but its node is offline.' },
  unreachable: { words: 'Unreachable', tone: 'bad', means: 'Mesos cannot reach its host.' },
  draining: { words: 'Draining', tone: 'warn', means: 'It takes no new build, and goes when its builds have ended.' },
  stopping: { words: 'Stopping', tone: 'off', means: 'Its node is deleted and its task killed.' },
  gone: { words: 'Gone', tone: 'off', means: 'It has ended.' },
}

/**
 * @param {Readonly<Record<string, StateInfo>>} states
 * @param {string} state
 * @returns {StateInfo}
 */
export function infoOf(states, state) {
  return states[state] ?? { words: state.replaceAll('_', ' '), tone: 'off', means: '' }
}

/** Their builds wait for an agent that a template could give. */
const DEMAND = ['starting', 'waiting_offer', 'capped', 'backed_off', 'paused', 'rate_limited']
/** Their builds wait, and no agent will help as things are. */
const STUCK = ['unserved', 'vetoed', 'not_understood']

/**
 * How many builds wait for an agent, how many of them in vain, and how many Jenkins holds itself.
 * @param {Readonly<Record<string, number>>} queue items by state
 */
export function waitsOf(queue) {
  /** @param {readonly string[]} states */
  const sum = (states) => states.reduce((total, state) => total + (queue[state] ?? 0), 0)
  const total = Object.values(queue).reduce((all, n) => all + n, 0)
  const stuck = sum(STUCK)
  const waiting = sum(DEMAND) + stuck + (queue['unreadable'] ?? 0)
  return { waiting, stuck, others: total - waiting, total }
}
