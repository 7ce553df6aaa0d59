import type { Registry } from 'prom-client'
import type { MetricView } from '../loop/view-types.ts'

/** Every metric that there is, by name, with what it means. */
export function catalogueOf(registry: Registry): readonly MetricView[] {
  // The library's types name less than what a metric carries.
  const all = registry.getMetricsAsArray() as unknown as readonly Definition[]
  return all
    .map(({ name, help, type, labelNames }) => ({ name, type, help, labels: [...labelNames] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface Definition extends Omit<MetricView, 'labels'> {
  readonly labelNames: readonly string[]
}
