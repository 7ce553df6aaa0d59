import type { AgentRecord } from '../../src/core/model.ts'
import { plus, type Resources, toMilli } from '../../src/core/resources.ts'
import type { EmbeddedJenkins } from '../../src/embedded/jenkins/embedded-jenkins.ts'
import type { EmbeddedMesos } from '../../src/embedded/mesos/embedded-mesos.ts'
import type { RunnableTask } from '../../src/embedded/mesos/runner.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What is watched. */
export interface WatchedFarm {
  readonly virtual: VirtualClock
  readonly mesos: EmbeddedMesos
  readonly jenkins: EmbeddedJenkins
  /** Names of nodes that are agents' in Jenkins now. */
  readonly agentNodes: readonly string[]
  /** What Mesos runs now. */
  readonly tasks: readonly { readonly taskId: string }[]
  /** Every task that was ever launched. */
  readonly launched: readonly RunnableTask[]
  /** What the store holds now. */
  readonly records: readonly AgentRecord[]
  readonly templates: Readonly<Record<string, { readonly maxAgents?: number }>>
  /** The total caps that are to hold stand in here. */
  readonly environment: Readonly<Record<string, string>>
}

/** Longest time that an offer may be out: what the program promises. */
const HOLD_MS = 5_000

/** Looks at the world after every tick and writes down what must never be. */
export class FarmWatch {
  readonly violations: string[] = []
  /** The most agents that there were at once, by template. */
  readonly peak = new Map<string, number>()
  /** The most that all agents had at once, in thousandths; `agents` in whole ones. Counted where a total cap is set. */
  readonly peakInAll = new Map<string, number>()
  /** Offers that are made on a silent subscription are seen by nobody. */
  silent = false
  readonly #farm: WatchedFarm
  readonly #offers = new Map<string, number>()
  readonly #answered = new Set<string>()
  readonly #nodes = new Set<string>()
  readonly #goneNodes = new Set<string>()
  readonly #tasks = new Set<string>()
  /** What each task was launched with. */
  readonly #given = new Map<string, Resources>()
  readonly #totalCaps: readonly TotalCap[]
  #calls = 0
  #launched = 0

  constructor(farm: WatchedFarm) {
    this.#farm = farm
    this.#totalCaps = totalCaps(farm.environment)
  }

  look(): void {
    this.#ids()
    this.#caps()
    this.#heldOffers()
    this.#answers()
  }

  /** Its log of calls begins anew. */
  newMaster(): void {
    this.#calls = 0
  }

  /** Node, task and record of one name are one agent. */
  #caps(): void {
    const { agentNodes, tasks, templates } = this.#farm
    const records = this.#farm.records.filter(({ state }) => state !== 'gone')
    const names = new Set([
      ...agentNodes,
      ...tasks.map(({ taskId }) => taskId),
      ...records.map(({ agentId }) => agentId),
    ])
    if (this.#totalCaps.length > 0) this.#total(names, records)
    for (const [template, { maxAgents = 10 }] of Object.entries(templates)) {
      const count = [...names].filter((name) => templateOf(name) === template).length
      this.peak.set(template, Math.max(count, this.peak.get(template) ?? 0))
      if (count > maxAgents) this.#violation(`${count} agents of ${template}, the cap is ${maxAgents}`)
    }
  }

  #total(names: ReadonlySet<string>, records: readonly AgentRecord[]): void {
    const planned = new Map<string, Resources>(records.map(({ agentId, resources }) => [agentId, resources]))
    const given = [...names].map((name) => this.#given.get(name) ?? planned.get(name) ?? {})
    const total: Resources = { ...given.reduce(plus, {}), agents: names.size }
    for (const { variable, name, most } of this.#totalCaps) {
      const count = total[name] ?? 0
      this.peakInAll.set(name, Math.max(count, this.peakInAll.get(name) ?? 0))
      if (count > most) this.#violation(`${count} of ${name} in all, ${variable} allows ${most}`)
    }
  }

  #ids(): void {
    const { agentNodes, jenkins, launched } = this.#farm
    for (const { info } of launched.slice(this.#launched)) {
      const id = info.task_id.value
      if (this.#tasks.has(id)) this.#violation(`task id ${id} was launched twice`)
      this.#tasks.add(id)
      this.#given.set(
        id,
        Object.fromEntries(info.resources.map(({ name, scalar }) => [name, toMilli(scalar?.value ?? 0)])),
      )
    }
    this.#launched = launched.length
    if (jenkins.phase !== 'ready') return
    const now = new Set(agentNodes)
    for (const name of this.#nodes) if (!now.has(name)) this.#goneNodes.add(name)
    this.#nodes.clear()
    for (const name of now) {
      this.#nodes.add(name)
      if (this.#goneNodes.has(name)) this.#violation(`node ${name} was made again`)
    }
  }

  #heldOffers(): void {
    const now = this.#farm.virtual.now()
    const out = new Set(this.#farm.mesos.snapshot().offers.map(({ id }) => id))
    for (const id of this.#offers.keys()) if (!out.has(id)) this.#offers.delete(id)
    for (const id of out) {
      const since = this.#offers.get(id) ?? now
      this.#offers.set(id, since)
      if (!this.silent && now - since > HOLD_MS) this.#violation(`offer ${id} is held for ${now - since} ms`)
    }
  }

  #answers(): void {
    const { calls } = this.#farm.mesos
    // The log of calls keeps the last thousand.
    for (const call of calls.slice(this.#calls)) this.#answer(call.call)
    this.#calls = calls.length
    if (calls.length >= 1_000) this.#violation('more calls than the watch can follow')
  }

  #answer({ accept, decline }: Answer): void {
    for (const { value } of [...(accept?.offer_ids ?? []), ...(decline?.offer_ids ?? [])]) {
      if (this.#answered.has(value)) this.#violation(`offer ${value} was answered twice`)
      this.#answered.add(value)
    }
  }

  #violation(words: string): void {
    if (this.violations.length < 20)
      this.violations.push(`${new Date(this.#farm.virtual.now()).toISOString()} ${words}`)
  }
}

/** A call, as far as it answers offers. */
interface Answer {
  readonly accept?: { readonly offer_ids?: readonly { readonly value: string }[] }
  readonly decline?: { readonly offer_ids?: readonly { readonly value: string }[] }
}

/** A cap over all templates. */
interface TotalCap {
  readonly variable: string
  readonly name: string
  /** In thousandths; of agents, in whole ones. */
  readonly most: number
}

function totalCaps(environment: Readonly<Record<string, string>>): readonly TotalCap[] {
  const cap = (variable: string, name: string, factor: number): readonly TotalCap[] => {
    const most = environment[variable]
    return most === undefined ? [] : [{ variable, name, most: Math.round(Number(most) * factor) }]
  }
  return [...cap('MAX_AGENTS', 'agents', 1), ...cap('MAX_CPUS', 'cpus', 1000), ...cap('MAX_MEM_MIB', 'mem', 1000)]
}

function templateOf(name: string): string {
  return /^mesos-(.*)-[^-]+$/.exec(name)?.[1] ?? ''
}
