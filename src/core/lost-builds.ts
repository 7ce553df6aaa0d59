import type { JenkinsNode } from './jenkins-reading.ts'
import { isAlive } from './lifecycle.ts'
import type { AgentId, AgentRecord, AgentState } from './model.ts'

/** Builds by agent, by their URL below Jenkins: those that run, and those that ran when the agent was last seen well. */
export type AtRisk = ReadonlyMap<AgentId, readonly string[]>

export interface LostBuild {
  readonly url: string
  readonly agentId: AgentId
}

/** The host is gone, and what ran there with it. Tasks that failed by themselves end in other ways. */
const HOST_LOST: ReadonlySet<string | undefined> = new Set(['TASK_LOST', 'TASK_GONE', 'TASK_GONE_BY_OPERATOR'])

/** Mesos said that the host is lost, or the agent was given up as nobody could reach it. */
export function isLostWithHost({ state, taskState, taskEnded, reapReason }: AgentRecord): boolean {
  if (state !== 'draining' && state !== 'stopping') return false
  if (taskEnded) return HOST_LOST.has(taskState)
  return reapReason === 'unreachable' && !cameBack(taskState)
}

function cameBack(taskState: string | undefined): boolean {
  return taskState !== undefined && isAlive(taskState)
}

/** The host is back after all: what ran there may run on, and says itself how it ends. */
export function isBack({ taskState, taskEnded }: AgentRecord): boolean {
  return !taskEnded && cameBack(taskState)
}

/** Nobody knows whether what ran there runs on. */
function isCut(state: AgentState): boolean {
  return state === 'disconnected' || state === 'unreachable'
}

/**
 * What is at risk after one more look, and what is lost since. A build counts from when it was seen running; when its
 * agent loses its connection Jenkins shows none any more, and it is remembered until the agent is back or given up.
 */
export function followBuilds(
  before: AtRisk,
  records: readonly AgentRecord[],
  nodes: ReadonlyMap<string, JenkinsNode>,
): { readonly atRisk: AtRisk; readonly lost: readonly LostBuild[] } {
  const atRisk = new Map<AgentId, readonly string[]>()
  const lost: LostBuild[] = []
  for (const record of records) {
    const { agentId, state } = record
    const running = (nodes.get(agentId)?.running ?? []).map(({ url }) => url)
    const known = [...new Set([...(before.get(agentId) ?? []), ...running])]
    if (isLostWithHost(record)) {
      for (const url of known) lost.push({ url, agentId })
    } else if (isCut(state)) atRisk.set(agentId, known)
    else if (running.length > 0) atRisk.set(agentId, running)
  }
  return { atRisk, lost }
}
