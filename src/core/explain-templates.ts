import type { DemandPlan } from './demand-plan.ts'
import type { AgentRecord, TemplateName } from './model.ts'
import type { PlacementPlan } from './placement.ts'
import type { ItemState, TemplateExplanation } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'
import type { Template } from './template.ts'

const DEMAND_STATES: ReadonlySet<ItemState> = new Set([
  'waiting_offer',
  'capped',
  'backed_off',
  'paused',
  'rate_limited',
  'starting',
])

/** Of a template that no round has looked at. */
export function notExplained(template: TemplateName): TemplateExplanation {
  return {
    template,
    demand: 0,
    idleExecutors: 0,
    busyExecutors: 0,
    startingExecutors: 0,
    agents: 0,
    wanted: 0,
    capped: undefined,
    words: 'no round has looked at it yet',
  }
}

/** Demand and supply of each template in figures, and one sentence. */
export function explainTemplates(
  templates: readonly Template[],
  supply: readonly SupplyNode[],
  records: readonly AgentRecord[],
  demand: DemandPlan,
  placement: PlacementPlan,
): readonly TemplateExplanation[] {
  const demandOf = new Map<string, number>()
  for (const { template, state } of placement.items) {
    if (template === undefined || !DEMAND_STATES.has(state)) continue
    demandOf.set(template, (demandOf.get(template) ?? 0) + 1)
  }
  return templates.map((template) => {
    const executors = { idle: 0, busy: 0, starting: 0 }
    for (const node of supply) {
      if (node.template !== template.name) continue
      executors.idle += node.idle
      executors.busy += node.busy
      executors.starting += node.starting
    }
    const agents = records.filter((record) => record.template === template.name && record.state !== 'gone').length
    const wanted = placement.unplaced.get(template.name) ?? 0
    const capped = demand.capped.get(template.name)
    return {
      template: template.name,
      demand: demandOf.get(template.name) ?? 0,
      idleExecutors: executors.idle,
      busyExecutors: executors.busy,
      startingExecutors: executors.starting,
      agents,
      wanted,
      capped,
      words: words(agents, template, executors, wanted),
    }
  })
}

function words(
  agents: number,
  template: Template,
  executors: { readonly idle: number; readonly busy: number; readonly starting: number },
  wanted: number,
): string {
  const { idle, busy, starting } = executors
  const more = wanted > 0 ? `, ${wanted} more wait for an offer` : ''
  return `${agents} of at most ${template.maxAgents} agents; executors: ${busy} busy, ${idle} idle, ${starting} starting${more}`
}
