import { hostAttributes } from './host-attributes.ts'
import type { JenkinsNode, JenkinsReading } from './jenkins-reading.ts'
import { isAlive } from './lifecycle.ts'
import { type AgentMark, isOurOffline, OFFLINE_MARKER, readMark } from './markers.ts'
import type { AgentId, AgentRecord, FrameworkId, Instant } from './model.ts'
import type { Resources } from './resources.ts'
import type { Action, OrphanNode, Snapshot, Stray } from './snapshot.ts'
import { executorsFor, resourcesOf, type Template } from './template.ts'
import { isVariant, variantFor, withImage } from './variant.ts'

/** A node with our mark and without a record. */
export interface Unowned {
  readonly node: JenkinsNode
  readonly mark: AgentMark
}

/** Counts against the caps like a record, although there is none. */
export type Counted = Pick<AgentRecord, 'template' | 'state' | 'resources'>

export interface AdoptionPlan {
  /** Agents that belong together again: node, task, and a record made anew. */
  readonly records: readonly AgentRecord[]
  readonly actions: readonly Action[]
  /** Nodes and tasks of ours that have no record yet. */
  readonly counted: readonly Counted[]
  /** Mesos has not told yet what became of some: nothing may be launched. */
  readonly waits: boolean
  /** When Mesos was first and last asked, by node. */
  readonly asked: Readonly<Record<string, Asked>>
}

export type Asked = Pick<OrphanNode, 'askedSince' | 'askedAt'>

export const NEVER_ASKED: Asked = Object.freeze({ askedSince: undefined, askedAt: undefined })

/** Mesos is silent of tasks whose hosts have not come back to a new master: launches do not wait for those. */
const PATIENCE_MS = 10_000
const ASK_AGAIN_MS = 5_000
const ASK_LATER_MS = 60_000

/**
 * The framework that the nodes of ours belong to, where the state does not tell. Most of them tell: a few may be left
 * of one that was removed. Nodes of other sidecars are not asked.
 */
export function frameworkIn(reading: JenkinsReading, owner: string): FrameworkId | undefined {
  const nodes = new Map<FrameworkId, number>()
  for (const node of reading.nodes) {
    const mark = readMark(node.description)
    if (mark?.kind !== 'agent' || mark.frameworkId === undefined) continue
    if (mark.owner !== undefined && mark.owner !== owner) continue
    nodes.set(mark.frameworkId, (nodes.get(mark.frameworkId) ?? 0) + 1)
  }
  return [...nodes].toSorted(([, a], [, b]) => b - a)[0]?.[0]
}

/** @param lost frameworks that Mesos said it removed: their nodes are ours to tidy up */
export function unownedNodes(
  reading: JenkinsReading,
  records: readonly AgentRecord[],
  frameworkId: FrameworkId | undefined,
  lost: ReadonlySet<FrameworkId>,
): readonly Unowned[] {
  const known = new Set<string>(records.map((record) => record.agentId))
  return reading.nodes.flatMap((node) => {
    if (known.has(node.name)) return []
    const mark = readMark(node.description)
    if (mark?.kind !== 'agent' || mark.agentId !== node.name) return []
    if (mark.frameworkId === undefined) return []
    return mark.frameworkId === frameworkId || lost.has(mark.frameworkId) ? [{ node, mark }] : []
  })
}

/**
 * The state was lost, or an older copy of it came back: agents go on living in Jenkins and in Mesos. Where both say so
 * the record is made anew, from what they show. What only one of them knows is an orphan.
 */
export function planAdoption(
  unowned: readonly Unowned[],
  snapshot: Snapshot,
  templates: ReadonlyMap<string, Template>,
  now: Instant,
): AdoptionPlan {
  const { mesos, absent, memory } = snapshot
  const strays = new Map<string, Stray>(snapshot.strays.map((stray) => [stray.taskId, stray]))
  const records: AgentRecord[] = []
  const asks: AgentId[] = []
  const counted: Counted[] = []
  const asked: Record<string, Asked> = {}
  let waits = false
  for (const { node, mark } of unowned) {
    const stray = strays.get(node.name)
    strays.delete(node.name)
    const template = templateWith(node.labels, templates.get(mark.template))
    if (stray !== undefined && template !== undefined && snapshot.fresh && mesos.subscribed) {
      records.push(adopt(node, mark, stray, template, now))
      continue
    }
    counted.push(countedAs(mark.template, template, node.executors))
    const { askedSince, askedAt } = memory.orphanNodes[node.name] ?? NEVER_ASKED
    asked[node.name] = { askedSince, askedAt }
    if (stray !== undefined || absent.has(mark.agentId)) continue
    const patient = askedSince === undefined || now - askedSince < PATIENCE_MS
    waits ||= patient
    const pause = patient ? ASK_AGAIN_MS : ASK_LATER_MS
    if (!mesos.subscribed || (askedAt !== undefined && now - askedAt < pause)) continue
    asked[node.name] = { askedSince: askedSince ?? now, askedAt: now }
    asks.push(mark.agentId)
  }
  const known = new Set<string>(snapshot.records.map(({ agentId }) => agentId))
  for (const { taskId, state } of strays.values()) {
    // One that was given up while its host is cut off counts no more.
    if (known.has(taskId) || !isAlive(state)) continue
    const name = templateIn(taskId)
    counted.push(countedAs(name, templates.get(name), 1))
  }
  return { records, actions: asks.length === 0 ? [] : [{ kind: 'askTasks', taskIds: asks }], counted, waits, asked }
}

/** Host name and address come with the next offer of that host. */
export function withHosts(
  records: readonly AgentRecord[],
  offers: Snapshot['offers'],
  busy: ReadonlySet<AgentId>,
): readonly AgentRecord[] {
  if (offers.length === 0) return records
  const byHost = new Map(offers.map((offer) => [offer.mesosAgentId, offer]))
  return records.map((record) => {
    if (record.hostname !== undefined || record.mesosAgentId === undefined || busy.has(record.agentId)) return record
    const offer = byHost.get(record.mesosAgentId)
    return offer === undefined
      ? record
      : {
          ...record,
          hostname: offer.hostname,
          address: offer.address,
          hostAttributes: hostAttributes(offer),
        }
  })
}

/** In place of the revision, which nobody knows any more. */
const ADOPTED = 'adopted'

/** Its label may name an image: then it is no agent like the others of its template. */
function templateWith(labels: readonly string[] | undefined, template: Template | undefined): Template | undefined {
  const [label, second] = labels ?? []
  if (template === undefined || label === undefined || second !== undefined) return template
  return template.labels.includes(label) ? template : (variantFor(template, label) ?? template)
}

function adopt(node: JenkinsNode, mark: AgentMark, stray: Stray, template: Template, now: Instant): AgentRecord {
  const executors = Math.max(1, node.executors)
  const busy = node.running.length > 0 || !node.idle
  const found = stateOf(node, stray)
  const wasOnline = found === 'online' || found === 'draining'
  const reason = `adopted: Jenkins and Mesos know it, the state did not${found === 'draining' ? `; ${wordsOf(node)}` : ''}`
  return {
    agentId: mark.agentId,
    template: template.name,
    revision: isVariant(template) ? withImage(ADOPTED, template.launch.container?.image ?? '') : ADOPTED,
    labels: node.labels ?? template.labels,
    mode: template.mode,
    role: template.role,
    executors,
    resources: resourcesOf(template, executors),
    oneShot: template.oneShot,
    maxBuilds: template.maxBuilds,
    maxAgeMs: template.maxAgeMs,
    state: found,
    since: now,
    createdAt: now,
    reason,
    reapReason: found === 'draining' ? 'operator' : undefined,
    hostname: undefined,
    mesosAgentId: stray.mesosAgentId,
    address: undefined,
    hostAttributes: undefined,
    offerId: undefined,
    jenkinsUrl: undefined,
    launchedAt: now,
    onlineAt: wasOnline ? now : undefined,
    idleSince: wasOnline && !busy ? now : undefined,
    tokenHash: undefined,
    tokenUsedAt: undefined,
    taskState: stray.state,
    taskEnded: false,
    nodeGone: false,
    buildsSeen: 0,
    killedAt: undefined,
  }
}

/**
 * Offline with our marker: it was being reaped, and that goes on; unless its host was cut off, which is over. Offline
 * otherwise: it has yet to connect, or connects again, and has the time of a launch for that.
 */
function stateOf(node: JenkinsNode, stray: Stray): 'starting' | 'online' | 'unreachable' | 'draining' {
  if (!isAlive(stray.state)) return 'unreachable'
  if (!node.temporarilyOffline) return node.offline ? 'starting' : 'online'
  if (!isOurOffline(node.offlineReason) || wordsOf(node) === UNREACHABLE_WORDS) return 'online'
  return 'draining'
}

/** Why a node is offline while Mesos cannot reach its host. */
export const UNREACHABLE_WORDS = 'Mesos cannot reach its host'

function wordsOf(node: JenkinsNode): string {
  return node.offlineReason.slice(OFFLINE_MARKER.length).trim()
}

function countedAs(name: string, template: Template | undefined, executors: number): Counted {
  const resources: Resources =
    template === undefined ? {} : resourcesOf(template, executorsFor(template, Math.max(1, executors)))
  return { template: name as Counted['template'], state: 'online', resources }
}

/** `mesos-linux-4k2j` is of template linux. */
function templateIn(taskId: string): string {
  return /^mesos-(.*)-[^-]+$/.exec(taskId)?.[1] ?? ''
}
