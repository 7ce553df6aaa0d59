import type { EventLevel, EventView } from './view-types.ts'

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
