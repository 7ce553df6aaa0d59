import type { Instant } from '../core/model.ts'
import type { AgentView, View } from '../loop/view-types.ts'

export interface Share {
  readonly template: string
  readonly cpus: number
  readonly memBytes: number
}

interface Metered extends Share {
  /** It is counted until then. */
  readonly until: Instant
}

const MIB = 1024 * 1024

/**
 * What agents were given, times the time that they had it. Each is counted from its launch to its end, not from scrape
 * to scrape: short lives between two scrapes count in full. Agents that were there before are counted from the time on
 * at which this instance began to lead: the one before has counted the rest.
 */
export class AllocationMeter {
  readonly #add: (share: Share, seconds: number) => void
  readonly #metered = new Map<string, Metered>()
  /** A view that was made before an agent's end shows it once more. */
  readonly #ended = new Map<string, Instant>()
  #from: Instant

  constructor(now: Instant, add: (share: Share, seconds: number) => void) {
    this.#from = now
    this.#add = add
  }

  /** Agents that were made before are another instance's, or another life's. */
  get from(): Instant {
    return this.#from
  }

  begin(agentId: string, share: Share, now: Instant): void {
    this.#metered.set(agentId, { ...share, until: now })
  }

  end(agentId: string, now: Instant): void {
    this.#ended.set(agentId, now)
    this.#count(agentId, now)
    this.#metered.delete(agentId)
  }

  /** Counts up to the moment of the view. */
  look({ agents, now }: Pick<View, 'agents' | 'now'>): void {
    for (const [agentId, at] of this.#ended) if (at < now) this.#ended.delete(agentId)
    const live = new Set<string>()
    for (const agent of agents) {
      if (!hasResources(agent) || this.#ended.has(agent.agentId)) continue
      live.add(agent.agentId)
      if (!this.#metered.has(agent.agentId)) {
        this.begin(agent.agentId, shareOf(agent), Math.min(now, Math.max(this.#from, agent.createdAt)))
      }
      this.#count(agent.agentId, now)
    }
    for (const [agentId, { until }] of this.#metered)
      if (!live.has(agentId) && until < now) this.#metered.delete(agentId)
  }

  /** This instance came to lead, or ceased to: others count from now on. */
  restart(now: Instant): void {
    for (const agentId of this.#metered.keys()) this.end(agentId, now)
    this.#from = now
  }

  #count(agentId: string, now: Instant): void {
    const metered = this.#metered.get(agentId)
    if (metered === undefined || metered.until === now) return
    this.#metered.set(agentId, { ...metered, until: now })
    if (now > metered.until) this.#add(metered, (now - metered.until) / 1000)
  }
}

/** Nothing was accepted for one that is planned. */
export function hasResources({ state }: Pick<AgentView, 'state'>): boolean {
  return state !== 'planned'
}

export function shareOf({ template, cpus, memMib }: Pick<AgentView, 'template' | 'cpus' | 'memMib'>): Share {
  return { template, cpus, memBytes: memMib * MIB }
}
