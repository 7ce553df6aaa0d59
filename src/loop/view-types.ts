import type { KeepCode, TemplateRefusals } from '../core/explain-types.ts'
import type { AgentId, Instant } from '../core/model.ts'
import type { Pause } from '../core/pause.ts'
import type { SizingView } from '../core/sizing-advice.ts'
import type { ItemExplanation, TemplateExplanation } from '../core/snapshot.ts'

/** What the program knows and thinks, for people: `/api/v1/state`, the page, `plan`. Holds no secret. */
export interface View {
  readonly now: Instant
  readonly health: Health
  readonly leadership: Leadership
  readonly jenkins: JenkinsView
  readonly mesos: MesosView
  readonly round: { readonly number: number; readonly lastAt: Instant | undefined; readonly held: string | undefined }
  /** What the brake holds back; `undefined` while it holds nothing. */
  readonly brake: BrakeView | undefined
  readonly caps: CapsView
  /** What an operator paused. */
  readonly paused: Pause
  readonly queue: readonly ItemExplanation[]
  readonly templates: readonly TemplateView[]
  readonly agents: readonly AgentView[]
  readonly hosts: readonly HostView[]
  /** What a person should look at, each with what to do. */
  readonly problems: readonly string[]
  /** What a dry run would have done, in one sentence; `undefined`: this is none. */
  readonly dryRun: string | undefined
}

/** In CPUs and MiB; `undefined`: no such cap. */
export interface CapsView {
  readonly maxAgents: number
  readonly maxCpus: number | undefined
  readonly maxMemMib: number | undefined
}

export type HealthStatus =
  | 'ok'
  | 'standby'
  | 'starting'
  | 'stalled'
  | 'disconnected'
  | 'store'
  | 'standing_back'
  | 'other_jenkins'

/** Of several instances on one state one leads, and it alone acts. */
export interface Leadership {
  readonly role: 'leader' | 'standby'
  readonly since: Instant
  /** In words: who leads, or why nobody does. */
  readonly why: string
}

export interface Health {
  readonly status: HealthStatus
  /** One line in words. */
  readonly words: string
  readonly lastRoundAgeMs: number | undefined
}

/** A round wanted to take away most of the agents at once: they are held until it is certain, or a person says so. */
export interface BrakeView {
  readonly since: Instant
  /** All agents that there are. */
  readonly agents: number
  readonly held: readonly { readonly agentId: AgentId; readonly reason: string }[]
  readonly words: string
}

export interface JenkinsView {
  readonly url: string
  readonly reachable: boolean
  readonly error: string | undefined
  readonly version: string | undefined
  readonly nodes: number
  readonly queued: number
}

export interface MesosView {
  readonly subscribed: boolean
  readonly master: string | undefined
  readonly version: string | undefined
  readonly frameworkId: string | undefined
  readonly why: string | undefined
  readonly offersHeld: number
  /** Roles for which offers are wanted now. */
  readonly wantedRoles: readonly string[]
}

export interface TemplateView extends TemplateExplanation {
  readonly labels: readonly string[]
  readonly role: string
  readonly maxAgents: number
  readonly givenCpus: number
  readonly givenMemMib: number
  readonly failures: number
  readonly backedOffUntil: Instant | undefined
  readonly paused: boolean
  /** The schedule that holds now; `undefined`: none. */
  readonly scheduled: string | undefined
  /** Executors kept idle on purpose, as the schedule that holds now has it. */
  readonly minIdle: number
  /** [never] after so long without a build an agent goes. */
  readonly idleTimeoutMs: number | undefined
  readonly maxCpus: number | undefined
  readonly maxMemMib: number | undefined
  /** CPUs in use over the last minute, and resident memory, of all its agents; `undefined` until hosts tell. */
  readonly usedCpus: number | undefined
  readonly usedMemMib: number | undefined
  /** What its agents used beside what they asked for; `undefined` where this instance does not measure. */
  readonly sizing?: SizingView | undefined
}

export interface AgentView {
  readonly agentId: AgentId
  readonly template: string
  readonly state: string
  readonly since: Instant
  readonly createdAt: Instant
  readonly hostname: string | undefined
  readonly executors: number
  readonly cpus: number
  readonly memMib: number
  readonly reason: string
  readonly idleSince: Instant | undefined
  /** Taken offline in Jenkins by somebody else. */
  readonly offlineBy: string | undefined
  readonly builds: readonly string[]
  readonly taskState: string | undefined
  /** As its host tells; `undefined` until it does. */
  readonly usage: UsageView | undefined
  /** CPUs in use over the last minute; `undefined` until two looks at it were had. */
  readonly usedCpus: number | undefined
  /** Why it is kept, or goes. */
  readonly keep: KeepCode | undefined
  /** The same in a sentence. */
  readonly words: string | undefined
  /** When it goes at the earliest, if nothing changes; `undefined`: not by time. */
  readonly goesAt: Instant | undefined
}

export interface UsageView {
  readonly cpuSeconds: number | undefined
  readonly cpusLimit: number | undefined
  readonly memRssBytes: number | undefined
  readonly memLimitBytes: number | undefined
}

export interface HostView {
  readonly hostname: string
  readonly agents: number
  readonly givenCpus: number
  readonly givenMemMib: number
  readonly offeredCpus: number
  readonly offeredMemMib: number
  readonly avoidedUntil: Instant | undefined
  /** CPUs and resident memory that our agents there use; `undefined` until the host tells. */
  readonly usedCpus: number | undefined
  readonly usedMemMib: number | undefined
  /** As last offered to any of our roles; `undefined`: nothing was offered since the subscription began. */
  readonly freeCpus: number | undefined
  readonly freeMemMib: number | undefined
  /** When it was offered last. */
  readonly seenAt: Instant | undefined
  /** Attributes as text, and `@region` and `@zone`. */
  readonly attributes: Readonly<Record<string, string>>
  /** Operators take it away then. */
  readonly maintenanceAt: Instant | undefined
}

/** A host with why it takes no further agent of each template that waits, or could. */
export interface HostDetails extends HostView {
  readonly refusals: readonly TemplateRefusals[]
}

/** The head of the dashboard, small however big the farm is: what is sent whenever it changed. */
export interface SummaryView
  extends Pick<
    View,
    | 'now'
    | 'health'
    | 'leadership'
    | 'jenkins'
    | 'mesos'
    | 'round'
    | 'brake'
    | 'caps'
    | 'paused'
    | 'problems'
    | 'dryRun'
  > {
  readonly version: string
  /** Of the process: ids of events count from it. */
  readonly startedAt: Instant
  /** In words; `undefined`: state can be stored. */
  readonly storeError: string | undefined
  /** Items by state, only states that there are. */
  readonly queue: Readonly<Record<string, number>>
  /** When the item that waits longest for an agent became buildable; `undefined`: none waits. */
  readonly waitingSince: Instant | undefined
  /** Agents by state, only states that there are. */
  readonly agents: Readonly<Record<string, number>>
  readonly executors: { readonly idle: number; readonly busy: number; readonly starting: number }
  readonly hosts: number
  readonly givenCpus: number
  readonly givenMemMib: number
  /** `undefined` until hosts tell. */
  readonly usedCpus: number | undefined
  readonly usedMemMib: number | undefined
  /** The newest event. */
  readonly lastEventId: number
}

export type EventLevel = 'info' | 'warn' | 'error'

/** Something that happened, as the log tells it: text and keys are the log's, and hold no secret. */
export interface EventView {
  /** From 1, without gaps, since `startedAt`. */
  readonly id: number
  readonly at: Instant
  readonly level: EventLevel
  /** Never changes for the same kind of event. */
  readonly message: string
  readonly agentId: string | undefined
  readonly template: string | undefined
  readonly hostname: string | undefined
  /** The log's other keys. */
  readonly details: Readonly<Record<string, unknown>>
}

/** The last hours, oldest first, a point each `everyMs`; columns of equal length. `null`: not known then. */
export interface TimelineView {
  readonly everyMs: number
  readonly at: readonly Instant[]
  /** Items that wait for an agent; all others in the queue stand in `blocked`. */
  readonly waiting: readonly (number | null)[]
  readonly blocked: readonly (number | null)[]
  /** Builds that run on our agents. */
  readonly builds: readonly (number | null)[]
  /** By state. */
  readonly agents: Readonly<Record<string, readonly (number | null)[]>>
  readonly givenCpus: readonly (number | null)[]
  readonly usedCpus: readonly (number | null)[]
  readonly givenMemMib: readonly (number | null)[]
  readonly usedMemMib: readonly (number | null)[]
}

/** A setting in effect. */
export interface SettingView {
  readonly name: string
  /** As given, or the default; `undefined`: none. Of what holds a secret, only that it is set. */
  readonly value: string | undefined
  readonly source: 'environment' | 'file' | 'default' | 'import' | 'pod'
  readonly secret: boolean
  readonly description: string
}

export interface ConfigurationView {
  readonly settings: readonly SettingView[]
  /** The templates in effect, all defaults written out, as YAML; secrets hidden. */
  readonly templates: string
  /** Files that are watched. */
  readonly files: readonly string[]
  readonly warnings: readonly string[]
  /** Why a changed configuration is not used. */
  readonly mistakes: readonly string[]
  readonly logLevel: string
}

/** What the last round decided. */
export interface PlanView {
  readonly round: number
  readonly at: Instant | undefined
  /** Each in words, as in the log. */
  readonly actions: readonly string[]
  /** Why nothing is taken away, or nothing is done. */
  readonly held: string | undefined
  readonly wantedRoles: readonly string[]
  readonly nextLookAt: Instant | undefined
}

export interface MetricView {
  readonly name: string
  readonly type: 'gauge' | 'counter' | 'histogram' | 'summary'
  readonly help: string
  readonly labels: readonly string[]
}
