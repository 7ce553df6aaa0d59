/**
 * What is asked before an action, in words: what it does, and what follows from it. Pure.
 *
 * @typedef {'pause' | 'resume' | 'drain' | 'provision' | 'reload' | 'log-level' | 'release-brake' | 'take-over' | 'accept-jenkins'} ActionName
 *
 * @typedef {object} Asked what an action is about; what is not known is left out, and then not spoken of
 * @property {ActionName} action
 * @property {string} [template] pause, resume: without it all templates
 * @property {string} [agentId]
 * @property {number} [agents] how many are to be provisioned, or there are
 * @property {readonly string[]} [builds] that run on the agent
 * @property {Room} [room] for provision
 * @property {string} [level]
 * @property {string} [was] the log level before
 * @property {number} [held] agents that the brake holds
 * @property {string} [words] what the program says about it
 *
 * @typedef {object} Room what a template has, and may have
 * @property {number} agents that it has
 * @property {number} maxAgents of the template
 * @property {number} allAgents of all templates
 * @property {number} maxAllAgents
 * @property {number} [executors] of one agent
 * @property {number} [cpus] of one agent
 * @property {number} [memMib] of one agent
 *
 * @typedef {object} Question
 * @property {string} title
 * @property {readonly string[]} follows a sentence each
 * @property {string} yes on the button
 * @property {boolean} grave it ends or risks something
 */

/** @type {Record<ActionName, (asked: Asked) => Question>} */
const QUESTIONS = {
  pause: ({ template, agents }) => ({
    title: template === undefined ? 'Pause all templates?' : `Pause template ${template}?`,
    follows: [
      template === undefined
        ? 'No agent is started any more, for no template, until you resume.'
        : 'No agent is started for it any more, until you resume it.',
      template === undefined
        ? 'Builds that need a new agent wait in the queue of Jenkins, and say that an operator paused it.'
        : 'Builds that only it can serve wait in the queue of Jenkins, and say that an operator paused it.',
      agents === 0
        ? 'It has no agent now.'
        : `${agents === undefined ? 'Agents that are there' : theAgents(agents)} go on with their builds, and go when they are idle.`,
    ],
    yes: template === undefined ? 'Pause all templates' : 'Pause it',
    grave: template === undefined,
  }),
  resume: ({ template }) => ({
    title: template === undefined ? 'Resume all templates?' : `Resume template ${template}?`,
    follows: [
      template === undefined
        ? 'Agents are started again for what waits, with the next round, within all caps. Templates that were paused one by one go on, too.'
        : 'Agents are started for it again, with the next round, within its caps.',
    ],
    yes: template === undefined ? 'Resume all templates' : 'Resume it',
    grave: false,
  }),
  drain: ({ agentId = 'this agent', builds = [] }) => ({
    title: `Drain agent ${agentId}?`,
    follows: [
      'It is taken offline in Jenkins, so that no new build starts on it.',
      builds.length === 0
        ? 'No build runs on it, as far as is known now: it goes at once.'
        : `It goes when ${builds.length === 1 ? `${builds[0] ?? ''} has` : `its ${builds.length} builds have`} ended; no build is cut off.`,
      'If builds still wait, another agent may be started in its place. This cannot be taken back.',
    ],
    yes: 'Drain it',
    grave: true,
  }),
  provision: ({ template = '', agents = 1, room }) => ({
    title: `Provision agents of template ${template} now?`,
    follows: room === undefined ? [NOT_BUSY] : [...roomWords(agents, room), NOT_BUSY],
    yes: isCount(agents) ? `Provision ${counted(agents)}` : 'Provision',
    grave: false,
  }),
  reload: () => ({
    title: 'Read the templates again?',
    follows: [
      'The files are read and checked as a whole. If there is a mistake in them nothing changes, and you are told which.',
      'Agents that run keep what they were started with; new ones follow the new templates.',
    ],
    yes: 'Read them again',
    grave: false,
  }),
  'log-level': ({ level = '', was }) => ({
    title: `Log at level ${level}?`,
    follows: [
      was === undefined || was === level
        ? `From now on the log has what is ${level} or worse.`
        : `The level is ${was} now. From now on the log has what is ${level} or worse.`,
      ...(level === 'debug' || level === 'trace'
        ? ['That is much on a busy farm. No secret is logged, on any level.']
        : []),
      'After a restart the level is that of LOG_LEVEL again.',
    ],
    yes: `Log at ${level}`,
    grave: false,
  }),
  'release-brake': ({ held, agents, words }) => ({
    title:
      held === undefined
        ? 'Let the agents go that the brake holds?'
        : `Let ${counted(held)}${agents === undefined ? '' : ` of ${agents}`} go?`,
    follows: [
      ...(words === undefined ? [] : [words]),
      'The brake holds them because a round wanted to take away most of the agents at once, which is a mistake more often than not.',
      'They go one by one, each after its builds. This cannot be taken back.',
    ],
    yes: 'Let them go',
    grave: true,
  }),
  'take-over': ({ words }) => ({
    title: 'Take over from the other instance?',
    follows: [
      ...(words === undefined ? [] : [words]),
      'Do this only when the other instance is at its end: this one subscribes as the same framework, and the other is thrown out.',
      'Two that take over from each other leave nobody who starts agents.',
    ],
    yes: 'Take over',
    grave: true,
  }),
  'accept-jenkins': ({ words, agents }) => ({
    title: 'Accept this Jenkins?',
    follows: [
      ...(words === undefined ? [] : [words]),
      'Jenkins says that it is another one than that which the agents belong to. Until you accept it, nothing is started and nothing is taken away.',
      `Agents in the state that this Jenkins has no node of are ended, whatever they run.${agents === undefined ? '' : ` There ${agents === 1 ? 'is' : 'are'} ${counted(agents)} in all.`} This cannot be taken back.`,
    ],
    yes: 'Accept this Jenkins',
    grave: true,
  }),
}

const NOT_BUSY =
  'They are started as soon as an offer fits, and go when they were idle for as long as their template says.'

/** @param {Asked} asked @returns {Question} */
export function questionOf(asked) {
  return QUESTIONS[asked.action](asked)
}

/**
 * The most that may be asked for; 0: a cap is reached.
 *
 * @param {Room} room
 */
export function mostAgents({ agents, maxAgents, allAgents, maxAllAgents }) {
  return Math.max(0, Math.min(maxAgents - agents, maxAllAgents - allAgents))
}

/** @param {number} wanted @param {Room} room @returns {string[]} */
function roomWords(wanted, room) {
  const { agents, maxAgents, executors, cpus, memMib } = room
  const most = mostAgents(room)
  const cap = maxAgents - agents <= room.maxAllAgents - room.allAgents ? 'its own cap' : 'the cap over all templates'
  const has = `It has ${counted(agents)} of at most ${maxAgents}`
  const then = wanted <= most ? `; then it has ${agents + wanted}.` : '.'
  const may =
    most === 0
      ? `No more may be started: ${cap} is reached.`
      : `At most ${most} more may be started now: ${cap} says so.`
  if (!isCount(wanted)) return [`${has}. ${may}`]
  const each = [
    ...(executors === undefined ? [] : [`${executors * wanted} executor${executors * wanted === 1 ? '' : 's'}`]),
    ...(cpus === undefined ? [] : [`${round(cpus * wanted)} CPU`]),
    ...(memMib === undefined ? [] : [`${Math.round(memMib * wanted)} MiB of memory`]),
  ]
  return [`${has}${then} ${may}`, ...(each.length === 0 ? [] : [`That takes about ${listed(each)}.`])]
}

/** @param {readonly string[]} parts */
function listed(parts) {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100
}

/** What is typed may be no number. @param {number} n */
export function isCount(n) {
  return Number.isInteger(n) && n >= 1
}

/** @param {number} n */
function counted(n) {
  return n === 1 ? '1 agent' : `${n} agents`
}

/** @param {number} n */
function theAgents(n) {
  return n === 1 ? 'The agent that is there' : `The ${n} agents that are there`
}
