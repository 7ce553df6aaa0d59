import type { AgentId, AgentRecord, Instant, TemplateName } from './model.ts'
import { countAgents } from './packing.ts'
import { keptHosts } from './reserve.ts'
import type { Snapshot } from './snapshot.ts'
import type { MatchContext } from './stages.ts'
import { standingsOf } from './standings.ts'

/**
 * What the stages look at, as of this snapshot.
 * @param ruled templates whose rules count agents
 * @param seeking agents that look for a place: they are nowhere yet
 */
export function matchContext(
  { memory, mesos, windows, hosts }: Snapshot,
  records: readonly AgentRecord[],
  ruled: ReadonlySet<TemplateName>,
  seeking: ReadonlySet<AgentId>,
  now: Instant,
): MatchContext {
  return {
    now,
    hostBackoff: memory.hostBackoff,
    hostFailures: memory.hostFailures,
    avoidedBy: memory.avoidedBy,
    home: mesos.home,
    windows,
    standings: standingsOf(records, hosts, ruled, seeking),
    agentsOn: countAgents(records.filter(({ agentId }) => !seeking.has(agentId))),
    reserved: keptHosts(memory.waitings, now),
  }
}
