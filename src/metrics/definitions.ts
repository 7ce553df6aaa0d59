import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { AGENT_METRICS } from './catalogue-agents.ts'
import { QUEUE_METRICS } from './catalogue-queue.ts'
import { SYSTEM_METRICS } from './catalogue-systems.ts'
import { PREFIX, type Spec } from './spec.ts'

/** Every metric of the program, by its name in the code. */
export const CATALOGUE = { ...AGENT_METRICS, ...QUEUE_METRICS, ...SYSTEM_METRICS } as const

type Catalogue = typeof CATALOGUE
type Instrument<S> =
  S extends Spec<'gauge', infer L>
    ? Gauge<L>
    : S extends Spec<'counter', infer L>
      ? Counter<L>
      : S extends Spec<'histogram', infer L>
        ? Histogram<L>
        : never
type Instruments = { readonly [K in keyof Catalogue]: Instrument<Catalogue[K]> }

export type Metrics = Instruments & { readonly registry: Registry }

/**
 * Makes every metric of the catalogue. Names end in their unit; labels have few values: a template, a state, a reason
 * code, never a job, a build or a queue item. Series of one agent live as long as the agent. A new registry each time,
 * so that tests stay apart.
 */
export function defineMetrics(registry = new Registry()): Metrics {
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  const made = Object.entries(CATALOGUE).map(([key, spec]) => [key, make(spec, registry)])
  return { ...(Object.fromEntries(made) as Instruments), registry }
}

function make(spec: Spec, registry: Registry): Gauge | Counter | Histogram {
  const { name, help, labels, buckets } = spec
  const common = { name: PREFIX + name, help, labelNames: Object.keys(labels), registers: [registry] }
  switch (spec.type) {
    case 'gauge':
      return new Gauge(common)
    case 'counter':
      return new Counter(common)
    case 'histogram':
      return new Histogram({ ...common, buckets: [...buckets] })
  }
}

/** Gauges with a counter's ending; each is the sum of the series of the same name without it. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']
