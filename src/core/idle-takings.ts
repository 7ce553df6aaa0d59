import type { AgentRecord, Instant, TemplateName } from './model.ts'
import type { BusyPeak } from './remembered.ts'
import type { Taking } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'
import type { Template } from './template.ts'
import { isVariant } from './variant.ts'
import { busyExecutors, idleToKeep } from './warm-pool.ts'

/** What idle agents are judged by; those whose template was taken out of the configuration by `fallback`. */
export type IdleRules = Pick<Template, 'idleTimeoutMs' | 'minIdle' | 'headroom' | 'reapOrder'>

export interface IdleInput {
  /** Every record there is. */
  readonly all: readonly AgentRecord[]
  readonly templates: ReadonlyMap<string, Template>
  readonly fallback: IdleRules
  readonly supply: readonly SupplyNode[]
  readonly nominated: ReadonlyMap<string, number>
  readonly peaks: Readonly<Record<TemplateName, BusyPeak>>
  readonly now: Instant
}

/**
 * Idle over the timeout, in the order that the template asks for, as long as its warm pool stays full and none of its
 * agents was launched only just now.
 */
export function idleTakings(idle: readonly AgentRecord[], input: IdleInput): readonly Taking[] {
  const { templates, fallback, now } = input
  const groups = new Map<string, AgentRecord[]>()
  for (const record of idle) {
    const idleTimeoutMs = timeoutOf(record, templates.get(record.template) ?? fallback)
    if (now - (record.idleSince ?? now) < idleTimeoutMs) continue
    const group = groups.get(record.template)
    if (group === undefined) groups.set(record.template, [record])
    else group.push(record)
  }
  if (groups.size === 0) return []
  const idleExecutors = idleExecutorsOf(input)
  const busy = busyExecutors(input.supply)
  const cool = coolUntil(input.all, templates)
  const takings: Taking[] = []
  for (const [name, group] of groups) {
    const rules = templates.get(name) ?? fallback
    if (now < (cool.get(name) ?? 0)) continue
    const target = idleToKeep(rules, busy.get(name) ?? 0, input.peaks[name as TemplateName])
    let left = idleExecutors.get(name) ?? 0
    for (const record of inOrder(group, rules.reapOrder, input.all)) {
      // An agent with an image that a job named is in no warm pool.
      if (!isVariant(record)) {
        if (left - record.executors < target) continue
        left -= record.executors
      }
      takings.push(taking(record, rules, now))
    }
  }
  return takings
}

function taking(record: AgentRecord, rules: IdleRules, now: Instant): Taking {
  const idleMs = now - (record.idleSince ?? now)
  const reason = `idle for ${seconds(idleMs)}, the timeout is ${seconds(timeoutOf(record, rules))}`
  return { agentId: record.agentId, reapReason: 'idle', reason }
}

/** With an image that a job named: that job may never come again. */
const LONGEST_WITH_IMAGE_MS = 600_000

/** After so long without a build it goes; `Number.POSITIVE_INFINITY`: never. */
export function timeoutOf(record: AgentRecord, { idleTimeoutMs }: Pick<Template, 'idleTimeoutMs'>): number {
  return isVariant(record) ? Math.min(idleTimeoutMs, LONGEST_WITH_IMAGE_MS) : idleTimeoutMs
}

function idleExecutorsOf({ supply, nominated }: IdleInput): ReadonlyMap<string, number> {
  const executors = new Map<string, number>()
  for (const node of supply) {
    if (node.template === undefined || node.custom) continue
    const free = node.idle - (nominated.get(node.name) ?? 0)
    executors.set(node.template, (executors.get(node.template) ?? 0) + free)
  }
  return executors
}

/** After a launch a template keeps what it has for a while, until then: more may be about to come. */
export function coolUntil(
  records: readonly AgentRecord[],
  templates: ReadonlyMap<string, Pick<Template, 'coolDownMs'>>,
): ReadonlyMap<string, Instant> {
  const until = new Map<string, Instant>()
  for (const { template, launchedAt, createdAt } of records) {
    const coolDownMs = templates.get(template)?.coolDownMs ?? 0
    if (coolDownMs === 0) continue
    until.set(template, Math.max(until.get(template) ?? 0, (launchedAt ?? createdAt) + coolDownMs))
  }
  return until
}

function inOrder(
  group: readonly AgentRecord[],
  order: Template['reapOrder'],
  all: readonly AgentRecord[],
): readonly AgentRecord[] {
  const oldestFirst = group.toSorted(
    (a, b) => a.createdAt - b.createdAt || (a.idleSince ?? 0) - (b.idleSince ?? 0) || (a.agentId < b.agentId ? -1 : 1),
  )
  if (order === 'oldest') return oldestFirst
  if (order === 'newest') return oldestFirst.reverse()
  const agents = new Map<string, number>()
  for (const { hostname } of all) if (hostname !== undefined) agents.set(hostname, (agents.get(hostname) ?? 0) + 1)
  const on = ({ hostname }: AgentRecord): number => agents.get(hostname ?? '') ?? 0
  // Agents of one host stay together, so that a host empties out before the next one begins to.
  return oldestFirst.sort((a, b) => on(a) - on(b) || compare(a.hostname ?? '', b.hostname ?? ''))
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`
}
