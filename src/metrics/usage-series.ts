import type { Instant } from '../core/model.ts'
import type { AgentView } from '../loop/view-types.ts'
import type { Metrics } from './definitions.ts'

interface Counted {
  readonly template: string
  /** `undefined`: its host has not told yet. */
  readonly seconds: number | undefined
}

/** What agents use, as their hosts told: one set of series for each agent that lives, and sums that outlive them. */
export class UsageSeries {
  readonly #metrics: Metrics
  /** CPU seconds that were counted so far, by agent: a counter only grows. */
  readonly #counted = new Map<string, Counted>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  /** @param since of agents that are older, what they used before their first reading counts for no template here */
  write(agents: readonly AgentView[], since: Instant): void {
    const { agentRss, agentMemLimit, agentCpusLimit, usedMem } = this.#metrics
    this.#forgetAllBut(new Set(agents.map(({ agentId }) => agentId)))
    for (const agent of agents) {
      const { agentId, template, usage } = agent
      if (usage === undefined) continue
      const labels = { agent: agentId, template }
      this.#count(agent, usage.cpuSeconds, since)
      if (usage.memRssBytes !== undefined) {
        agentRss.set(labels, usage.memRssBytes)
        usedMem.inc({ template }, usage.memRssBytes)
      }
      if (usage.memLimitBytes !== undefined) agentMemLimit.set(labels, usage.memLimitBytes)
      if (usage.cpusLimit !== undefined) agentCpusLimit.set(labels, usage.cpusLimit)
    }
  }

  #count({ agentId, template, createdAt }: AgentView, told: number | undefined, since: Instant): void {
    const before = this.#counted.get(agentId)?.seconds
    const seconds = Math.max(before ?? 0, told ?? 0)
    this.#counted.set(agentId, { template, seconds: told === undefined ? before : seconds })
    this.#metrics.agentCpu.inc({ agent: agentId, template }, seconds - (before ?? 0))
    if (told === undefined) return
    const unseen = createdAt < since ? seconds : 0
    this.#metrics.usedCpuSeconds.inc({ template }, seconds - (before ?? unseen))
  }

  #forgetAllBut(live: ReadonlySet<string>): void {
    const { agentCpu, agentRss, agentMemLimit, agentCpusLimit } = this.#metrics
    for (const [agent, { template }] of this.#counted) {
      if (live.has(agent)) continue
      this.#counted.delete(agent)
      for (const metric of [agentCpu, agentRss, agentMemLimit, agentCpusLimit]) metric.remove({ agent, template })
    }
  }
}
