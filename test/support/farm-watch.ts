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
  readonly templates: Readonly<Record<string, { readonly maxAgents?: number }>>
}

/** Longest time that an offer may be out: what the program promises. */
const HOLD_MS = 5_000

/** Looks at the world after every tick and writes down what must never be. */
export class FarmWatch {
  readonly violations: string[] = []
  /** The most agents that there were at once, by template. */
  readonly peak = new Map<string, number>()
  /** Offers that are made on a silent subscription are seen by nobody. */
  silent = false
  readonly #farm: WatchedFarm
  readonly #offers = new Map<string, number>()
  readonly #answered = new Set<string>()
  readonly #nodes = new Set<string>()
  readonly #goneNodes = new Set<string>()
  readonly #tasks = new Set<string>()
  #calls = 0
  #launched = 0

  constructor(farm: WatchedFarm) {
    this.#farm = farm
  }

  look(): void {
    this.#caps()
    this.#ids()
    this.#heldOffers()
    this.#answers()
  }

  /** Its log of calls begins anew. */
  newMaster(): void {
    this.#calls = 0
  }

  /** Nodes and tasks of one name are one agent. */
  #caps(): void {
    const { agentNodes, tasks, templates } = this.#farm
    const names = new Set([...agentNodes, ...tasks.map(({ taskId }) => taskId)])
    for (const [template, { maxAgents = 10 }] of Object.entries(templates)) {
      const count = [...names].filter((name) => templateOf(name) === template).length
      this.peak.set(template, Math.max(count, this.peak.get(template) ?? 0))
      if (count > maxAgents) this.#violation(`${count} agents of ${template}, the cap is ${maxAgents}`)
    }
  }

  #ids(): void {
    const { agentNodes, jenkins, launched } = this.#farm
    for (const { info } of launched.slice(this.#launched)) {
      const id = info.task_id.value
      if (this.#tasks.has(id)) this.#violation(`task id ${id} was launched twice`)
      this.#tasks.add(id)
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

function templateOf(name: string): string {
  return /^mesos-(.*)-[^-]+$/.exec(name)?.[1] ?? ''
}
