import { idleTakings } from './idle-takings.ts'
import type { JenkinsNode } from './jenkins-reading.ts'
import type { AgentRecord, Instant, MesosAgentId, TemplateName } from './model.ts'
import type { Stranded } from './moved.ts'
import type { Unavailability } from './offer.ts'
import type { BusyPeak } from './remembered.ts'
import type { Taking } from './snapshot.ts'
import { isClosing } from './stages.ts'
import type { SupplyNode } from './supply.ts'
import type { Template } from './template.ts'

/** For agents whose template was taken out of the configuration. */
const TIMEOUTS_WITHOUT_TEMPLATE = {
  idleTimeoutMs: 180_000,
  connectTimeoutMs: 300_000,
  reconnectTimeoutMs: 300_000,
  unreachableTimeoutMs: 900_000,
  maxBuildMs: 3_600_000,
  minIdle: 0,
  headroom: undefined,
  reapOrder: 'oldest',
} as const

export interface ScaleDownInput {
  /** Those that may be taken. */
  readonly records: readonly AgentRecord[]
  /** Every record there is. */
  readonly all: readonly AgentRecord[]
  readonly templates: ReadonlyMap<string, Template>
  readonly nodes: ReadonlyMap<string, JenkinsNode>
  readonly supply: readonly SupplyNode[]
  /** Idle executors that a waiting item is to take, by node name: their agents stay. */
  readonly nominated: ReadonlyMap<string, number>
  readonly windows: ReadonlyMap<MesosAgentId, Unavailability>
  /** How busy templates with headroom were lately. */
  readonly peaks: Readonly<Record<TemplateName, BusyPeak>>
  /** They never come back once they are offline. */
  readonly stranded: Stranded
  /** Builds wait that Jenkins does not start now: what is idle or old stays for them. */
  readonly keepIdle: boolean
  readonly now: Instant
}

/** Which agents are to go, and why. Nothing is done here: the caller may hold it all back. */
export function planTakings(input: ScaleDownInput): readonly Taking[] {
  const { records, templates, nodes, now } = input
  const takings: Taking[] = []
  const idle: AgentRecord[] = []
  const aged: AgentRecord[] = []
  for (const record of records) {
    const template = templates.get(record.template) ?? TIMEOUTS_WITHOUT_TEMPLATE
    const node = nodes.get(record.agentId)
    const taking =
      moved(record, node, input.stranded) ??
      overdue(record, template, node, now) ??
      closing(record, template.maxBuildMs, input)
    if (taking !== undefined) takings.push(taking)
    else if (isAged(record, now)) aged.push(record)
    else if (isIdleCandidate(record, node, input.nominated)) idle.push(record)
  }
  if (input.keepIdle) return takings
  const idleOnes = idleTakings(idle, { ...input, fallback: TIMEOUTS_WITHOUT_TEMPLATE })
  return [...takings, ...agedTakings(aged, input.all), ...idleOnes]
}

/** An agent cannot be told another address while it runs; one that is connected or has a build is left alone. */
function moved({ agentId, state }: AgentRecord, node: JenkinsNode | undefined, stranded: Stranded): Taking | undefined {
  const reason = stranded.get(agentId)
  if (reason === undefined || (state !== 'starting' && state !== 'disconnected')) return undefined
  const isLeft = node === undefined || (node.offline && node.running.length === 0 && node.idle)
  return isLeft ? { agentId, reapReason: 'moved', reason } : undefined
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
  if (busy) return spent(record)
  if (state === 'disconnected' && isOver(since, timeouts.reconnectTimeoutMs, now)) {
    const words = `its agent was disconnected for ${seconds(timeouts.reconnectTimeoutMs)}`
    return { agentId, reapReason: 'disconnected', reason: words }
  }
  if (state === 'unreachable' && isOver(since, timeouts.unreachableTimeoutMs, now)) {
    const words = `its host was unreachable for ${seconds(timeouts.unreachableTimeoutMs)}`
    return { agentId, reapReason: 'unreachable', reason: words }
  }
  return spent(record)
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

/** It has had all the builds that it was to have: it drains as soon as the last one is seen, while that runs. */
function spent({ agentId, state, oneShot, maxBuilds, buildsSeen }: AgentRecord): Taking | undefined {
  if (state !== 'online' && state !== 'disconnected') return undefined
  if (oneShot && buildsSeen > 0) return { agentId, reapReason: 'one_shot', reason: 'one-shot: it has had its build' }
  if (maxBuilds === undefined || buildsSeen < maxBuilds) return undefined
  return { agentId, reapReason: 'max_builds', reason: `it has had ${buildsSeen} of ${maxBuilds} builds (maxBuilds)` }
}

function isAged({ state, onlineAt, maxAgeMs }: AgentRecord, now: Instant): boolean {
  if (maxAgeMs === undefined || onlineAt === undefined) return false
  return (state === 'online' || state === 'disconnected') && isOver(onlineAt, maxAgeMs, now)
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

/**
 * Old ones go, but of the agents of one template at most half at the same time, the oldest first: those that were
 * launched together would else all be gone together.
 */
function agedTakings(aged: readonly AgentRecord[], all: readonly AgentRecord[]): readonly Taking[] {
  if (aged.length === 0) return []
  const room = new Map<string, number>()
  for (const name of new Set(aged.map(({ template }) => template))) {
    const agents = all.filter(({ template }) => template === name)
    const leaving = agents.filter(({ reapReason }) => reapReason === 'max_age').length
    const living = agents.filter(({ state }) => state === 'online' || state === 'disconnected').length
    room.set(name, Math.max(1, Math.floor((living + leaving) / 2)) - leaving)
  }
  const takings: Taking[] = []
  for (const { agentId, template, maxAgeMs } of aged.toSorted((a, b) => (a.onlineAt ?? 0) - (b.onlineAt ?? 0))) {
    const left = room.get(template) ?? 0
    if (left <= 0) continue
    room.set(template, left - 1)
    const reason = `it is older than ${seconds(maxAgeMs ?? 0)} (maxAgeSeconds)`
    takings.push({ agentId, reapReason: 'max_age', reason })
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
