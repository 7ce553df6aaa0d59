import { UNREACHABLE_WORDS } from './adoption.ts'
import { applyBrake } from './brake.ts'
import type { DemandPlan } from './demand-plan.ts'
import type { JenkinsNode, JenkinsReading } from './jenkins-reading.ts'
import { drain, giveUp, settle, stop } from './lifecycle.ts'
import { makeRoom } from './make-room.ts'
import { isOurOffline } from './markers.ts'
import type { AgentRecord, Instant, TemplateName } from './model.ts'
import type { Stranded } from './moved.ts'
import type { BusyPeak } from './remembered.ts'
import { planTakings } from './scale-down.ts'
import type { Action, Brake, Snapshot, Taking } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'
import type { Template } from './template.ts'

export interface RemovalInput {
  readonly snapshot: Snapshot
  readonly reading: JenkinsReading
  readonly records: readonly AgentRecord[]
  readonly templates: ReadonlyMap<string, Template>
  readonly nodes: ReadonlyMap<string, JenkinsNode>
  readonly supply: readonly SupplyNode[]
  readonly demand: DemandPlan
  /** How busy templates with headroom were lately. */
  readonly peaks: Readonly<Record<TemplateName, BusyPeak>>
  readonly stranded: Stranded
  readonly now: Instant
}

export interface RemovalPlan {
  /** All records, with those that are to go changed. */
  readonly records: readonly AgentRecord[]
  readonly actions: readonly Action[]
  readonly brake: Brake | undefined
  readonly held: string | undefined
}

/** The first rounds after a start see a world that may not have settled. */
const ROUNDS_WITHOUT_TAKING = 2
/** A `planned` agent that finds no offer for this long is given up. */
const PLANNED_MS = 60_000

/** Who is to go, and what to do next for those who are going. */
export function planRemoval(input: RemovalInput): RemovalPlan {
  const { snapshot, now } = input
  const held = whyHeld(input)
  const candidates = input.records.filter(({ agentId }) => !snapshot.busy.has(agentId))
  const vanished = vanishedAgents(input)
  const takings = held === undefined ? [...takingsOf(candidates, input), ...[...vanished.keys()].map(vanishing)] : []
  const braked = applyBrake(takings, input.records.length, snapshot.memory.brake, snapshot.brakeReleased, now)
  const taken = new Map(braked.takings.map((taking) => [taking.agentId, taking]))
  const records = input.records.map((record) => {
    if (snapshot.busy.has(record.agentId)) return record
    const taking = taken.get(record.agentId)
    const before = vanished.get(record)
    if (before === undefined) return next(record, taking, input)
    return taking === undefined ? before : settle(record, now)
  })
  const actions = records.flatMap((record) =>
    snapshot.busy.has(record.agentId) ? [] : actionsFor(record, input, held !== undefined),
  )
  return {
    records,
    actions,
    brake: held === undefined ? braked.brake : snapshot.memory.brake,
    held: held ?? braked.held,
  }
}

function takingsOf(records: readonly AgentRecord[], input: RemovalInput): readonly Taking[] {
  const { snapshot, demand, records: all } = input
  const keepIdle = demand.shutDown > 0
  const { nominated, squeezed } = demand
  const takings = planTakings({ ...input, records, all, nominated, windows: snapshot.windows, keepIdle })
  if (keepIdle || !snapshot.mesos.subscribed) return takings
  return [...takings, ...makeRoom({ ...input, squeezed, records, all, takings, nominated })]
}

/**
 * Agents whose nodes are missing from Jenkins since this round, with their records as they were: where most of them
 * are, an old backup was put back, or the nodes are hidden from us.
 */
function vanishedAgents({ snapshot, records }: RemovalInput): ReadonlyMap<AgentRecord, AgentRecord> {
  const before = new Map(snapshot.records.map((record) => [record.agentId, record]))
  const vanished = new Map<AgentRecord, AgentRecord>()
  for (const record of records) {
    const was = before.get(record.agentId)
    if (was === undefined || was.state === 'stopping') continue
    if (record.state === 'stopping' && record.nodeGone && !record.taskEnded) vanished.set(record, was)
  }
  return vanished
}

function vanishing({ agentId, reason }: AgentRecord): Taking {
  return { agentId, reapReason: 'node_deleted', reason }
}

function whyHeld({ snapshot, demand }: RemovalInput): string | undefined {
  if (!snapshot.fresh) return 'the reading of Jenkins is of an earlier round'
  if (snapshot.round <= ROUNDS_WITHOUT_TAKING) return 'the first rounds after a start take nothing away'
  return demand.doubt
}

/** As templates have it that say nothing else. */
const UNREACHABLE_MS = 900_000

function next(
  record: AgentRecord,
  taking: Taking | undefined,
  { snapshot, templates, now }: RemovalInput,
): AgentRecord {
  if (taking !== undefined) return drain(record, taking.reapReason, taking.reason, now)
  if (record.state === 'planned' && isAbandoned(record, snapshot, now)) {
    const words = 'no offer had room for it in time'
    return settle({ ...stop(record, 'placement_failed', words, now), taskEnded: true }, now)
  }
  const patienceMs = templates.get(record.template)?.unreachableTimeoutMs ?? UNREACHABLE_MS
  const waited = record.reapReason === 'unreachable' || now - record.since >= patienceMs
  return settle(waited ? giveUp(record, now) : record, now)
}

/**
 * `planned` and nobody works on it: it lost its offer and found no other in time. One that an earlier process left
 * behind may have been launched: only Mesos can say, and it is not given up here.
 */
function isAbandoned(record: AgentRecord, snapshot: Snapshot, now: Instant): boolean {
  return snapshot.ready.has(record.agentId) && now - record.since >= PLANNED_MS
}

function actionsFor(record: AgentRecord, input: RemovalInput, held: boolean): readonly Action[] {
  const { agentId } = record
  const node = input.nodes.get(agentId)
  switch (record.state) {
    case 'draining':
      return held || !isReapDue(node) ? [] : [{ kind: 'reap', agentId }]
    case 'stopping':
      return [
        ...(record.nodeGone ? [] : [{ kind: 'removeNode', agentId } as const]),
        ...(record.nodeGone && isKillDue(record, input.snapshot, input.now)
          ? [{ kind: 'kill', agentId } as const]
          : []),
      ]
    case 'unreachable':
      return node === undefined || node.temporarilyOffline
        ? []
        : [{ kind: 'offlineNode', agentId, reason: UNREACHABLE_WORDS }]
    case 'online':
    case 'disconnected':
      return node !== undefined && isLeftOffline(record, node) ? [{ kind: 'onlineNode', agentId }] : []
    case 'planned':
    case 'starting':
    case 'gone':
      return []
  }
}

/** A busy one is left to its builds once it is offline; the first time it is taken offline whatever it does. */
function isReapDue(node: JenkinsNode | undefined): boolean {
  if (node === undefined) return true
  if (!node.temporarilyOffline) return true
  return node.running.length === 0 && node.idle
}

/** We took it offline while its host was unreachable, and that is over. */
function isLeftOffline(record: AgentRecord, node: JenkinsNode): boolean {
  return record.taskState === 'TASK_RUNNING' && node.temporarilyOffline && isOurOffline(node.offlineReason)
}

/** A KILL is repeated until Mesos says that the task has ended. */
const KILL_AGAIN_MS = 10_000

export function isKillDue(record: AgentRecord, snapshot: Snapshot, now: Instant): boolean {
  if (record.taskEnded || !snapshot.mesos.subscribed) return false
  return record.killedAt === undefined || now - record.killedAt >= KILL_AGAIN_MS
}
