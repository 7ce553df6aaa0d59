import { notExplained } from '../core/explain-templates.ts'
import type { Instant } from '../core/model.ts'
import type { SizingView } from '../core/sizing-advice.ts'
import type { TemplateExplanation } from '../core/snapshot.ts'
import type { Template } from '../core/template.ts'
import { NO_AGENTS, type Sums } from './view-sums.ts'
import type { TemplateView } from './view-types.ts'

/** What is known of a template beside its configuration. */
export interface TemplateFacts {
  readonly told: TemplateExplanation | undefined
  readonly sums: Sums | undefined
  readonly sizing: SizingView | undefined
  readonly failures: number
  readonly backedOffUntil: Instant | undefined
  readonly paused: boolean
}

export function templateView(template: Template, facts: TemplateFacts): TemplateView {
  const { name, labels, role, maxAgents, scheduled, minIdle, idleTimeoutMs, maxCpus, maxMem } = template
  const { told = notExplained(name), sums = NO_AGENTS, sizing, failures, backedOffUntil, paused } = facts
  const { givenCpus, givenMemMib, usedCpus, usedMemMib } = sums
  return {
    ...told,
    labels,
    role,
    maxAgents,
    givenCpus,
    givenMemMib,
    ...(sizing && { sizing }),
    failures,
    backedOffUntil,
    paused,
    scheduled,
    minIdle,
    idleTimeoutMs: idleTimeoutMs === Number.POSITIVE_INFINITY ? undefined : idleTimeoutMs,
    maxCpus: maxCpus === undefined ? undefined : maxCpus / 1000,
    maxMemMib: maxMem === undefined ? undefined : maxMem / 1000,
    usedCpus,
    usedMemMib,
  }
}
