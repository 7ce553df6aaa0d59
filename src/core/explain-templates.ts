import type { DemandPlan } from './demand-plan.ts'
import type { AgentRecord, TemplateName } from './model.ts'
import type { OrderExplanation } from './orders.ts'
import type { PlacementPlan } from './placement.ts'
import type { ItemState, TemplateExplanation } from './snapshot.ts'
import type { SupplyNode } from './supply.ts'
import type { Template } from './template.ts'

/** Of items that some template is to serve: these are its demand. */
export const DEMAND_STATES = [
  'starting',
  'waiting_offer',
  'capped',
  'backed_off',
  'paused',
  'rate_limited',
] as const satisfies readonly ItemState[]
const IS_DEMAND: ReadonlySet<ItemState> = new Set(DEMAND_STATES)

type Executors = Readonly<Record<'idle' | 'busy' | 'starting', number>>
const NO_EXECUTORS: Executors = { idle: 0, busy: 0, starting: 0 }

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
  orders: readonly OrderExplanation[],
): readonly TemplateExplanation[] {
  const demandOf = new Map<string, number>()
  for (const { template, state } of placement.items) {
    if (template === undefined || !IS_DEMAND.has(state)) continue
    demandOf.set(template, (demandOf.get(template) ?? 0) + 1)
  }
  const executorsOf = sumExecutors(supply)
  const agentsOf = new Map<string, number>()
  for (const { template, state } of records) {
    if (state !== 'gone') agentsOf.set(template, (agentsOf.get(template) ?? 0) + 1)
  }
  return templates.map((template) => {
    const executors = executorsOf.get(template.name) ?? NO_EXECUTORS
    const agents = agentsOf.get(template.name) ?? 0
    const wanted = placement.unplaced.get(template.name) ?? 0
    const capped = demand.capped.get(template.name)
    const ordered = orders.flatMap((order) => (order.template === template.name ? [order.words] : [])).join('; ')
    return {
      template: template.name,
      demand: demandOf.get(template.name) ?? 0,
      idleExecutors: executors.idle,
      busyExecutors: executors.busy,
      startingExecutors: executors.starting,
      agents,
      wanted,
      capped,
      ...(ordered !== '' && { ordered }),
      words: `${words(agents, template, executors, wanted)}${ordered === '' ? '' : `; ${ordered}`}`,
    }
  })
}

function sumExecutors(supply: readonly SupplyNode[]): ReadonlyMap<string, Executors> {
  const sums = new Map<string, { -readonly [K in keyof Executors]: Executors[K] }>()
  for (const { template, idle, busy, starting } of supply) {
    if (template === undefined) continue
    const sum = sums.get(template)
    if (sum === undefined) sums.set(template, { idle, busy, starting })
    else {
      sum.idle += idle
      sum.busy += busy
      sum.starting += starting
    }
  }
  return sums
}

function words(agents: number, template: Template, { idle, busy, starting }: Executors, wanted: number): string {
  const more = wanted > 0 ? `, ${wanted} more wait for an offer` : ''
  return `${agents} of at most ${template.maxAgents} agents; executors: ${busy} busy, ${idle} idle, ${starting} starting${more}`
}
