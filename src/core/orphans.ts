import { readMark } from './markers.ts'
import type { AgentRecord, FrameworkId, Instant, JenkinsReading } from './model.ts'
import type { Action, OrphanNode, Stray } from './snapshot.ts'

/** An orphan is removed after it was missing an owner in so many sweeps and for so long. */
const SWEEPS = 2
const SWEEP_MS = 60_000
const ORPHAN_MS = 120_000

export interface OrphanPlan {
  readonly actions: readonly Action[]
  readonly orphanNodes: Readonly<Record<string, OrphanNode>>
  readonly problems: readonly string[]
}

/**
 * Nodes that carry our mark and our framework id and have no record. Nodes of another framework id belong to another
 * sidecar, or to us before the framework was removed: a person decides about those.
 */
export function planOrphanNodes(
  reading: JenkinsReading,
  records: readonly AgentRecord[],
  frameworkId: FrameworkId | undefined,
  before: Readonly<Record<string, OrphanNode>>,
): OrphanPlan {
  const known = new Set<string>(records.map((record) => record.agentId))
  const actions: Action[] = []
  const orphanNodes: Record<string, OrphanNode> = {}
  const foreign: string[] = []
  for (const node of reading.nodes) {
    if (known.has(node.name)) continue
    const mark = readMark(node.description)
    if (mark?.kind !== 'agent') continue
    if (mark.frameworkId !== frameworkId) {
      foreign.push(node.name)
      continue
    }
    const seen = sweep(before[node.name], reading.readAt)
    orphanNodes[node.name] = seen
    if (!isDue(seen, reading.readAt)) continue
    if (node.running.length === 0 && node.idle) actions.push({ kind: 'removeOrphanNode', node: node.name })
  }
  const problems =
    foreign.length === 0
      ? []
      : [
          `${foreign.length} nodes of another framework id are in Jenkins (such as ${foreign[0] ?? ''}): ` +
            'if no other sidecar owns them, delete them',
        ]
  return { actions, orphanNodes, problems }
}

/**
 * Tasks of our framework that Mesos keeps telling of and that have no record. While Jenkins has a node of that name a
 * build may run there: the node goes first, and it goes only when idle.
 */
export function planStrays(strays: readonly Stray[], reading: JenkinsReading, now: Instant): readonly Action[] {
  const nodes = new Set(reading.nodes.map(({ name }) => name))
  return strays
    .filter((stray) => stray.sweeps >= SWEEPS && now - stray.since >= ORPHAN_MS && !nodes.has(stray.taskId))
    .map(({ taskId, mesosAgentId }) => ({ kind: 'killStray', taskId, mesosAgentId }))
}

function sweep(before: OrphanNode | undefined, readAt: Instant): OrphanNode {
  if (before === undefined) return { since: readAt, sweeps: 1, lastSweep: readAt }
  if (readAt - before.lastSweep < SWEEP_MS) return before
  return { ...before, sweeps: before.sweeps + 1, lastSweep: readAt }
}

function isDue(seen: OrphanNode, readAt: Instant): boolean {
  return seen.sweeps >= SWEEPS && readAt - seen.since >= ORPHAN_MS
}
