import type { AgentRecord, JenkinsNode, Template, TemplateName } from './model.ts'
import { amount } from './resources.ts'
import type { CapScope, Taking } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'
import { executorsFor, resourcesOf } from './template.ts'
import { isVariant } from './variant.ts'
import { type BusyPeak, peakOf, warmTarget } from './warm-pool.ts'

/** A template of which an item waits, and the cap over all templates that stands in the way. */
export interface Squeezed {
  readonly template: Template
  readonly scope: CapScope
}

export interface RoomInput {
  readonly squeezed: readonly Squeezed[]
  /** Agents that may be taken. */
  readonly records: readonly AgentRecord[]
  /** Every record there is. */
  readonly all: readonly AgentRecord[]
  /** Those that go anyway. */
  readonly takings: readonly Taking[]
  readonly templates: ReadonlyMap<string, Template>
  readonly nodes: ReadonlyMap<string, JenkinsNode>
  readonly supply: readonly SupplyNode[]
  /** Idle executors that a waiting item is to take, by node name. */
  readonly nominated: ReadonlyMap<string, number>
  readonly peaks: Readonly<Record<TemplateName, BusyPeak>>
}

/**
 * Idle agents of templates of lower priority that go before their time, because a build of a higher one waits for the
 * room that they take under a cap over all templates. No build is touched and no warm pool, and in one round no more go
 * than one agent of each template that waits has need of.
 */
export function makeRoom(input: RoomInput): readonly Taking[] {
  if (input.squeezed.length === 0) return []
  const takings: Taking[] = []
  const going = new Set<string>(input.takings.map(({ agentId }) => agentId))
  // What goes already makes room without anybody's help.
  const leaving = input.all.filter((record) => isLeaving(record, going, input.nodes))
  const idle = idleOf(input, going)
  for (const squeezed of input.squeezed.toSorted((a, b) => b.template.priority - a.template.priority)) {
    const { template } = squeezed
    let missing = roomOf(squeezed, resourcesOf(template, executorsFor(template, 1)))
    for (let next = leaving.shift(); next !== undefined; next = missing > 0 ? leaving.shift() : undefined) {
      missing -= roomOf(squeezed, next.resources)
    }
    while (missing > 0) {
      const [victim] = idle.splice(0, (idle[0]?.priority ?? Number.POSITIVE_INFINITY) < template.priority ? 1 : 0)
      if (victim === undefined) break
      missing -= roomOf(squeezed, victim.record.resources)
      const reason = `idle, and a build of template ${template.name}, which has a higher priority, waits for room under a cap`
      takings.push({ agentId: victim.record.agentId, reapReason: 'idle', reason })
    }
  }
  return takings
}

/** How much of what is capped: agents, or thousandths. */
function roomOf({ scope }: Squeezed, resources: AgentRecord['resources']): number {
  return scope === 'agents' ? 1 : amount(resources, scope)
}

/** On its way out, and no build keeps it. */
function isLeaving(
  { agentId, state }: AgentRecord,
  going: ReadonlySet<string>,
  nodes: ReadonlyMap<string, JenkinsNode>,
): boolean {
  const node = nodes.get(agentId)
  if (node !== undefined && (node.running.length > 0 || !node.idle)) return false
  return state === 'stopping' || state === 'draining' || going.has(agentId)
}

interface Idle {
  readonly record: AgentRecord
  readonly priority: number
}

/** The lowest priority first, then the longest idle; without those that warm pools keep. */
function idleOf(input: RoomInput, going: ReadonlySet<string>): Idle[] {
  const { records, templates, nodes, nominated } = input
  const spare = spareOf(input)
  const idle: Idle[] = []
  for (const record of records.toSorted((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0))) {
    const { agentId, state, idleSince, executors } = record
    const node = nodes.get(agentId)
    if (state !== 'online' || idleSince === undefined || going.has(agentId) || nominated.has(agentId)) continue
    if (node === undefined || node.running.length > 0 || !node.idle || node.temporarilyOffline) continue
    const left = (spare.get(record.template) ?? 0) - executors
    if (!isVariant(record)) {
      if (left < 0) continue
      spare.set(record.template, left)
    }
    idle.push({ record, priority: templates.get(record.template)?.priority ?? Number.NEGATIVE_INFINITY })
  }
  return idle.sort((a, b) => a.priority - b.priority)
}

/** Idle executors beyond the warm pool, by template. */
function spareOf({ supply, nominated, templates, takings, peaks, all }: RoomInput): Map<string, number> {
  const spare = new Map<string, number>()
  for (const { name, template, custom, idle } of supply) {
    if (template === undefined || custom) continue
    spare.set(template, (spare.get(template) ?? 0) + idle - (nominated.get(name) ?? 0))
  }
  const taken = new Set(takings.map(({ agentId }) => agentId))
  for (const { agentId, template, executors, state } of all) {
    if (taken.has(agentId) && state === 'online') spare.set(template, (spare.get(template) ?? 0) - executors)
  }
  for (const [name, idle] of spare) {
    const template = templates.get(name)
    if (template !== undefined) spare.set(name, idle - warmTarget(template, peakOf(peaks[template.name])))
  }
  return spare
}
