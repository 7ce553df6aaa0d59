import { countOf, quantile, weekOf } from './histogram.ts'
import type { Instant } from './model.ts'
import type { Measured, TemplateSizing } from './sizing.ts'
import { resourcesOf, type Template } from './template.ts'

/** What one executor of a template asked for and used, its share of the agent included. */
export interface SizingView {
  readonly template: string
  readonly cpus: UseView
  readonly memMib: UseView
  /** One sentence; `undefined` until enough agents were measured. */
  readonly advice: string | undefined
}

export interface UseView {
  /** Of the largest agent by its executors: the least that an executor gets. */
  readonly asked: number
  /** Agents that were measured in the last five weeks; those that live count once a day. */
  readonly measured: number
  /** Of the highest of each agent: of CPU its busiest minute of builds. `undefined`: none was measured. */
  readonly agents: Quantiles | undefined
  /** Of all readings while builds ran. */
  readonly samples: Quantiles | undefined
}

/** What half, 95 % and all of them do not exceed; up to 9 % above the exact values. */
export interface Quantiles {
  readonly p50: number
  readonly p95: number
  readonly max: number
}

/** Fewer agents say nothing about 95 % of them. */
const LEAST_AGENTS = 20
/** Less than this part of what is asked, and there is something to gain. */
const WASTED = 0.75
/** More than this part of its memory, and an agent is close to being killed. */
const TIGHT = 0.9
/** Room above the highest memory that was seen. */
const MEM_ROOM = 1.2
const MEM_STEP_MIB = 64
const CPU_STEP = 0.1

export function viewSizing(sizing: TemplateSizing, template: Template, now: Instant): SizingView {
  const { max } = template.executors
  const { cpus: milliCpus = 0, mem = 0 } = resourcesOf(template, max)
  const cpus = useOf(sizing.cpus, milliCpus / 1000 / max, now)
  const memMib = useOf(sizing.memMib, mem / 1000 / max, now)
  return { template: template.name, cpus, memMib, advice: advise(template, cpus, memMib) }
}

function useOf({ samples, agents }: Measured, asked: number, now: Instant): UseView {
  const of = (histogram: Measured['samples']): Quantiles | undefined => {
    const [p50, p95, max] = [0.5, 0.95, 1].map((part) => quantile(histogram, part, weekOf(now)))
    return p50 === undefined || p95 === undefined || max === undefined ? undefined : { p50, p95, max }
  }
  return { asked, measured: countOf(agents), agents: of(agents), samples: of(samples) }
}

function advise(template: Template, cpus: UseView, memMib: UseView): string | undefined {
  const parts = [cpuWords(template, cpus), memWords(template, memMib)].filter((words) => words !== undefined)
  return parts.length === 0 ? undefined : `An executor of ${template.name} ${parts.join('; it ')}.`
}

function cpuWords(template: Template, { asked, measured, agents }: UseView): string | undefined {
  if (agents === undefined || measured < LEAST_AGENTS) return undefined
  const said =
    `asks for ${round(asked, 2)} CPUs, and 95 % of ${measured} agents used at most ${round(agents.p95, 2)} in their ` +
    'busiest minute'
  const enough = perExecutor(agents.p95, template.cpus.agent / 1000 / template.executors.max, CPU_STEP)
  const now = template.cpus.perExecutor / 1000
  if (agents.p95 < asked * WASTED && enough < now) return `${said}: cpus.perExecutor ${enough} would do (now ${now})`
  if (agents.p95 > asked && enough > now)
    return `${said}: on a full host builds wait for CPU, cpus.perExecutor ${enough} would give it`
  return `${said}: that fits`
}

function memWords(template: Template, { asked, measured, agents }: UseView): string | undefined {
  if (agents === undefined || measured < LEAST_AGENTS) return undefined
  const said =
    `asks for ${round(asked, 0)} MiB, and 95 % of ${measured} agents used at most ${round(agents.p95, 0)}, none more ` +
    `than ${round(agents.max, 0)}`
  const { agent, perExecutor: now, factor } = template.memMib
  const enough = perExecutor((agents.max * MEM_ROOM) / factor, agent / template.executors.max, MEM_STEP_MIB)
  if (agents.max * MEM_ROOM < asked * WASTED && enough < now)
    return `${said}: memMib.perExecutor ${enough} would do (now ${now})`
  if (agents.max > asked * TIGHT && enough > now)
    return `${said}: that is close to being killed for it, memMib.perExecutor ${enough} would leave room`
  return `${said}: that fits`
}

/** What is left for the executor beside its share of the agent, in whole steps, and at least one. */
function perExecutor(needed: number, share: number, step: number): number {
  return round(Math.max(1, Math.ceil(round((needed - share) / step, 6))) * step, 3)
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
