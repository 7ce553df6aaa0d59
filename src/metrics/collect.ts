import { DEMAND_STATES } from '../core/explain-templates.ts'
import type { Quantiles } from '../core/sizing-advice.ts'
import type { ItemState } from '../core/snapshot.ts'
import type { AgentView, TemplateView, View } from '../loop/view-types.ts'
import type { Metrics } from './definitions.ts'
import { AGENT_STATES } from './recorder.ts'

const ITEM_STATES = [
  'not_demand',
  'served',
  'starting',
  'waiting_offer',
  'capped',
  'backed_off',
  'paused',
  'rate_limited',
  'tied',
  'unserved',
  'vetoed',
  'unreadable',
  'not_understood',
] as const satisfies readonly ItemState[]

const MIB = 1024 * 1024

/** Sets the gauges to what the view says now: called for each scrape. */
export class GaugeWriter {
  readonly #metrics: Metrics
  /** CPU seconds that were counted so far, by agent: a counter only grows. */
  readonly #counted = new Map<string, { readonly template: string; readonly seconds: number }>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  write(view: View): void {
    this.#agents(view)
    this.#metrics.brakeHeld.set(view.brake?.held.length ?? 0)
    this.#metrics.otherJenkins.set(view.health.status === 'other_jenkins' ? 1 : 0)
    this.#queue(view)
    this.#usage(view.agents)
    this.#sizing(view.templates)
    const acts = view.leadership.role === 'leader' && view.health.status !== 'standing_back'
    this.#metrics.leader.set(acts ? 1 : 0)
  }

  #agents(view: View): void {
    const { agents, executors, allocatedCpus, allocatedMem } = this.#metrics
    agents.reset()
    executors.reset()
    allocatedCpus.reset()
    allocatedMem.reset()
    for (const template of view.templates) {
      const name = template.template
      for (const state of AGENT_STATES) agents.set({ template: name, state }, 0)
      executors.set({ template: name, state: 'idle' }, template.idleExecutors)
      executors.set({ template: name, state: 'busy' }, template.busyExecutors)
      executors.set({ template: name, state: 'starting' }, template.startingExecutors)
      allocatedCpus.set({ template: name }, 0)
      allocatedMem.set({ template: name }, 0)
    }
    // Agents of a template that was taken out of the configuration still count.
    const given = new Map<string, { milliCpus: number; memMib: number }>()
    for (const { template, state, cpus, memMib } of view.agents) {
      agents.inc({ template, state })
      if (state === 'planned') continue // nothing was accepted for it yet
      const sum = given.get(template) ?? { milliCpus: 0, memMib: 0 }
      // Thousandths, so that tenths of CPUs add up exactly.
      given.set(template, { milliCpus: sum.milliCpus + Math.round(cpus * 1000), memMib: sum.memMib + memMib })
    }
    for (const [template, { milliCpus, memMib }] of given) {
      allocatedCpus.set({ template }, milliCpus / 1000)
      allocatedMem.set({ template }, memMib * MIB)
    }
  }

  #queue(view: View): void {
    const { queueItems } = this.#metrics
    queueItems.reset()
    for (const state of ITEM_STATES) queueItems.set({ template: 'none', state }, 0)
    for (const { template } of view.templates) {
      for (const state of DEMAND_STATES) queueItems.set({ template, state }, 0)
    }
    for (const item of view.queue) queueItems.inc({ template: item.template ?? 'none', state: item.state })
  }

  /** A template that is gone has none; one that nothing is known of has no `used`, as 0 would say something. */
  #sizing(templates: readonly TemplateView[]): void {
    const { executorCpusAsked, executorCpusUsed, executorMemAsked, executorMemUsed, measuredAgents } = this.#metrics
    for (const metric of [executorCpusAsked, executorCpusUsed, executorMemAsked, executorMemUsed, measuredAgents]) {
      metric.reset()
    }
    for (const { template, sizing } of templates) {
      if (sizing === undefined) continue
      const { cpus, memMib } = sizing
      measuredAgents.set({ template }, Math.max(cpus.measured, memMib.measured))
      executorCpusAsked.set({ template }, cpus.asked)
      executorMemAsked.set({ template }, memMib.asked * MIB)
      for (const [stat, value] of statsOf(cpus.agents)) executorCpusUsed.set({ template, stat }, value)
      for (const [stat, value] of statsOf(memMib.agents)) executorMemUsed.set({ template, stat }, value * MIB)
    }
  }

  #usage(agents: readonly AgentView[]): void {
    const { agentCpu, agentRss, agentMemLimit, agentCpusLimit } = this.#metrics
    const live = new Set<string>(agents.map(({ agentId }) => agentId))
    for (const [agent, { template }] of this.#counted) {
      if (live.has(agent)) continue
      this.#counted.delete(agent)
      for (const metric of [agentCpu, agentRss, agentMemLimit, agentCpusLimit]) metric.remove({ agent, template })
    }
    for (const { agentId, template, usage } of agents) {
      if (usage === undefined) continue
      const labels = { agent: agentId, template }
      const before = this.#counted.get(agentId)?.seconds ?? 0
      const seconds = Math.max(before, usage.cpuSeconds ?? before)
      agentCpu.inc(labels, seconds - before)
      this.#counted.set(agentId, { template, seconds })
      if (usage.memRssBytes !== undefined) agentRss.set(labels, usage.memRssBytes)
      if (usage.memLimitBytes !== undefined) agentMemLimit.set(labels, usage.memLimitBytes)
      if (usage.cpusLimit !== undefined) agentCpusLimit.set(labels, usage.cpusLimit)
    }
  }
}

function statsOf(found: Quantiles | undefined): readonly (readonly [stat: string, value: number])[] {
  return found === undefined ? [] : Object.entries(found)
}
