import type { JenkinsNode } from '../core/jenkins-reading.ts'
import { isComing } from '../core/lifecycle.ts'
import { isOurOffline } from '../core/markers.ts'
import type { AgentRecord } from '../core/model.ts'
import { amount } from '../core/resources.ts'
import type { AgentUsage } from './ports.ts'
import type { AgentView } from './view-types.ts'

/** What is known of an agent beside its record. */
export interface AgentFacts {
  readonly node: JenkinsNode | undefined
  readonly usage: AgentUsage | undefined
  readonly usedCpus: number | undefined
}

export function agentView(record: AgentRecord, { node, usage, usedCpus }: AgentFacts): AgentView {
  const { agentId, template, state, since, createdAt, hostname, executors, reason, idleSince, taskState } = record
  const foreign = node?.temporarilyOffline === true && !isOurOffline(node.offlineReason)
  return {
    agentId,
    template,
    state,
    since,
    createdAt,
    hostname,
    executors,
    cpus: amount(record.resources, 'cpus') / 1000,
    memMib: amount(record.resources, 'mem') / 1000,
    reason,
    idleSince,
    offlineBy: foreign && !isComing(state) ? node.offlineReason || 'somebody, without a reason' : undefined,
    builds: (node?.running ?? []).map(({ name }) => name),
    taskState,
    usage,
    usedCpus,
    keep: undefined,
    words: undefined,
    goesAt: undefined,
  }
}
