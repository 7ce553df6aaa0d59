import type { Sources } from '../../plugins/sources.ts'
import { Explainer } from '../../src/core/explain-report.ts'
import { plan } from '../../src/core/plan.ts'
import type { SizingView, UseView } from '../../src/core/sizing-advice.ts'
import { DryRunLedger } from '../../src/loop/dry-run-ledger.ts'
import type { AgentView, HostView, TemplateView, View } from '../../src/loop/view-types.ts'
import { anchorOf, anItem, anOffer, aReading, aRecord, aSnapshot, aTemplate, NOW, nodeOf } from './builders.ts'
import { aSources } from './sources.ts'
import { aHostView, anAgentView, anItemView, aTemplateView, aView } from './views.ts'

/** Nothing is left out of it. */
type Whole<T> = { readonly [K in keyof Required<T>]: Exclude<T[K], undefined> }

const quantiles = { p50: 0.1, p95: 0.2, max: 0.3 }
const use: Whole<UseView> = { asked: 1, measured: 30, agents: quantiles, samples: quantiles }
const sizing: Whole<SizingView> = { template: 'linux', cpus: use, memMib: use, advice: 'That fits.' }

const agent: Whole<AgentView> = {
  ...anAgentView(),
  hostname: 'host-1',
  idleSince: NOW - 1_000,
  offlineBy: 'a person: cleaning',
  builds: ['app #1', 'ünïcode » main #2'],
  taskState: 'TASK_RUNNING',
  usage: { cpuSeconds: 12.5, cpusLimit: 1, memRssBytes: 1, memLimitBytes: 2 },
  usedCpus: 0.2,
  keep: 'idle',
  words: 'idle for 1 s of 180 s',
  goesAt: NOW + 179_000,
}

const host: Whole<HostView> = {
  ...aHostView(),
  avoidedUntil: NOW + 1_000,
  usedCpus: 0.1,
  usedMemMib: 10,
  freeCpus: 3,
  freeMemMib: 4_096,
  seenAt: NOW - 500,
  attributes: { rack: 'r1', '@zone': 'b' },
  maintenanceAt: NOW + 86_400_000,
}

const template: Whole<TemplateView> = {
  ...aTemplateView(),
  capped: 'template_mem',
  ordered: '2 agents were asked for',
  backedOffUntil: NOW + 5_000,
  scheduled: 'weekdays',
  minIdle: 1,
  idleTimeoutMs: 180_000,
  maxCpus: 10,
  maxMemMib: 10_240,
  usedCpus: 0.2,
  usedMemMib: 20,
  sizing,
}

/** A view in which everything is known that can be. */
export const richView: View = aView({
  round: { number: 3, lastAt: NOW - 250, held: 'the first two rounds take nothing away' },
  brake: { since: NOW, agents: 1, held: [{ agentId: agent.agentId, reason: 'idle' }], words: 'it holds' },
  caps: { maxAgents: 50, maxCpus: 100, maxMemMib: 102_400 },
  queue: [anItemView({ node: 'n', hostname: 'host-1' })],
  templates: [template],
  agents: [agent],
  hosts: [host],
  problems: ['look here'],
  dryRun: 'nothing is done',
})

const other = aTemplate({ name: 'other' })
const record = aRecord({ idleSince: NOW - 40_000, createdAt: NOW - 50_000 }, other)
const snapshot = aSnapshot({
  templates: [aTemplate(), other],
  records: [record],
  offers: [anOffer({ free: { cpus: 8_000, mem: 512_000 } })],
  jenkins: aReading({ nodes: [anchorOf(aTemplate()), anchorOf(other), nodeOf(record)], queue: [anItem()] }),
})

/** A farm of which all is known. */
export function richSources(over: Partial<Sources> = {}): Sources {
  const decided = plan(snapshot, NOW)
  const ledger = new DryRunLedger(NOW)
  ledger.look(decided.explanation.items, NOW)
  ledger.look([], NOW + 60_000)
  const explainer = new Explainer({ snapshot, plan: decided, records: [record], reading: snapshot.jenkins, now: NOW })
  const dryRun = { words: ledger.words, report: ledger.report() }
  return aSources({
    view: () => richView,
    explain: () => ({ now: NOW, explainer, held: 'Jenkins is slow', problems: ['look here'], dryRun }),
    ...over,
  })
}
