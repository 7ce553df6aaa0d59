import type { Caps } from '../core/model.ts'
import type { NamedTemplate } from './templates.ts'

/** What holds between templates. Those of equal labels and priority are fine: the planner's rule decides. */
export function checkFleet(templates: readonly NamedTemplate[], caps: Caps): void {
  const defaults = templates.filter(({ template }) => template.isDefault)
  for (const { template, tell } of defaults) {
    const path = ['defaultTemplate']
    if (template.mode !== 'NORMAL') tell.mistake(path, 'needs mode NORMAL: jobs without a label go there')
    const others = defaults.filter((other) => other.template !== template).map(({ name }) => name)
    if (others.length > 0) tell.mistake(path, `is true in ${others.join(', ')}, too: one template at most may say so`)
  }
  const pools = templates.map(({ template: { minIdle, maxAgents, executors } }) =>
    Math.min(maxAgents, Math.ceil(minIdle / executors.max)),
  )
  const agents = pools.reduce((sum, each) => sum + each, 0)
  const last = templates.findLast(({ template }) => template.minIdle > 0)
  if (agents > caps.maxAgents) {
    last?.tell.warn(
      ['minIdle'],
      `all templates together keep ${agents} agents idle, more than MAX_AGENTS, ${caps.maxAgents}`,
    )
  }
}
