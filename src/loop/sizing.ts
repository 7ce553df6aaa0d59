import type { Clock } from '../core/clock.ts'
import { weekOf } from '../core/histogram.ts'
import type { AgentId, AgentRecord, TemplateName } from '../core/model.ts'
import {
  add,
  emptySizing,
  isDayOver,
  MOST_OPEN,
  type OpenAgent,
  openOf,
  outdated,
  peaksOf,
  resume,
  type TemplateSizing,
} from '../core/sizing.ts'
import { type SizingView, viewSizing } from '../core/sizing-advice.ts'
import { begin, follow, type Track } from '../core/sizing-track.ts'
import type { Template } from '../core/template.ts'
import type { AgentUsage } from './ports.ts'
import type { World } from './world.ts'

export interface SizingOptions {
  readonly world: World
  readonly clock: Clock
  readonly templates: () => readonly Template[]
}

/** Into the store, with whatever a round stores next. */
const EVERY_MS = 5 * 60_000
/** Where an agent has ended meanwhile. */
const AFTER_END_MS = 60_000

interface Followed {
  readonly template: TemplateName
  track: Track
}

/** A view, and what it was made of: values that never change. */
interface Viewed {
  readonly sizing: TemplateSizing | undefined
  readonly template: Template
  /** By it the past counts less. */
  readonly week: number
  readonly view: SizingView
}

/** What one reading brings to a template. */
class Batch {
  readonly cpus = { samples: new Array<number>(), agents: new Array<number>() }
  readonly memMib = { samples: new Array<number>(), agents: new Array<number>() }

  sample(cpus: number | undefined, memMib: number | undefined, executors: number): void {
    if (cpus !== undefined) this.cpus.samples.push(cpus / executors)
    if (memMib !== undefined) this.memMib.samples.push(memMib / executors)
  }

  agent({ cpus, memMib }: Pick<OpenAgent, 'cpus' | 'memMib'>): void {
    if (cpus !== undefined) this.cpus.agents.push(cpus)
    if (memMib !== undefined) this.memMib.agents.push(memMib)
  }

  get isEmpty(): boolean {
    return [this.cpus, this.memMib].every(({ samples, agents }) => samples.length + agents.length === 0)
  }
}

/**
 * Learns from each reading of usage what agents of each template need. It hands what it knows to the world now and
 * then, which stores it with its next save: nothing waits for it, and a crash loses the last minutes.
 */
export class Sizing {
  readonly #options: SizingOptions
  readonly #sizings = new Map<TemplateName, TemplateSizing>()
  readonly #followed = new Map<AgentId, Followed>()
  readonly #changed = new Set<TemplateName>()
  readonly #viewed = new Map<TemplateName, Viewed>()
  #handedAt: number
  #hasEnded = false

  constructor(options: SizingOptions) {
    this.#options = options
    this.#handedAt = options.clock.monotonic()
  }

  /** Once the world is loaded. */
  begin(): void {
    const { world, clock } = this.#options
    for (const [template, sizing] of world.sizings) {
      this.#sizings.set(template, sizing)
      for (const open of sizing.open) {
        this.#followed.set(open.agentId, { template, track: resume(open, clock.now()) })
      }
    }
  }

  /** @param read what hosts told now: those that are silent are missing in it */
  look(read: readonly AgentUsage[]): void {
    const { world, clock } = this.#options
    const now = clock.now()
    const batches = new Map<TemplateName, Batch>()
    const batch = (template: TemplateName): Batch => {
      const made = batches.get(template) ?? new Batch()
      batches.set(template, made)
      return made
    }
    for (const usage of read) {
      const record = world.get(usage.agentId)
      if (record !== undefined && !record.taskEnded) this.#follow(usage, record, batch(record.template), now)
    }
    for (const [agentId, { template, track }] of this.#followed) {
      if (world.get(agentId)?.taskEnded === false) continue
      this.#followed.delete(agentId)
      this.#hasEnded = true
      batch(template).agent(peaksOf(track))
      this.#changed.add(template) // it is not open any more
    }
    for (const [template, values] of batches) {
      if (values.isEmpty) continue
      const before = this.#sizings.get(template) ?? emptySizing(now)
      this.#sizings.set(template, add(before, values.cpus, values.memMib, now))
      this.#changed.add(template)
    }
    this.#handWhenDue()
  }

  /** Hands over all that is known, for the last save. */
  hand(): void {
    const { world, clock, templates } = this.#options
    const configured = new Set<string>(templates().map(({ name }) => name))
    for (const template of outdated(this.#sizings, configured, clock.now())) {
      this.#sizings.delete(template)
      this.#changed.delete(template)
      world.putSizing(template, undefined)
    }
    const open = this.#open()
    for (const template of this.#changed) {
      const sizing = this.#sizings.get(template)
      if (sizing !== undefined) world.putSizing(template, { ...sizing, open: open.get(template) ?? [] })
    }
    this.#changed.clear()
    this.#hasEnded = false
    this.#handedAt = clock.monotonic()
  }

  /** Worked out anew only where something changed: pages ask for it far more often than hosts tell something. */
  view(template: Template): SizingView {
    const now = this.#options.clock.now()
    const sizing = this.#sizings.get(template.name)
    const week = weekOf(now)
    const known = this.#viewed.get(template.name)
    if (known?.sizing === sizing && known?.template === template && known.week === week) return known.view
    const view = viewSizing(sizing ?? emptySizing(now), template, now)
    this.#viewed.set(template.name, { sizing, template, week, view })
    return view
  }

  #follow(usage: AgentUsage, record: AgentRecord, batch: Batch, now: number): void {
    const before = this.#followed.get(record.agentId)
    const { track, cpus, memMib } = follow(before?.track ?? begin(record, now), usage, record, now)
    batch.sample(cpus, memMib, track.executors)
    const isOver = isDayOver(track, now)
    if (isOver) batch.agent(peaksOf(track))
    const next = isOver ? { ...begin(record, now), last: track.last } : track
    if (before === undefined) this.#followed.set(record.agentId, { template: record.template, track: next })
    else before.track = next
  }

  #handWhenDue(): void {
    if (this.#changed.size === 0) return
    const since = this.#options.clock.monotonic() - this.#handedAt
    if (since >= (this.#hasEnded ? AFTER_END_MS : EVERY_MS)) this.hand()
  }

  /** Those that have anything to be counted with. */
  #open(): ReadonlyMap<TemplateName, readonly OpenAgent[]> {
    const found = new Map<TemplateName, OpenAgent[]>()
    for (const [agentId, { template, track }] of this.#followed) {
      const open = openOf(agentId, track)
      const list = found.get(template) ?? []
      found.set(template, list)
      if (list.length < MOST_OPEN && (open.cpus ?? open.memMib) !== undefined) list.push(open)
    }
    return found
  }
}
