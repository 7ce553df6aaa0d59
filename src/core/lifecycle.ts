import type { JenkinsNode } from './jenkins-reading.ts'
import type { AgentRecord, AgentState, Instant, ReapReason, StatusFacts } from './model.ts'
import { isAboutAnother } from './outcomes.ts'

/** `planned` and `starting` agents are on their way. */
export function isComing(state: AgentState): boolean {
  return state === 'planned' || state === 'starting'
}

const ALIVE = new Set(['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING'])
/** The task ended, or Mesos says that it cannot come back. */
const ENDED = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
])

export function isAlive(taskState: string): boolean {
  return ALIVE.has(taskState)
}

export function isEnded(taskState: string): boolean {
  return ENDED.has(taskState)
}

/**
 * The record after a status of its task, or the same object where nothing changed. Mesos sends statuses twice,
 * late and out of order, so none is ever an error.
 *
 * `TASK_UNKNOWN` ends an agent only before it was online: a master that lost its memory says so of living tasks too;
 * `follow` ends it once Jenkins has lost the agent as well.
 */
export function applyStatus(record: AgentRecord, status: StatusFacts, now: Instant): AgentRecord {
  if (record.state === 'gone' || isAboutAnother(status)) return record
  if (record.taskEnded) return isBack(record, status) ? cameBack(record, status, now) : record
  if (ENDED.has(status.state)) return ended(record, status, now)
  if (status.state === 'TASK_UNKNOWN') {
    const spent = record.state === 'planned' || record.state === 'starting' || record.state === 'stopping'
    return spent ? ended(record, status, now) : told(record, status)
  }
  if (status.state === 'TASK_UNREACHABLE') {
    const cut = record.state === 'starting' || record.state === 'online' || record.state === 'disconnected'
    if (!cut) return told(record, status)
    return enter({ ...record, taskState: status.state }, 'unreachable', 'Mesos cannot reach the host', now)
  }
  if (!ALIVE.has(status.state)) return record
  const after = live(record, status, now)
  // Its task is being killed: nothing new may start there, and what runs has until the grace time is over.
  return status.reason === 'REASON_AGENT_DRAINING'
    ? drain(after, 'maintenance', 'the operators of its host drain it', now)
    : after
}

/** Mesos says that the task lives. */
function live(record: AgentRecord, status: StatusFacts, now: Instant): AgentRecord {
  if (record.state === 'planned') return launched({ ...record, taskState: status.state }, now)
  if (record.state !== 'unreachable') return told(record, status)
  const back = { ...record, taskState: status.state }
  return record.onlineAt === undefined
    ? enter(back, 'starting', 'the host came back', now)
    : enter(back, 'disconnected', 'the host came back', now)
}

/** Mesos gives up tasks of hosts that it has lost; some of these hosts come back, and their tasks with them. */
const MAY_RETURN: ReadonlySet<string | undefined> = new Set(['TASK_LOST', 'TASK_GONE_BY_OPERATOR', 'TASK_UNKNOWN'])
/** Not an old status that comes late: the master says how it is now. */
const SAYS_NOW: ReadonlySet<string | undefined> = new Set(['REASON_AGENT_REREGISTERED', 'REASON_RECONCILIATION'])

function isBack(record: AgentRecord, status: StatusFacts): boolean {
  if (record.state !== 'stopping' || record.nodeGone || !MAY_RETURN.has(record.taskState)) return false
  return ALIVE.has(status.state) && SAYS_NOW.has(status.reason)
}

/** It still goes, but as one that lives: its build may end, then its task is killed. */
function cameBack(record: AgentRecord, status: StatusFacts, now: Instant): AgentRecord {
  const reason = 'its host came back after Mesos had given it up'
  return { ...record, state: 'draining', since: now, reason, taskState: status.state, taskEnded: false }
}

/** The ACCEPT has left (or may have): the id is spent. */
export function launched(record: AgentRecord, now: Instant): AgentRecord {
  if (record.state !== 'planned') return record
  return { ...record, state: 'starting', since: now, launchedAt: record.launchedAt ?? now }
}

/** What the planner remembers of an agent between rounds, beside its record. */
export interface Seen {
  /** Builds running at the last reading, to count new ones. */
  readonly running: readonly string[]
  /** Jenkins had no such node at these readings in a row. */
  readonly missing: number
  readonly missingSince: Instant | undefined
}

export const NEVER_SEEN: Seen = Object.freeze({ running: [], missing: 0, missingSince: undefined })

/** A node must be missing this often, and this long, before its agent counts as deleted by somebody. */
const MISSING_READINGS = 2
const MISSING_MS = 5_000

/**
 * The record after a reading of Jenkins. Only states that Jenkins decides change here: connected or not, idle or
 * busy, node there or not. What should become of the agent then is decided by scale-down.
 */
export function follow(
  record: AgentRecord,
  node: JenkinsNode | undefined,
  seen: Seen,
  readAt: Instant,
): { readonly record: AgentRecord; readonly seen: Seen } {
  if (record.state === 'planned' || record.state === 'stopping' || record.state === 'gone') return { record, seen }
  if (node === undefined) return followMissing(record, seen, readAt)
  const running = node.running.map((build) => build.url)
  const fresh = running.filter((url) => !seen.running.includes(url)).length
  const next: Seen = { running, missing: 0, missingSince: undefined }
  const busy = running.length > 0 || !node.idle
  const { state } = record
  let after = withBuilds(record, fresh, busy, readAt)
  const connected = !node.offline || (node.temporarilyOffline && record.state !== 'starting')
  switch (state) {
    case 'starting':
      if (!node.offline) {
        after = { ...after, state: 'online', since: readAt, onlineAt: readAt, idleSince: busy ? undefined : readAt }
      }
      break
    case 'online':
      if (!connected) after = { ...after, state: 'disconnected', since: readAt }
      break
    case 'disconnected':
      if (!node.offline) after = { ...after, state: 'online', since: readAt }
      else if (after.taskState === 'TASK_UNKNOWN') {
        after = ended(after, { state: 'TASK_UNKNOWN', reason: undefined, message: 'and Jenkins lost it too' }, readAt)
      }
      break
    case 'unreachable':
    case 'draining':
      break
  }
  return { record: after, seen: next }
}

function followMissing(record: AgentRecord, seen: Seen, readAt: Instant): { record: AgentRecord; seen: Seen } {
  const since = seen.missingSince ?? readAt
  const next: Seen = { ...seen, missing: seen.missing + 1, missingSince: since }
  if (next.missing < MISSING_READINGS || readAt - since < MISSING_MS) return { record, seen: next }
  const words = 'its node was deleted from Jenkins'
  return { record: { ...stop(record, 'node_deleted', words, readAt), nodeGone: true }, seen: next }
}

function withBuilds(record: AgentRecord, fresh: number, busy: boolean, readAt: Instant): AgentRecord {
  const idleSince = busy || record.onlineAt === undefined ? undefined : (record.idleSince ?? readAt)
  if (fresh === 0 && idleSince === record.idleSince) return record
  return { ...record, buildsSeen: record.buildsSeen + fresh, idleSince }
}

/** Begins the end of an agent: its node goes offline, and it is removed once no build runs on it. */
export function drain(record: AgentRecord, reapReason: ReapReason, reason: string, now: Instant): AgentRecord {
  if (record.state === 'draining' || record.state === 'stopping' || record.state === 'gone') return record
  return { ...record, state: 'draining', since: now, reapReason, reason }
}

/** Its node is to be removed and its task killed, now. */
export function stop(record: AgentRecord, reapReason: ReapReason, reason: string, now: Instant): AgentRecord {
  if (record.state === 'stopping' || record.state === 'gone') return record
  const keep = record.state === 'draining'
  return {
    ...record,
    state: 'stopping',
    since: now,
    reapReason: keep ? (record.reapReason ?? reapReason) : reapReason,
    reason: keep ? record.reason : reason,
  }
}

/** `gone` once neither a node nor a task is left. */
export function settle(record: AgentRecord, now: Instant): AgentRecord {
  if (record.state !== 'stopping' || !record.taskEnded || !record.nodeGone) return record
  return { ...record, state: 'gone', since: now }
}

/**
 * `gone` although its task may live on, on a host that Mesos cannot reach: it was told to die, and its node is gone. If
 * the host comes back it is told again.
 */
export function giveUp(record: AgentRecord, now: Instant): AgentRecord {
  const { state, nodeGone, taskState, killedAt } = record
  if (state !== 'stopping' || !nodeGone || taskState !== 'TASK_UNREACHABLE' || killedAt === undefined) return record
  return { ...record, state: 'gone', since: now }
}

function ended(record: AgentRecord, status: StatusFacts, now: Instant): AgentRecord {
  const words = [`its task ended: ${status.state}`, status.reason, status.message].filter((part) => part !== undefined)
  const stopped = stop(record, 'task_ended', words.join(', '), now)
  return settle({ ...stopped, taskState: status.state, taskEnded: true }, now)
}

function told(record: AgentRecord, status: StatusFacts): AgentRecord {
  const { taskState } = record
  if (taskState === status.state || isOlder(status.state, taskState)) return record
  return { ...record, taskState: status.state }
}

const ORDER: readonly (string | undefined)[] = ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING']

/** A task never goes back: what comes before what we know came late. */
function isOlder(state: string, known: string | undefined): boolean {
  const at = ORDER.indexOf(state)
  return at >= 0 && at < ORDER.indexOf(known)
}

function enter(record: AgentRecord, state: AgentState, reason: string, now: Instant): AgentRecord {
  return { ...record, state, since: now, reason }
}
