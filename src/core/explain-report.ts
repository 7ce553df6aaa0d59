import { isBackedOff, showFailures } from './backoff.ts'
import type { CapScope } from './blocked.ts'
import { explainAgent } from './explain-agents.ts'
import { explainWish, type Gate, wishKey } from './explain-candidates.ts'
import { explainFit, explainHosts } from './explain-fit.ts'
import { type SeenHost, seenHosts } from './explain-hosts.ts'
import { type IdleFacts, idleFacts } from './explain-idle.ts'
import { notExplained } from './explain-templates.ts'
import type {
  AgentExplanation,
  CapUse,
  ItemDetails,
  ItemReport,
  Standing,
  TemplateRefusals,
  TemplateReport,
  WishExplanation,
} from './explain-types.ts'
import type { JenkinsReading } from './jenkins-reading.ts'
import { matchContext } from './match-context.ts'
import type { AgentRecord, Instant, TemplateName } from './model.ts'
import { strandedAgents } from './moved.ts'
import { stopOf } from './pause.ts'
import { isShared, showCap } from './policy.ts'
import { isQuietingDown } from './quieting-down.ts'
import { amount, fromMilli } from './resources.ts'
import type { ItemExplanation, Plan, Snapshot } from './snapshot.ts'
import type { MatchContext } from './stages.ts'
import type { Template } from './template.ts'

/** What is explained: one look at the world, and what was decided on it. */
export interface ExplainInput {
  readonly snapshot: Snapshot
  readonly plan: Plan
  /** As they are now. */
  readonly records: readonly AgentRecord[]
  /** The last look at Jenkins that worked. */
  readonly reading: JenkinsReading | undefined
  readonly now: Instant
}

export interface ExplainReport {
  /** Items that there are. */
  readonly total: number
  readonly items: readonly ItemReport[]
  /** What items that ask for the same have in common, by `asks` of these. */
  readonly wishes: Readonly<Record<string, WishExplanation>>
  readonly templates: readonly TemplateReport[]
  readonly agents: readonly AgentExplanation[]
}

/**
 * Answers questions about one round. Nothing is worked out before somebody asks, and what items share is worked out
 * once: there may be ten thousand of them.
 */
export class Explainer {
  readonly #input: ExplainInput
  readonly #templates: ReadonlyMap<string, Template>
  readonly #records: ReadonlyMap<string, AgentRecord>
  readonly #wishes = new Map<string, WishExplanation>()
  readonly #hosts = new Map<string, readonly SeenHost[]>()
  readonly #reports = new Map<string, TemplateReport>()
  readonly #gates = new Map<string, Gate | undefined>()
  readonly #uses = new Map<string, CapUse>()
  readonly #contexts = new Map<string, MatchContext>()
  #allAgents: readonly AgentExplanation[] | undefined
  #idleFacts: IdleFacts | undefined
  #takings: ReadonlyMap<string, readonly string[]> | undefined

  constructor(input: ExplainInput) {
    this.#input = input
    this.#templates = new Map(input.snapshot.templates.map((template) => [template.name, template]))
    this.#records = new Map(input.records.map((record) => [record.agentId, record]))
  }

  get templateNames(): readonly string[] {
    return [...this.#templates.keys()]
  }

  /** Everything. @param page of the items [all] */
  report(page: { readonly offset: number; readonly limit: number } = { offset: 0, limit: Infinity }): ExplainReport {
    const { plan, snapshot } = this.#input
    const all = plan.explanation.items
    const items = all.slice(page.offset, page.offset + page.limit).map((item) => this.#item(item))
    const asked = new Set(items.map(({ asks }) => asks))
    return {
      total: all.length,
      items,
      wishes: Object.fromEntries([...this.#wishes].filter(([key]) => asked.has(key))),
      templates: snapshot.templates.flatMap(({ name }) => this.template(name) ?? []),
      agents: this.agents,
    }
  }

  /** Every one that there is. */
  get agents(): readonly AgentExplanation[] {
    this.#allAgents ??= this.#agents(this.#input.records)
    return this.#allAgents
  }

  item(id: string): ItemDetails | undefined {
    const found = this.#input.plan.explanation.items.find(({ itemId }) => itemId === id)
    return found && this.#details(found)
  }

  /** All that wait of a job. */
  job(name: string, most: number): { readonly items: readonly ItemDetails[]; readonly more: number } {
    const found = this.#input.plan.explanation.items.filter(({ job }) => job === name)
    return { items: found.slice(0, most).map((item) => this.#details(item)), more: Math.max(0, found.length - most) }
  }

  template(name: string): TemplateReport | undefined {
    const before = this.#reports.get(name)
    if (before !== undefined) return before
    const template = this.#templates.get(name)
    if (template === undefined) return undefined
    const { plan } = this.#input
    const told = plan.explanation.templates.find((one) => one.template === name) ?? notExplained(template.name)
    const report = explainFit(template, told, this.#hostsOf(template.role), this.#contextOf(template))
    this.#reports.set(name, report)
    return report
  }

  /** Why these hosts take no further agent of each template; a template that one would take is left out there. */
  refusalsOn(hostnames: ReadonlySet<string>): ReadonlyMap<string, readonly TemplateRefusals[]> {
    const found = new Map([...hostnames].map((name): [string, TemplateRefusals[]] => [name, []]))
    for (const template of this.#templates.values()) {
      const hosts = this.#hostsOf(template.role).filter(({ now }) => hostnames.has(now.hostname))
      const told = explainHosts(template, hosts, this.#contextOf(template))
      for (const [hostname, refusals] of found) {
        const words = told.get(hostname) ?? [`${hostname} has offered nothing to role ${template.role} yet`]
        if (words.length > 0) refusals.push({ template: template.name, words })
      }
    }
    return found
  }

  #contextOf(template: Template): MatchContext {
    const before = this.#contexts.get(template.name)
    if (before !== undefined) return before
    const context = this.#makeContext(template)
    this.#contexts.set(template.name, context)
    return context
  }

  /** Of its rules those count that its agents have. */
  #makeContext({ name, constraints }: Template): MatchContext {
    const { plan, snapshot, records, now } = this.#input
    // Hosts that this very round keeps count.
    const kept = { ...snapshot, memory: { ...snapshot.memory, waitings: plan.memory.waitings } }
    return matchContext(kept, records, new Set(constraints.length > 0 ? [name] : []), new Set(), now)
  }

  agent(id: string): AgentExplanation | undefined {
    const record = this.#records.get(id)
    return record && this.#agents([record])[0]
  }

  #details(item: ItemExplanation): ItemDetails {
    const report = this.#item(item)
    const waits = item.state === 'waiting_offer' && item.template !== undefined
    return {
      ...report,
      candidates: report.asks === undefined ? undefined : this.#wishes.get(report.asks),
      hosts: waits ? this.template(item.template)?.hosts : undefined,
    }
  }

  #item(item: ItemExplanation): ItemReport {
    const asked = this.#input.plan.explanation.candidates.get(item.itemId) ?? []
    const asks = wishKey(item, asked)
    if (asks !== undefined && !this.#wishes.has(asks)) {
      const { templates } = this.#input.snapshot
      this.#wishes.set(
        asks,
        explainWish(item, asked, templates, (name) => this.#gateOf(name)),
      )
    }
    const standing = this.#standing(item)
    return { ...item, words: sentence(item, standing, this.#input.now), standing, asks }
  }

  #standing({ state, template, node, hostname }: ItemExplanation): Standing {
    const record = node === undefined ? undefined : this.#records.get(node)
    const starting = state === 'starting' && record !== undefined
    const backoff = template === undefined ? undefined : this.#input.snapshot.memory.backoff[template]
    return {
      cap: state === 'capped' && template !== undefined ? this.#capOf(template) : undefined,
      until: state === 'backed_off' ? backoff?.until : undefined,
      agent: starting
        ? {
            agentId: record.agentId,
            state: record.state,
            since: record.launchedAt ?? record.since,
            hostname: record.hostname ?? hostname,
          }
        : undefined,
      node,
    }
  }

  #capOf(name: TemplateName): CapUse | undefined {
    const scope = this.#input.plan.explanation.templates.find(({ template }) => template === name)?.capped
    if (scope === undefined) return undefined
    const key = isShared(scope) ? scope : `${scope} ${name}`
    const before = this.#uses.get(key)
    if (before !== undefined) return before
    const use = this.#useOf(scope, name)
    this.#uses.set(key, use)
    return use
  }

  #useOf(scope: CapScope, name: TemplateName): CapUse {
    const { records, snapshot } = this.#input
    const { caps } = snapshot
    const template = this.#templates.get(name)
    const own = records.filter((record) => record.template === name)
    const sum = (what: 'cpus' | 'mem', of: readonly AgentRecord[]): number =>
      fromMilli(of.reduce((total, { resources }) => total + amount(resources, what), 0))
    switch (scope) {
      case 'template':
        return { scope, used: own.length, limit: template?.maxAgents ?? 0 }
      case 'template_cpus':
        return { scope, used: sum('cpus', own), limit: fromMilli(template?.maxCpus ?? 0) }
      case 'template_mem':
        return { scope, used: sum('mem', own), limit: fromMilli(template?.maxMem ?? 0) }
      case 'agents':
        return { scope, used: records.length, limit: caps.maxAgents }
      case 'cpus':
        return { scope, used: sum('cpus', records), limit: fromMilli(caps.maxCpus ?? 0) }
      case 'mem':
        return { scope, used: sum('mem', records), limit: fromMilli(caps.maxMem ?? 0) }
    }
  }

  #gateOf(name: TemplateName): Gate | undefined {
    if (!this.#gates.has(name)) this.#gates.set(name, this.#findGate(name))
    return this.#gates.get(name)
  }

  /** What stood in the way of a template at the end of the round. */
  #findGate(name: TemplateName): Gate | undefined {
    const { snapshot, plan, now, reading } = this.#input
    const template = this.#templates.get(name)
    if (template === undefined) return undefined
    const stopped = stopOf(snapshot.paused, reading !== undefined && isQuietingDown(reading))(name)
    if (stopped !== undefined) return { outcome: 'paused', words: stopped }
    const backoff = snapshot.memory.backoff[name]
    if (backoff !== undefined && isBackedOff(backoff, now)) {
      return { outcome: 'backed_off', words: showFailures(backoff, `template ${name}`, now) }
    }
    const capped = plan.explanation.templates.find((one) => one.template === name)?.capped
    if (capped !== undefined) return { outcome: 'capped', words: showCap(capped, template, snapshot.caps) }
    return undefined
  }

  #hostsOf(role: string): readonly SeenHost[] {
    const before = this.#hosts.get(role)
    if (before !== undefined) return before
    const hosts = seenHosts(this.#input.snapshot, this.#input.records, role)
    this.#hosts.set(role, hosts)
    return hosts
  }

  #agents(records: readonly AgentRecord[]): readonly AgentExplanation[] {
    const { reading, snapshot, now } = this.#input
    const nodes = new Map((reading?.nodes ?? []).map((node) => [node.name, node]))
    const { addresses } = snapshot
    const context = {
      templates: this.#templates,
      nodes,
      addresses,
      stranded: strandedAgents(records, nodes, addresses),
      windows: snapshot.windows,
      taken: this.#taken,
      idle: this.#idle,
      now,
    }
    return records.map((record) => explainAgent(record, context))
  }

  /** What keeps idle agents. */
  get #idle(): IdleFacts {
    this.#idleFacts ??= this.#findIdle()
    return this.#idleFacts
  }

  #findIdle(): IdleFacts {
    const { records, reading, plan, now } = this.#input
    if (reading === undefined) return { warm: new Map(), coolUntil: new Map() }
    const nominated = new Map([...this.#taken].map(([node, jobs]) => [node, jobs.length]))
    const { peaks } = plan.memory
    return idleFacts({ records, reading, templates: this.#templates, nominated, peaks, now })
  }

  /** Jobs that idle nodes are about to take. */
  get #taken(): ReadonlyMap<string, readonly string[]> {
    this.#takings ??= this.#findTaken()
    return this.#takings
  }

  #findTaken(): ReadonlyMap<string, readonly string[]> {
    const taken = new Map<string, string[]>()
    for (const { state, node, job } of this.#input.plan.explanation.items) {
      if (state !== 'served' || node === undefined) continue
      const before = taken.get(node)
      if (before === undefined) taken.set(node, [job])
      else before.push(job)
    }
    return taken
  }
}

/** The plan says it, but for what changes by itself until somebody asks. */
function sentence(item: ItemExplanation, { agent, cap }: Standing, now: Instant): string {
  if (agent !== undefined) {
    const where = agent.hostname === undefined ? '' : ` on ${agent.hostname}`
    return `${item.words}${where}, since ${seconds(now - agent.since)}`
  }
  if (cap === undefined) return item.words
  // Builds before this one, and warm pools, may have what is left.
  const rest = cap.used < cap.limit ? ', and what is left is too little or spoken for' : ''
  return `${item.words}; ${cap.used} of ${cap.limit} are in use${rest}`
}

function seconds(ms: number): string {
  return `${Math.max(0, Math.ceil(ms / 1000))} s`
}
