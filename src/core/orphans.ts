import type { Asked, Unowned } from './adoption.ts'
import { NEVER_ASKED } from './adoption.ts'
import type { JenkinsReading } from './jenkins-reading.ts'
import { isAlive } from './lifecycle.ts'
import { readMark } from './markers.ts'
import type { AgentRecord, FrameworkId, Instant } from './model.ts'
import type { Action, OrphanNode, Snapshot, Stray } from './snapshot.ts'

/** An orphan is removed after it was missing an owner in so many sweeps and for so long. */
const SWEEPS = 2
export const SWEEP_MS = 60_000
const ORPHAN_MS = 120_000

export interface OrphanPlan {
  readonly actions: readonly Action[]
  readonly orphanNodes: Readonly<Record<string, OrphanNode>>
}

/**
 * Nodes of ours that nothing could be made of: Mesos has no such task, or no template is left for it. While Mesos is
 * silent of a task its node stays.
 */
export function planOrphanNodes(
  unowned: readonly Unowned[],
  snapshot: Pick<Snapshot, 'absent' | 'strays' | 'memory' | 'mesos'>,
  readAt: Instant,
  asked: Readonly<Record<string, Asked>>,
): OrphanPlan {
  const { absent, memory, mesos } = snapshot
  const alive = new Set<string>(snapshot.strays.map(({ taskId }) => taskId))
  const actions: Action[] = []
  const orphanNodes: Record<string, OrphanNode> = {}
  for (const { node, mark } of unowned) {
    const seen = { ...sweep(memory.orphanNodes[node.name], readAt), ...(asked[node.name] ?? NEVER_ASKED) }
    orphanNodes[node.name] = seen
    const told = absent.has(mark.agentId) || alive.has(node.name) || mark.frameworkId !== mesos.frameworkId
    if (!told || !isDue(seen, readAt)) continue
    if (node.running.length === 0 && node.idle) actions.push({ kind: 'removeOrphanNode', node: node.name })
  }
  return { actions, orphanNodes }
}

/**
 * Nodes of another framework id that carry our name or none: of us before the framework was removed, or of a sidecar
 * that should have another name. A person decides about those.
 */
export function foreignNodes(
  reading: JenkinsReading,
  records: readonly AgentRecord[],
  unowned: readonly Unowned[],
  mesos: { readonly frameworkId: FrameworkId | undefined },
  frameworkName: string,
): readonly string[] {
  const known = new Set<string>([...records.map(({ agentId }) => agentId), ...unowned.map(({ node }) => node.name)])
  const foreign = reading.nodes.filter((node) => {
    if (known.has(node.name)) return false
    const mark = readMark(node.description)
    if (mark?.kind !== 'agent' || mark.frameworkId === mesos.frameworkId) return false
    return mark.owner === undefined || mark.owner === frameworkName
  })
  if (foreign.length === 0) return []
  return [
    `${foreign.length} nodes of another framework id are in Jenkins (such as ${foreign[0]?.name ?? ''}): ` +
      'if no other sidecar owns them, delete them',
  ]
}

/**
 * Tasks of our framework that Mesos keeps telling of and that have no record. While Jenkins has a node of that name a
 * build may run there: the node goes first, and it goes only when idle.
 */
export function planStrays(strays: readonly Stray[], reading: JenkinsReading, now: Instant): readonly Action[] {
  const nodes = new Set(reading.nodes.map(({ name }) => name))
  return strays
    .filter(({ sweeps, since, state }) => isAlive(state) && sweeps >= SWEEPS && now - since >= ORPHAN_MS)
    .filter(({ taskId }) => !nodes.has(taskId))
    .map(({ taskId, mesosAgentId }) => ({ kind: 'killStray', taskId, mesosAgentId }))
}

function sweep(before: OrphanNode | undefined, readAt: Instant): Omit<OrphanNode, keyof Asked> {
  if (before === undefined) return { since: readAt, sweeps: 1, lastSweep: readAt }
  const { since, sweeps, lastSweep } = before
  if (readAt - lastSweep < SWEEP_MS) return { since, sweeps, lastSweep }
  return { since, sweeps: sweeps + 1, lastSweep: readAt }
}

function isDue(seen: OrphanNode, readAt: Instant): boolean {
  return seen.sweeps >= SWEEPS && readAt - seen.since >= ORPHAN_MS
}
