import { type Counter, Gauge, Histogram } from 'prom-client'
import { CATALOGUE, type Metrics } from './definitions.ts'
import { labelSets, type Spec } from './spec.ts'

type Key = keyof typeof CATALOGUE
const KEYS = Object.keys(CATALOGUE) as readonly Key[]

/**
 * Which templates have series. Each has all of them from its first mention on, with 0, so that a rate over the first
 * event is seen; and none any more once it is neither configured nor has an agent.
 */
export class TemplateSeries {
  readonly #metrics: Metrics
  readonly #templates = new Set<string>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  touch(template: string): void {
    if (this.#templates.has(template)) return
    this.#templates.add(template)
    for (const key of KEYS) if (isOfTemplates(CATALOGUE[key])) zero(this.#metrics, key, { template })
  }

  /** @param templates those that are configured or have agents */
  keepOnly(templates: ReadonlySet<string>): void {
    for (const template of this.#templates) if (!templates.has(template)) this.#forget(template)
  }

  #forget(template: string): void {
    this.#templates.delete(template)
    for (const key of KEYS) {
      const spec: Spec = CATALOGUE[key]
      if (!isOfTemplates(spec)) continue
      for (const labels of labelSets(spec, { template })) this.#metrics[key].remove(labels as never)
    }
  }
}

/** Series of the whole program, with 0. */
export function startAtZero(metrics: Metrics): void {
  for (const key of KEYS) if (!isOfTemplates(CATALOGUE[key])) zero(metrics, key, {})
}

function isOfTemplates({ labels }: Spec): boolean {
  return 'template' in labels && !('agent' in labels)
}

function zero(metrics: Metrics, key: Key, given: Readonly<Record<string, string>>): void {
  const spec: Spec = CATALOGUE[key]
  if (spec.sparse) return
  // The names of its labels are those of the specification.
  const metric: Gauge | Counter | Histogram = metrics[key]
  for (const labels of labelSets(spec, given)) {
    if (metric instanceof Gauge) metric.set(labels, 0)
    else if (metric instanceof Histogram) metric.zero(labels)
    else metric.inc(labels, 0)
  }
}
