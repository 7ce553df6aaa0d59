import { AGENT_METRICS } from '../../src/metrics/catalogue-agents.ts'
import { QUEUE_METRICS } from '../../src/metrics/catalogue-queue.ts'
import { SYSTEM_METRICS } from '../../src/metrics/catalogue-systems.ts'
import { seriesBound } from '../../src/metrics/series-bound.ts'
import type { LabelValues, Spec } from '../../src/metrics/spec.ts'
import { PREFIX } from '../../src/metrics/spec.ts'
import { markdownTable } from './markdown-table.ts'

export const METRICS_MANUAL = 'docs/metrics.md'

/** A generated block; what stands around it is written by hand. */
const BLOCK = /^<!-- (metrics|labels|bound)(?:: (\w+))? -->\n[\s\S]*?^<!-- end of \1 -->$/gm

const GROUPS: Readonly<Record<string, Readonly<Record<string, Spec>>>> = {
  agents: AGENT_METRICS,
  queue: QUEUE_METRICS,
  systems: SYSTEM_METRICS,
}

/** The manual with its tables as the catalogue gives them. */
export function fillInMetrics(text: string): string {
  return text.replace(BLOCK, (_, kind: string, group: string | undefined) => {
    const name = group === undefined ? '' : `: ${group}`
    return `<!-- ${kind}${name} -->\n\n${contentOf(kind, group)}\n\n<!-- end of ${kind} -->`
  })
}

function contentOf(kind: string, group: string | undefined): string {
  if (kind === 'bound') return bound()
  const groups = group === undefined ? Object.values(GROUPS) : [GROUPS[group] ?? {}]
  const specs = groups.flatMap((one) => Object.values(one))
  return kind === 'labels' ? labelTable(specs) : metricTable(specs)
}

function metricTable(specs: readonly Spec[]): string {
  return markdownTable(
    ['name', 'type', 'labels', 'unit', 'meaning', 'how to use it'],
    specs.map(({ name, type, labels, help, use }) => [
      `\`${PREFIX}${name}\``,
      type,
      Object.keys(labels)
        .map((label) => `\`${label}\``)
        .join(', '),
      unitOf(name),
      help,
      use,
    ]),
  )
}

/** Each label of each metric where its values are known; and once, what stands in the others. */
function labelTable(specs: readonly Spec[]): string {
  const rows = new Map<string, { readonly label: string; readonly values: LabelValues; readonly metrics: string[] }>()
  for (const { name, labels } of specs) {
    for (const [label, values] of Object.entries(labels)) {
      const key = `${label} ${String(values)}`
      const row = rows.get(key) ?? { label, values, metrics: [] }
      row.metrics.push(name)
      rows.set(key, row)
    }
  }
  return markdownTable(
    ['label', 'values', 'of'],
    [...rows.values()].map(({ label, values, metrics }) => [
      `\`${label}\``,
      typeof values === 'string' ? values : values.map((value) => `\`${value}\``).join(', '),
      metrics.length > 4 ? `${metrics.length} metrics` : metrics.map((name) => `\`${name}\``).join(', '),
    ]),
  )
}

function bound(): string {
  const none = { templates: 0, agents: 0, routes: 0 }
  const fixed = seriesBound(none)
  const template = seriesBound({ ...none, templates: 1 }) - fixed
  const agent = seriesBound({ ...none, agents: 1 }) - fixed
  const route = seriesBound({ ...none, routes: 1 }) - fixed
  return (
    `At most **${fixed} + ${template} × templates + ${agent} × agents that live + ${route} × routes**, and some 60 of ` +
    'Node and of the process. Hosts, jobs, builds and queue items have none.'
  )
}

export function unitOf(name: string): string {
  const stem = name.replace(/_total$/, '')
  if (stem.endsWith('_timestamp_seconds')) return 'seconds since 1970'
  if (stem.endsWith('byte_seconds')) return 'bytes × seconds'
  if (stem.endsWith('allocated_cpu_seconds')) return 'CPUs × seconds'
  if (stem.endsWith('cpu_seconds')) return 'CPU seconds'
  if (stem.endsWith('_seconds')) return 'seconds'
  if (stem.endsWith('_bytes')) return 'bytes'
  if (/(^|_)cpus(_|$)/.test(stem)) return 'CPUs'
  return ''
}
