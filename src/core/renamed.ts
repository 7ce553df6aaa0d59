import type { JenkinsNode, JenkinsReading } from './jenkins-reading.ts'
import { readMark } from './markers.ts'
import type { AgentId, AgentRecord } from './model.ts'

/**
 * Nodes that carry the mark of an agent and another name than it: a person renamed or copied them. While an agent's
 * own node is missing its builds may run on the renamed one.
 * @returns the node by the agent whose mark it carries
 */
export function renamedNodes(
  reading: JenkinsReading,
  records: readonly AgentRecord[],
): ReadonlyMap<AgentId, JenkinsNode> {
  const known = new Set<string>(records.map(({ agentId }) => agentId))
  const names = new Set(reading.nodes.map(({ name }) => name))
  const renamed = new Map<AgentId, JenkinsNode>()
  for (const node of reading.nodes) {
    if (known.has(node.name)) continue
    const mark = readMark(node.description)
    if (mark?.kind !== 'agent' || mark.agentId === node.name || names.has(mark.agentId)) continue
    renamed.set(mark.agentId, node)
  }
  return renamed
}

/** For people: the program leaves them alone. */
export function renamedProblems(renamed: ReadonlyMap<AgentId, JenkinsNode>): readonly string[] {
  return [...renamed].map(
    ([agentId, { name }]) =>
      `node ${name} carries the mark of agent ${agentId}: if it was renamed, delete it; if it was copied, clear its description`,
  )
}
