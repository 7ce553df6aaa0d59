import type { Explanations } from '../src/loop/explain-view.ts'
import type {
  ConfigurationView,
  EventLevel,
  EventView,
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

/** The newest events; older ones are forgotten. */
export interface Events {
  readonly lastId: number
  /** Oldest first; of more than `limit` the newest. */
  readonly find: (filter: EventFilter) => readonly EventView[]
  /** Called with each new event until the returned function is called. */
  readonly follow: (listener: (event: EventView) => void) => () => void
}

export interface EventFilter {
  /** Only events after this one. */
  readonly after?: number | undefined
  /** Only events before this one. */
  readonly before?: number | undefined
  /** This level and worse. */
  readonly level?: EventLevel | undefined
  readonly template?: string | undefined
  readonly agentId?: string | undefined
  /** Anywhere in the message, or in what its keys hold; whatever the case. */
  readonly text?: string | undefined
  readonly limit: number
}
