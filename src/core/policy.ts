import type { Counted } from './adoption.ts'
import type { Caps, Template } from './model.ts'
import { amount, type Resources } from './resources.ts'
import type { CapScope } from './snapshot.ts'

const NOTHING: Resources = {}

/** What counts against the caps: every record that is not `gone`, and what this round adds. */
export class CapLedger {
  readonly #caps: Caps
  readonly #perTemplate = new Map<string, number>()
  #agents = 0
  /** Thousandths that were given in all. */
  #cpus = 0
  #mem = 0

  constructor(caps: Caps, records: readonly Counted[]) {
    this.#caps = caps
    for (const record of records) {
      if (record.state !== 'gone') this.take(record.template, record.resources)
    }
  }

  /** The first cap that one more agent with these resources would break. */
  blocks(template: Template, resources: Resources): CapScope | undefined {
    if ((this.#perTemplate.get(template.name) ?? 0) + 1 > template.maxAgents) return 'template'
    if (this.#agents + 1 > this.#caps.maxAgents) return 'agents'
    return this.blocksGrowth(NOTHING, resources)
  }

  /** As `blocks`, for an agent that this round already counted and that grows. */
  blocksGrowth(from: Resources, to: Resources): CapScope | undefined {
    const { maxCpus, maxMem } = this.#caps
    if (maxCpus !== undefined && this.#cpus + growth('cpus', from, to) > maxCpus) return 'cpus'
    if (maxMem !== undefined && this.#mem + growth('mem', from, to) > maxMem) return 'mem'
    return undefined
  }

  take(template: string, resources: Resources): void {
    this.#perTemplate.set(template, (this.#perTemplate.get(template) ?? 0) + 1)
    this.#agents += 1
    this.grow(NOTHING, resources)
  }

  grow(from: Resources, to: Resources): void {
    this.#cpus += growth('cpus', from, to)
    this.#mem += growth('mem', from, to)
  }
}

function growth(name: 'cpus' | 'mem', from: Resources, to: Resources): number {
  return amount(to, name) - amount(from, name)
}

/** Names the cap, for the person who waits. */
export function showCap(scope: CapScope, template: Template, caps: Caps): string {
  switch (scope) {
    case 'template':
      return `cap: template ${template.name} may have ${template.maxAgents} agents (maxAgents)`
    case 'agents':
      return `cap: ${caps.maxAgents} agents in all (MAX_AGENTS)`
    case 'cpus':
      return `cap: ${(caps.maxCpus ?? 0) / 1000} CPUs in all (MAX_CPUS)`
    case 'mem':
      return `cap: ${(caps.maxMem ?? 0) / 1000} MiB in all (MAX_MEM_MIB)`
  }
}
