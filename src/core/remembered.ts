/** What the planner remembers from round to round, part by part. */
import type { Instant, MesosAgentId, TemplateName } from './model.ts'
import type { Resources } from './resources.ts'

/** How fast agents are launched, over all templates: a few at once, then one after the other. */
export interface LaunchRate {
  readonly burst: number
  readonly perSecond: number
}

/** Launches that may be begun at once, parts of one included, and when that was so. */
export interface LaunchTokens {
  readonly tokens: number
  readonly at: Instant
}

/** A host that smaller agents leave alone for a while. */
export interface Reserved {
  readonly mesosAgentId: MesosAgentId
  readonly template: TemplateName
  readonly resources: Resources
  readonly priority: number
  readonly until: Instant
}

/** The biggest agent of a role that finds no room while smaller ones do. */
export interface Waiting {
  readonly template: TemplateName
  readonly since: Instant
  /** The host that is kept for it. */
  readonly kept: Reserved | undefined
  /** No host is kept before this time: the small ones have their turn. */
  readonly notBefore: Instant
  /** Hosts that were kept in vain. */
  readonly tries: number
}

export type Waitings = Readonly<Record<string, Waiting>>

export interface HostFailures {
  readonly count: number
  readonly lastAt: Instant
}

/** Hosts where launches failed. */
export interface AvoidedHosts {
  /** Until when each is avoided. */
  readonly hostBackoff: Readonly<Record<string, Instant>>
  /** In a row, by host. */
  readonly hostFailures: Readonly<Record<string, HostFailures>>
}

/** The most executors of a template that were busy at once, lately. */
export interface BusyPeak {
  /** When the window under way began. */
  readonly since: Instant
  readonly executors: number
  /** Of the window before. */
  readonly before: number
}
