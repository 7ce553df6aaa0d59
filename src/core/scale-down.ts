import type { AgentRecord, Instant, JenkinsNode, MesosAgentId, Template, Unavailability } from './model.ts'
import type { Taking } from './snapshot.ts'
import { isClosing } from './stages.ts'
import type { SupplyNode } from './supply.ts'

/** For agents whose template was taken out of the configuration. */
const TIMEOUTS_WITHOUT_TEMPLATE = {
  idleTimeoutMs: 180_000,
  connectTimeoutMs: 300_000,
  reconnectTimeoutMs: 300_000,
  unreachableTimeoutMs: 900_000,
  maxBuildMs: 3_600_000,
  minIdle: 0,
} as const

export interface ScaleDownInput {
  readonly records: readonly AgentRecord[]
  readonly templates: ReadonlyMap<string, Template>
  readonly nodes: ReadonlyMap<string, JenkinsNode>
  readonly supply: readonly SupplyNode[]
  /** Idle executors that a waiting item is to take, by node name: their agents stay. */
  readonly nominated: ReadonlyMap<string, number>
  readonly windows: ReadonlyMap<MesosAgentId, Unavailability>
  readonly now: Instant
}

/** Which agents are to go, and why. Nothing is done here: the caller may hold it all back. */
export function planTakings(input: ScaleDownInput): readonly Taking[] {
  const { records, templates, nodes, now } = input
  const takings: Taking[] = []
  const idle: AgentRecord[] = []
  for (const record of records) {
    const template = templates.get(record.template) ?? TIMEOUTS_WITHOUT_TEMPLATE
    const node = nodes.get(record.agentId)
    const taking = overdue(record, template, node, now) ?? closing(record, template.maxBuildMs, input)
    if (taking !== undefined) takings.push(taking)
    else if (isIdleCandidate(record, node, input.nominated)) idle.push(record)
  }
  return [...takings, ...idleTakings(idle, input)]
}

type Timeouts = Pick<Template, 'connectTimeoutMs' | 'reconnectTimeoutMs' | 'unreachableTimeoutMs'>

function overdue(
  record: AgentRecord,
  timeouts: Timeouts,
  node: JenkinsNode | undefined,
  now: Instant,
): Taking | undefined {
  const { agentId, state, since } = record
  const busy = node !== undefined && (node.running.length > 0 || !node.idle)
  if (state === 'starting' && isOver(record.launchedAt ?? since, timeouts.connectTimeoutMs, now)) {
    const words = `its agent did not connect within ${seconds(timeouts.connectTimeoutMs)} of the launch`
    return { agentId, reapReason: 'connect_timeout', reason: words }
  }
  if (busy) return oneShot(record)
  if (state === 'disconnected' && isOver(since, timeouts.reconnectTimeoutMs, now)) {
    const words = `its agent was disconnected for ${seconds(timeouts.reconnectTimeoutMs)}`
    return { agentId, reapReason: 'disconnected', reason: words }
  }
  if (state === 'unreachable' && isOver(since, timeouts.unreachableTimeoutMs, now)) {
    const words = `its host was unreachable for ${seconds(timeouts.unreachableTimeoutMs)}`
    return { agentId, reapReason: 'unreachable', reason: words }
  }
  return oneShot(record)
}

/** Its host goes into maintenance before a build that starts now would end: no build starts there any more. */
function closing(record: AgentRecord, maxBuildMs: number, { windows, now }: ScaleDownInput): Taking | undefined {
  const { agentId, state, mesosAgentId, hostname } = record
  if (mesosAgentId === undefined || (state !== 'starting' && state !== 'online' && state !== 'disconnected')) {
    return undefined
  }
  const window = windows.get(mesosAgentId)
  if (window === undefined || !isClosing(window, maxBuildMs, now)) return undefined
  const when =
    window.startsAt <= now ? 'is in maintenance' : `goes into maintenance in ${seconds(window.startsAt - now)}`
  return { agentId, reapReason: 'maintenance', reason: `its host ${hostname ?? mesosAgentId} ${when}` }
}

/** One build an agent: it drains as soon as the first is seen, while that runs. */
function oneShot(record: AgentRecord): Taking | undefined {
  if (!record.oneShot || record.buildsSeen === 0) return undefined
  if (record.state !== 'online' && record.state !== 'disconnected') return undefined
  return { agentId: record.agentId, reapReason: 'one_shot', reason: 'one-shot: it has had its build' }
}

function isIdleCandidate(
  record: AgentRecord,
  node: JenkinsNode | undefined,
  nominated: ReadonlyMap<string, number>,
): boolean {
  if (record.state !== 'online' || record.idleSince === undefined) return false
  if (node === undefined || node.running.length > 0 || !node.idle) return false
  if (node.temporarilyOffline) return false // somebody's wish, or ours under way: not ours to end
  return !nominated.has(record.agentId)
}

/** Idle over the timeout, the longest idle first, as long as the warm pool of the template stays full. */
function idleTakings(idle: readonly AgentRecord[], input: ScaleDownInput): readonly Taking[] {
  const { templates, supply, now } = input
  const idleExecutors = new Map<string, number>()
  for (const node of supply) {
    if (node.template === undefined) continue
    const free = node.idle - (input.nominated.get(node.name) ?? 0)
    idleExecutors.set(node.template, (idleExecutors.get(node.template) ?? 0) + free)
  }
  const takings: Taking[] = []
  for (const record of idle.toSorted((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0))) {
    const { idleTimeoutMs, minIdle } = templates.get(record.template) ?? TIMEOUTS_WITHOUT_TEMPLATE
    if (!isOver(record.idleSince ?? now, idleTimeoutMs, now)) continue
    const left = (idleExecutors.get(record.template) ?? 0) - record.executors
    if (left < minIdle) continue
    idleExecutors.set(record.template, left)
    takings.push({
      agentId: record.agentId,
      reapReason: 'idle',
      reason: `idle for ${seconds(now - (record.idleSince ?? now))}, the timeout is ${seconds(idleTimeoutMs)}`,
    })
  }
  return takings
}

/** A clock that was set back makes nothing overdue. */
function isOver(since: Instant, limitMs: number, now: Instant): boolean {
  return now - since >= limitMs
}

function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`
}
