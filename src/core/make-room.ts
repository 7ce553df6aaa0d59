import type { CapScope } from './blocked.ts'
import type { JenkinsNode } from './jenkins-reading.ts'
import type { AgentRecord, TemplateName } from './model.ts'
import { isShared } from './policy.ts'
import type { BusyPeak } from './remembered.ts'
import { amount } from './resources.ts'
import type { Taking } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'
import type { Template } from './template.ts'
import { isVariant, launchKey } from './variant.ts'
import { busyExecutors, idleToKeep } from './warm-pool.ts'

/** A template of which an item waits, and the cap that stands in the way. */
export interface Squeezed {
  readonly template: Template
  readonly scope: CapScope
  /** How much of what the cap counts must go for one agent. */
  readonly missing: number
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
 * Idle agents that go before their time, because a build waits for the room that they take under a cap: of templates of
 * lower priority where the cap is over all, and of the same template where they have another image, which no other build
 * can use. No build is touched and no warm pool, and in one round no more go than one agent of each template that waits
 * has need of: none where all of them are not enough.
 */
export function makeRoom(input: RoomInput): readonly Taking[] {
  if (input.squeezed.length === 0) return []
  const takings: Taking[] = []
  const going = new Set<string>(input.takings.map(({ agentId }) => agentId))
  // What goes already makes room without anybody's help.
  const leaving = input.all.filter((record) => isLeaving(record, going, input.nodes))
  let idle: readonly Idle[] = idleOf(input, going)
  for (const squeezed of input.squeezed.toSorted((a, b) => b.template.priority - a.template.priority)) {
    const { template, scope } = squeezed
    let { missing } = squeezed
    const makes = (record: AgentRecord): boolean => isShared(scope) || record.template === template.name
    while (missing > 0) {
      const record = takeOut(leaving, makes)
      if (record === undefined) break
      missing -= roomOf(scope, record.resources)
    }
    const victims: Idle[] = []
    for (const one of missing > 0 ? idle : []) {
      if (!makes(one.record) || !mustYield(one, squeezed)) continue
      missing -= roomOf(scope, one.record.resources)
      victims.push(one)
      if (missing <= 0) break
    }
    // Those that go in vain would only be started again.
    if (missing > 0) continue
    for (const victim of victims) {
      takings.push({ agentId: victim.record.agentId, reapReason: 'idle', reason: wordsFor(victim, template) })
    }
    const gone = new Set(victims)
    idle = idle.filter((one) => !gone.has(one))
  }
  return takings
}

/** The first of them, which is in the list no more. */
function takeOut<T>(list: T[], isIt: (one: T) => boolean): T | undefined {
  const at = list.findIndex(isIt)
  return at === -1 ? undefined : list.splice(at, 1)[0]
}

function mustYield({ record, priority }: Idle, { template }: Squeezed): boolean {
  if (record.template !== template.name) return priority < template.priority
  return launchKey(record.template, record.revision) !== launchKey(template.name, template.revision)
}

function wordsFor({ record }: Idle, { name }: Template): string {
  return record.template === name
    ? `idle, and a build that needs another image of template ${name} waits for room under a cap`
    : `idle, and a build of template ${name}, which has a higher priority, waits for room under a cap`
}

/** How much of what is capped: agents, or thousandths. */
function roomOf(scope: CapScope, resources: AgentRecord['resources']): number {
  if (scope === 'agents' || scope === 'template') return 1
  return amount(resources, scope === 'cpus' || scope === 'template_cpus' ? 'cpus' : 'mem')
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
  const { records, templates } = input
  const spare = spareOf(input)
  const idle: Idle[] = []
  for (const record of records.filter((one) => isIdle(one, input, going)).sort(byIdleSince)) {
    const left = (spare.get(record.template) ?? 0) - record.executors
    if (!isVariant(record)) {
      if (left < 0) continue
      spare.set(record.template, left)
    }
    idle.push({ record, priority: templates.get(record.template)?.priority ?? Number.NEGATIVE_INFINITY })
  }
  return idle.sort((a, b) => a.priority - b.priority)
}

/** Nothing runs on it, nothing is to run there, and it does not go anyway. */
function isIdle(
  { agentId, state, idleSince }: AgentRecord,
  { nodes, nominated }: RoomInput,
  going: ReadonlySet<string>,
): boolean {
  if (state !== 'online' || idleSince === undefined || going.has(agentId) || nominated.has(agentId)) return false
  const node = nodes.get(agentId)
  return node !== undefined && node.running.length === 0 && node.idle && !node.temporarilyOffline
}

function byIdleSince(a: AgentRecord, b: AgentRecord): number {
  return (a.idleSince ?? 0) - (b.idleSince ?? 0)
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
  const busy = busyExecutors(supply)
  for (const [name, idle] of spare) {
    const template = templates.get(name)
    if (template !== undefined) spare.set(name, idle - idleToKeep(template, busy.get(name) ?? 0, peaks[template.name]))
  }
  return spare
}
