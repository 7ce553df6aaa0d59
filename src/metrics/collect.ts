import { OPENS_AT } from '../core/backoff.ts'
import { DEMAND_STATES } from '../core/explain-templates.ts'
import type { Instant } from '../core/model.ts'
import { isPaused } from '../core/pause.ts'
import type { Quantiles } from '../core/sizing-advice.ts'
import { ITEM_STATES } from '../core/states.ts'
import type { AgentView, TemplateView, View } from '../loop/view-types.ts'
import { type AllocationMeter, hasResources } from './allocation.ts'
import type { Metrics } from './definitions.ts'
import { AGENT_STATES, HEALTH, SCOPES } from './label-values.ts'
import type { TemplateSeries } from './template-series.ts'
import { UsageSeries } from './usage-series.ts'

const MIB = 1024 * 1024
/** Views are a moment old at most. */
const CLOCK_SET_BACK_MS = 60_000
const DEMAND: ReadonlySet<string> = new Set([...DEMAND_STATES, 'unserved'])

export interface GaugeSources {
  readonly metrics: Metrics
  readonly templates: TemplateSeries
  readonly allocation: AllocationMeter
}

/** Sets the gauges to what the view says: called for each scrape. */
export class GaugeWriter {
  readonly #metrics: Metrics
  readonly #templates: TemplateSeries
  readonly #allocation: AllocationMeter
  readonly #usage: UsageSeries
  #lastAt: Instant = 0

  constructor({ metrics, templates, allocation }: GaugeSources) {
    this.#metrics = metrics
    this.#templates = templates
    this.#allocation = allocation
    this.#usage = new UsageSeries(metrics)
  }

  /** A view that is older than the last one changes nothing: what is gone would come back. */
  write(view: View): void {
    const isOlder = view.now < this.#lastAt && this.#lastAt - view.now < CLOCK_SET_BACK_MS
    if (isOlder) return
    this.#lastAt = view.now
    this.#follow(view)
    this.#allocation.look(view)
    this.#self(view)
    this.#systems(view)
    this.#caps(view)
    this.#agents(view)
    this.#queue(view)
    this.#backoff(view.templates, view.now)
    this.#sizing(view.templates)
    this.#usage.write(view.agents, this.#allocation.from)
  }

  /** A template that was taken out of the configuration has series until its last agent is gone. */
  #follow({ templates, agents }: View): void {
    const names = new Set<string>()
    for (const { template } of templates) names.add(template)
    for (const { template } of agents) names.add(template)
    this.#templates.keepOnly(names)
    for (const name of names) this.#templates.touch(name)
  }

  #self(view: View): void {
    const { brake, health, leadership, problems, dryRun } = view
    const { brakeHeld, otherJenkins, leader, standingBack, healthStatus, storeOk, lastRound } = this.#metrics
    brakeHeld.set(brake?.held.length ?? 0)
    otherJenkins.set(flag(health.status === 'other_jenkins'))
    standingBack.set(flag(health.status === 'standing_back'))
    storeOk.set(flag(health.status !== 'store'))
    for (const status of HEALTH) healthStatus.set({ status }, flag(health.status === status))
    leader.set(flag(leadership.role === 'leader' && health.status !== 'standing_back'))
    lastRound.set((view.round.lastAt ?? 0) / 1000)
    this.#metrics.problems.set(problems.length)
    this.#metrics.dryRun.set(flag(dryRun !== undefined))
  }

  #systems({ jenkins, mesos, hosts, now }: View): void {
    this.#metrics.jenkinsReachable.set(flag(jenkins.reachable))
    this.#metrics.offersHeld.set(mesos.offersHeld)
    this.#metrics.wantedRoles.set(mesos.wantedRoles.length)
    this.#metrics.hosts.set(hosts.length)
    this.#metrics.hostsAvoided.set(hosts.filter(({ avoidedUntil }) => (avoidedUntil ?? 0) > now).length)
  }

  #caps({ caps, templates, paused }: View): void {
    const { farmMaxAgents, farmMaxCpus, farmMaxMem, maxAgents, maxCpus, maxMem, minIdle, capped } = this.#metrics
    for (const metric of [farmMaxCpus, farmMaxMem, maxAgents, maxCpus, maxMem, minIdle, capped]) metric.reset()
    farmMaxCpus.remove()
    farmMaxMem.remove()
    farmMaxAgents.set(caps.maxAgents)
    if (caps.maxCpus !== undefined) farmMaxCpus.set(caps.maxCpus)
    if (caps.maxMemMib !== undefined) farmMaxMem.set(caps.maxMemMib * MIB)
    this.#metrics.paused.reset()
    for (const { template, ...view } of templates) {
      maxAgents.set({ template }, view.maxAgents)
      minIdle.set({ template }, view.minIdle)
      if (view.maxCpus !== undefined) maxCpus.set({ template }, view.maxCpus)
      if (view.maxMemMib !== undefined) maxMem.set({ template }, view.maxMemMib * MIB)
      for (const scope of SCOPES) capped.set({ template, scope }, flag(view.capped === scope))
      this.#metrics.paused.set({ template }, flag(view.paused || isPaused(paused, template)))
    }
  }

  #agents(view: View): void {
    const { agents, executors, allocatedCpus, allocatedMem, usedMem, wantedAgents } = this.#metrics
    for (const metric of [agents, executors, allocatedCpus, allocatedMem, usedMem, wantedAgents]) metric.reset()
    for (const template of view.templates) {
      const name = template.template
      for (const state of AGENT_STATES) agents.set({ template: name, state }, 0)
      executors.set({ template: name, state: 'idle' }, template.idleExecutors)
      executors.set({ template: name, state: 'busy' }, template.busyExecutors)
      executors.set({ template: name, state: 'starting' }, template.startingExecutors)
      wantedAgents.set({ template: name }, template.wanted)
      for (const metric of [allocatedCpus, allocatedMem, usedMem]) metric.set({ template: name }, 0)
    }
    // Agents of a template that was taken out of the configuration still count.
    for (const { template, state } of view.agents) agents.inc({ template, state })
    for (const [template, { milliCpus, memMib }] of given(view.agents)) {
      allocatedCpus.set({ template }, milliCpus / 1000)
      allocatedMem.set({ template }, memMib * MIB)
    }
  }

  #queue({ queue, templates, now }: View): void {
    const { queueItems, oldestWait } = this.#metrics
    queueItems.reset()
    oldestWait.reset()
    for (const state of ITEM_STATES) queueItems.set({ template: 'none', state }, 0)
    for (const { template } of templates) {
      for (const state of DEMAND_STATES) queueItems.set({ template, state }, 0)
    }
    const oldest = new Map<string, number>([['none', 0], ...templates.map((one) => [one.template, 0] as const)])
    for (const { template = 'none', state, since } of queue) {
      queueItems.inc({ template, state })
      if (since === undefined || !DEMAND.has(state)) continue
      oldest.set(template, Math.max(oldest.get(template) ?? 0, now - since))
    }
    for (const [template, ms] of oldest) oldestWait.set({ template }, ms / 1000)
  }

  #backoff(templates: readonly TemplateView[], now: Instant): void {
    const { launchFailures, backedOff, breakerOpen } = this.#metrics
    for (const metric of [launchFailures, backedOff, breakerOpen]) metric.reset()
    for (const { template, failures, backedOffUntil } of templates) {
      launchFailures.set({ template }, failures)
      backedOff.set({ template }, flag((backedOffUntil ?? 0) > now))
      breakerOpen.set({ template }, flag(failures >= OPENS_AT))
    }
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
}

/** In thousandths of CPUs, so that tenths add up exactly. */
function given(
  agents: readonly AgentView[],
): ReadonlyMap<string, { readonly milliCpus: number; readonly memMib: number }> {
  const sums = new Map<string, { milliCpus: number; memMib: number }>()
  for (const agent of agents) {
    if (!hasResources(agent)) continue
    const sum = sums.get(agent.template) ?? { milliCpus: 0, memMib: 0 }
    sums.set(agent.template, {
      milliCpus: sum.milliCpus + Math.round(agent.cpus * 1000),
      memMib: sum.memMib + agent.memMib,
    })
  }
  return sums
}

function flag(holds: boolean): 0 | 1 {
  return holds ? 1 : 0
}

function statsOf(found: Quantiles | undefined): readonly (readonly [stat: string, value: number])[] {
  return found === undefined ? [] : Object.entries(found)
}
