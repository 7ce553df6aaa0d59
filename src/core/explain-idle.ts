import { coolUntil, type IdleRules, idleTakings } from './idle-takings.ts'
import type { JenkinsReading } from './jenkins-reading.ts'
import type { AgentId, AgentRecord, Instant, TemplateName } from './model.ts'
import type { BusyPeak } from './remembered.ts'
import { readSupply } from './supply.ts'
import type { Template } from './template.ts'
import { peakOf, warmTarget } from './warm-pool.ts'

/** What keeps idle agents beside their timeout. */
export interface IdleFacts {
  /** Agents that fill the warm pool of their template, with how many executors it is to have. */
  readonly warm: ReadonlyMap<AgentId, number>
  /** Until then no idle agent of a template goes, as one was launched not long ago. */
  readonly coolUntil: ReadonlyMap<string, Instant>
}

export interface IdleFactsInput {
  readonly records: readonly AgentRecord[]
  readonly reading: JenkinsReading
  readonly templates: ReadonlyMap<string, Template>
  /** Executors that an item is to take, by node. */
  readonly nominated: ReadonlyMap<string, number>
  readonly peaks: Readonly<Record<TemplateName, BusyPeak>>
  readonly now: Instant
}

const GONE_TEMPLATE: IdleRules = {
  idleTimeoutMs: 0,
  minIdle: 0,
  headroom: undefined,
  reapOrder: 'oldest',
}

/** Who would stay if all that is idle had been so for long enough: asked of the rules that take agents away. */
export function idleFacts(input: IdleFactsInput): IdleFacts {
  const { records, reading, templates, nominated, peaks, now } = input
  const nodes = new Map(reading.nodes.map((node) => [node.name, node]))
  const idle = records.filter(({ agentId, state, idleSince }) => {
    const node = nodes.get(agentId)
    if (state !== 'online' || idleSince === undefined || nominated.has(agentId) || node === undefined) return false
    return node.idle && node.running.length === 0 && !node.temporarilyOffline
  })
  const impatient = new Map(
    [...templates].map(([name, template]) => [name, { ...template, idleTimeoutMs: 0, coolDownMs: 0 }]),
  )
  const { nodes: supply } = readSupply(reading, records)
  const takings = idleTakings(idle, {
    all: records,
    templates: impatient,
    fallback: GONE_TEMPLATE,
    supply,
    nominated,
    peaks,
    now,
  })
  const going = new Set(takings.map(({ agentId }) => agentId))
  const staying = idle.filter(({ agentId }) => !going.has(agentId))
  return {
    warm: new Map(
      staying.map(({ agentId, template }) => {
        const target = warmTarget(templates.get(template) ?? GONE_TEMPLATE, peakOf(peaks[template]))
        return [agentId, target]
      }),
    ),
    coolUntil: coolUntil(records, templates),
  }
}
