import { hostAttributes } from './host-attributes.ts'
import type { AgentId, AgentRecord, TemplateName } from './model.ts'
import type { KnownHost } from './offer.ts'

/** How many agents of one template stand at each value of one field. */
export interface Standing {
  readonly agents: number
  /** Of these, agents whose value nobody knows: it may be any. */
  readonly unknown: number
  readonly of: (value: string) => number
  /** Different values that have an agent. */
  readonly values: number
  /** Agents at the value that has fewest, of those that have one. */
  readonly fewest: number
}

/** Where an agent is, or is about to be. */
export interface Whereabouts {
  readonly hostname: string | undefined
  /** With `@region` and `@zone`; `undefined`: not known. */
  readonly attributes: Readonly<Record<string, string>> | undefined
}

/** Where the agents of each template are, counted only for the fields that somebody asks for. */
export class Standings {
  readonly #agents: Map<TemplateName, Whereabouts[]>
  readonly #tallies = new Map<TemplateName, Map<string, Tally>>()

  constructor(agents: Iterable<readonly [TemplateName, Whereabouts]> = []) {
    this.#agents = new Map()
    for (const [template, agent] of agents) this.add(template, agent)
  }

  /** One that goes its own way from here. */
  fork(): Standings {
    const fork = new Standings()
    for (const [template, agents] of this.#agents) fork.#agents.set(template, [...agents])
    return fork
  }

  add(template: TemplateName, agent: Whereabouts): void {
    const agents = this.#agents.get(template)
    if (agents === undefined) this.#agents.set(template, [agent])
    else agents.push(agent)
    for (const tally of this.#tallies.get(template)?.values() ?? []) tally.add(agent)
  }

  of(template: TemplateName, field: string): Standing {
    let tallies = this.#tallies.get(template)
    if (tallies === undefined) {
      tallies = new Map()
      this.#tallies.set(template, tallies)
    }
    const known = tallies.get(field)
    if (known !== undefined) return known
    const tally = new Tally(field)
    for (const agent of this.#agents.get(template) ?? []) tally.add(agent)
    tallies.set(field, tally)
    return tally
  }
}

class Tally implements Standing {
  readonly #field: string
  readonly #counts = new Map<string, number>()
  agents = 0
  unknown = 0
  #fewest: number | undefined

  constructor(field: string) {
    this.#field = field
  }

  add({ hostname, attributes }: Whereabouts): void {
    this.agents += 1
    const isHostname = this.#field === 'hostname' || this.#field === '@hostname'
    const value = isHostname ? hostname : own(attributes, this.#field)
    if (value !== undefined) {
      this.#counts.set(value, this.of(value) + 1)
      this.#fewest = undefined
    }
    // A host that is known not to have the field is at no value.
    else if (isHostname || attributes === undefined) this.unknown += 1
  }

  of(value: string): number {
    return this.#counts.get(value) ?? 0
  }

  get values(): number {
    return this.#counts.size
  }

  get fewest(): number {
    this.#fewest ??= [...this.#counts.values()].reduce((least, count) => Math.min(least, count), Number.MAX_VALUE)
    return this.#fewest
  }
}

function own(attributes: Whereabouts['attributes'], name: string): string | undefined {
  return attributes !== undefined && Object.hasOwn(attributes, name) ? attributes[name] : undefined
}

/**
 * Every agent that exists, unreachable ones too, of the templates that have rules. What the record does not say of its
 * host may be known from an offer of it.
 *
 * @param seeking look for a place themselves
 */
export function standingsOf(
  records: readonly AgentRecord[],
  hosts: readonly KnownHost[],
  ruled: ReadonlySet<TemplateName>,
  seeking: ReadonlySet<AgentId>,
): Standings {
  const standings = new Standings()
  const counted = records.filter(({ template, agentId }) => ruled.has(template) && !seeking.has(agentId))
  if (counted.length === 0) return standings
  const known = new Map(hosts.map((host) => [host.mesosAgentId, host]))
  for (const { template, hostname, mesosAgentId, hostAttributes: told } of counted) {
    // Not launched anywhere yet.
    if (hostname === undefined && mesosAgentId === undefined) continue
    const host = mesosAgentId === undefined ? undefined : known.get(mesosAgentId)
    standings.add(template, {
      hostname: hostname ?? host?.hostname,
      attributes: told ?? (host && hostAttributes(host)),
    })
  }
  return standings
}
