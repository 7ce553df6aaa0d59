/** What stands in a label: all of its values, or in words what they are where they are not known beforehand. */
export type LabelValues = readonly string[] | string
export type MetricType = 'gauge' | 'counter' | 'histogram'

/** One metric, as code makes it and as docs/metrics.md tells of it. */
export interface Spec<T extends MetricType = MetricType, L extends string = string> {
  readonly type: T
  /** Without the prefix. It ends in its unit. */
  readonly name: string
  readonly help: string
  readonly labels: Readonly<Record<L, LabelValues>>
  /** Of a histogram: upper bounds. */
  readonly buckets: readonly number[]
  /** What it is good for, for whoever writes a query. */
  readonly use: string
  /** Series appear with what they count: with 0 for each there would be too many, or 0 would say something. */
  readonly sparse: boolean
}

export const PREFIX = 'jenkins_mesos_'

type Texts = readonly [name: string, help: string, use: string]

export function gauge<L extends string = never>(
  [name, help, use]: Texts,
  labels: Readonly<Record<L, LabelValues>> = noLabels(),
): Spec<'gauge', L> {
  return { type: 'gauge', name, help, use, labels, buckets: [], sparse: false }
}

export function counter<L extends string = never>(
  [name, help, use]: Texts,
  labels: Readonly<Record<L, LabelValues>> = noLabels(),
): Spec<'counter', L> {
  return { type: 'counter', name, help, use, labels, buckets: [], sparse: false }
}

export function histogram<L extends string = never>(
  [name, help, use]: Texts,
  buckets: readonly number[],
  labels: Readonly<Record<L, LabelValues>> = noLabels(),
): Spec<'histogram', L> {
  return { type: 'histogram', name, help, use, labels, buckets, sparse: false }
}

export function sparse<S extends Spec>(spec: S): S {
  return { ...spec, sparse: true }
}

function noLabels<L extends string>(): Readonly<Record<L, LabelValues>> {
  return {} as Readonly<Record<L, LabelValues>>
}

/** Every set of labels that a metric may have, with these values for labels whose values are not known beforehand. */
export function labelSets(
  { labels }: Spec,
  given: Readonly<Record<string, string>>,
): readonly Readonly<Record<string, string>>[] {
  let sets: readonly Readonly<Record<string, string>>[] = [{}]
  for (const [label, values] of Object.entries(labels)) {
    const all = typeof values === 'string' ? [given[label] ?? ''] : values
    sets = sets.flatMap((set) => all.map((value) => ({ ...set, [label]: value })))
  }
  return sets
}

/** Series of one set of labels: a histogram has one a bucket, that without a bound, the sum and the count. */
export function seriesPerSet({ type, buckets }: Spec): number {
  return type === 'histogram' ? buckets.length + 3 : 1
}
