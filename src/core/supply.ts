import type { JenkinsNode, JenkinsReading } from './jenkins-reading.ts'
import { isComing } from './lifecycle.ts'
import { isAnchor, isOurOffline } from './markers.ts'
import type { AgentId, AgentRecord, Mode, TemplateName } from './model.ts'
import type { Stranded } from './moved.ts'
import { isVariant } from './variant.ts'

/** Executors that could take a build now or soon, of one node or one agent on its way. */
export interface SupplyNode {
  readonly name: string
  /** `undefined`: not one of our agents. */
  readonly agentId: AgentId | undefined
  readonly template: TemplateName | undefined
  /** With the node's own name, as Jenkins has it. */
  readonly labels: ReadonlySet<string>
  readonly mode: Mode
  /** An agent with an image that a job named: it serves no other. */
  readonly custom: boolean
  readonly idle: number
  readonly busy: number
  readonly starting: number
}

/** Nodes and agents that count for nobody, with the reason in words, by node name. */
export interface Supply {
  readonly nodes: readonly SupplyNode[]
  readonly notCounted: ReadonlyMap<string, string>
}

/**
 * What could run builds: nodes of others (the built-in node included), our agents that are online, and our agents on
 * their way. Anchors, offline nodes, draining agents and nodes without executors are nobody's supply.
 *
 * @param stranded agents that never come online; [none]
 */
export function readSupply(
  reading: JenkinsReading,
  records: readonly AgentRecord[],
  stranded: Stranded = new Map(),
): Supply {
  const byName = new Map<string, AgentRecord>(records.map((record) => [record.agentId, record]))
  const nodes: SupplyNode[] = []
  const notCounted = new Map<string, string>()
  for (const node of reading.nodes) {
    const record = byName.get(node.name)
    byName.delete(node.name)
    if (isAnchor(node.description)) continue
    if (record !== undefined && isComing(record.state) && !(node.offline && stranded.has(record.agentId))) {
      nodes.push(comingAgent(record))
      continue
    }
    const why = whyNot(node, record, stranded)
    if (why !== undefined) notCounted.set(node.name, why)
    else nodes.push(record === undefined ? staticNode(node) : onlineAgent(node, record))
  }
  for (const record of byName.values()) {
    if (isComing(record.state) && !stranded.has(record.agentId)) nodes.push(comingAgent(record))
  }
  return { nodes, notCounted }
}

function whyNot(node: JenkinsNode, record: AgentRecord | undefined, stranded: Stranded): string | undefined {
  if (record?.state === 'draining' || record?.state === 'stopping') return `is being reaped: ${record.reason}`
  if (node.executors < 1) return 'has no executors'
  if (node.temporarilyOffline && !isOurOffline(node.offlineReason)) return 'was taken offline by somebody'
  const lost = record && stranded.get(record.agentId)
  if (node.offline) return lost === undefined ? 'is offline' : `is offline: ${lost}`
  if (record !== undefined && record.state !== 'online' && record.state !== 'disconnected') return `is ${record.state}`
  return undefined
}

function comingAgent(record: AgentRecord): SupplyNode {
  return { ...agentFacts(record), idle: 0, busy: 0, starting: record.executors }
}

function onlineAgent(node: JenkinsNode, record: AgentRecord): SupplyNode {
  const busy = Math.min(node.running.length, node.executors)
  const facts = { ...agentFacts(record), idle: node.executors - busy, busy, starting: 0 }
  return isEdited(node, record) ? { ...facts, labels: new Set([...(node.labels ?? []), record.agentId]) } : facts
}

/** A person changed its labels. Jenkins tells them in an order of its own. */
function isEdited({ labels }: JenkinsNode, record: AgentRecord): boolean {
  if (labels === undefined) return false
  return labels.length !== record.labels.length || !record.labels.every((label) => labels.includes(label))
}

function agentFacts(record: AgentRecord): Omit<SupplyNode, 'idle' | 'busy' | 'starting'> {
  return {
    name: record.agentId,
    agentId: record.agentId,
    template: record.template,
    labels: new Set<string>(record.labels).add(record.agentId),
    mode: record.mode,
    custom: isVariant(record),
  }
}

function staticNode(node: JenkinsNode): SupplyNode {
  const busy = Math.min(node.running.length, node.executors)
  return {
    name: node.name,
    agentId: undefined,
    template: undefined,
    labels: new Set([...(node.labels ?? []), node.name]),
    mode: node.mode ?? 'NORMAL',
    custom: false,
    idle: node.executors - busy,
    busy,
    starting: 0,
  }
}
