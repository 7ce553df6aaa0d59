import type { Explanations } from '../src/loop/explain-view.ts'
import type { Events } from '../src/loop/view-events.ts'
import type {
  ConfigurationView,
  Health,
  HostDetails,
  MetricView,
  PlanView,
  SummaryView,
  TimelineView,
  View,
} from '../src/loop/view-types.ts'

/** All that the HTTP face shows. Cheap to ask, whoever asks how often: what takes long is made once a moment for all. */
export interface Sources {
  readonly view: () => View
  readonly summary: () => SummaryView
  /** Called at once, then whenever it changed and now and again, until the returned function is called. */
  readonly followSummary: (listener: (summary: SummaryView) => void) => () => void
  readonly explain: () => Explanations
  readonly health: () => Health
  readonly plan: () => PlanView
  /** Hosts by name, each with why it takes no more; those that are not known are left out. */
  readonly hosts: (hostnames: readonly string[]) => readonly HostDetails[]
  readonly timeline: () => TimelineView
  readonly configuration: () => ConfigurationView
  readonly events: Events
  readonly metrics: () => readonly MetricView[]
  readonly scrape: () => Promise<{ readonly text: string; readonly contentType: string }>
}

export type { Events } from '../src/loop/view-events.ts'
