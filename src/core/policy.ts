import type { Counted } from './adoption.ts'
import type { CapScope } from './blocked.ts'
import type { Caps } from './model.ts'
import { amount, type Resources } from './resources.ts'
import type { Template } from './template.ts'

const NOTHING: Resources = {}

/** Of one template's agents, or of all. */
interface Sum {
  agents: number
  /** Thousandths that were given. */
  cpus: number
  mem: number
}

/** What counts against the caps: every record that is not `gone`, and what this round adds. */
export class CapLedger {
  readonly #caps: Caps
  readonly #perTemplate = new Map<string, Sum>()
  readonly #all: Sum = { agents: 0, cpus: 0, mem: 0 }

  constructor(caps: Caps, records: readonly Counted[]) {
    this.#caps = caps
    for (const record of records) {
      if (record.state !== 'gone') this.take(record.template, record.resources)
    }
  }

  /** The first cap that one more agent with these resources would break; the template's own come first. */
  blocks(template: Template, resources: Resources): CapScope | undefined {
    if (this.#of(template.name).agents + 1 > template.maxAgents) return 'template'
    const own = this.#blocksOwn(template, NOTHING, resources)
    if (own !== undefined) return own
    if (this.#all.agents + 1 > this.#caps.maxAgents) return 'agents'
    return this.#blocksAll(NOTHING, resources)
  }

  /** As `blocks`, for an agent that this round already counted and that grows. */
  blocksGrowth(template: Template, from: Resources, to: Resources): CapScope | undefined {
    return this.#blocksOwn(template, from, to) ?? this.#blocksAll(from, to)
  }

  /** How much of what this cap counts, agents or thousandths, must go before one more agent with these resources may come. */
  missing(scope: CapScope, template: Template, resources: Resources): number {
    const own = this.#of(template.name)
    switch (scope) {
      case 'template':
        return own.agents + 1 - template.maxAgents
      case 'template_cpus':
        return own.cpus + amount(resources, 'cpus') - (template.maxCpus ?? 0)
      case 'template_mem':
        return own.mem + amount(resources, 'mem') - (template.maxMem ?? 0)
      case 'agents':
        return this.#all.agents + 1 - this.#caps.maxAgents
      case 'cpus':
        return this.#all.cpus + amount(resources, 'cpus') - (this.#caps.maxCpus ?? 0)
      case 'mem':
        return this.#all.mem + amount(resources, 'mem') - (this.#caps.maxMem ?? 0)
    }
  }

  #blocksOwn({ name, maxCpus, maxMem }: Template, from: Resources, to: Resources): CapScope | undefined {
    if (maxCpus === undefined && maxMem === undefined) return undefined
    const { cpus, mem } = this.#of(name)
    if (isOver(cpus + growth('cpus', from, to), maxCpus)) return 'template_cpus'
    return isOver(mem + growth('mem', from, to), maxMem) ? 'template_mem' : undefined
  }

  #blocksAll(from: Resources, to: Resources): CapScope | undefined {
    const { maxCpus, maxMem } = this.#caps
    if (isOver(this.#all.cpus + growth('cpus', from, to), maxCpus)) return 'cpus'
    return isOver(this.#all.mem + growth('mem', from, to), maxMem) ? 'mem' : undefined
  }

  take(template: string, resources: Resources): void {
    this.#of(template).agents += 1
    this.#all.agents += 1
    this.grow(template, NOTHING, resources)
  }

  grow(template: string, from: Resources, to: Resources): void {
    const cpus = growth('cpus', from, to)
    const mem = growth('mem', from, to)
    for (const sum of [this.#of(template), this.#all]) {
      sum.cpus += cpus
      sum.mem += mem
    }
  }

  #of(template: string): Sum {
    let sum = this.#perTemplate.get(template)
    if (sum === undefined) {
      sum = { agents: 0, cpus: 0, mem: 0 }
      this.#perTemplate.set(template, sum)
    }
    return sum
  }
}

function isOver(sum: number, cap: number | undefined): boolean {
  return cap !== undefined && sum > cap
}

function growth(name: 'cpus' | 'mem', from: Resources, to: Resources): number {
  return amount(to, name) - amount(from, name)
}

/** Caps that all templates share: there an idle agent of one may make room for another. */
export function isShared(scope: CapScope): boolean {
  return scope === 'agents' || scope === 'cpus' || scope === 'mem'
}

/** Names the cap, for the person who waits. */
export function showCap(scope: CapScope, template: Template, caps: Caps): string {
  switch (scope) {
    case 'template':
      return `cap: template ${template.name} may have ${agents(template.maxAgents)} (maxAgents)`
    case 'template_cpus':
      return `cap: agents of template ${template.name} may have ${(template.maxCpus ?? 0) / 1000} CPUs (maxCpus)`
    case 'template_mem':
      return `cap: agents of template ${template.name} may have ${(template.maxMem ?? 0) / 1000} MiB (maxMemMib)`
    case 'agents':
      return `cap: ${agents(caps.maxAgents)} in all (MAX_AGENTS)`
    case 'cpus':
      return `cap: ${(caps.maxCpus ?? 0) / 1000} CPUs in all (MAX_CPUS)`
    case 'mem':
      return `cap: ${(caps.maxMem ?? 0) / 1000} MiB in all (MAX_MEM_MIB)`
  }
}

function agents(most: number): string {
  return most === 1 ? '1 agent' : `${most} agents`
}
