import type { Backoff } from './backoff.ts'
import type { Candidate, CapScope } from './blocked.ts'
import type { Wish } from './demand.ts'
import type { JenkinsReading } from './jenkins-reading.ts'
import type { JobHosts } from './job-hosts.ts'
import type { Seen } from './lifecycle.ts'
import type {
  AgentId,
  AgentRecord,
  Caps,
  FrameworkId,
  Instant,
  MesosAgentId,
  OfferId,
  ReapReason,
  TemplateName,
} from './model.ts'
import type { Addresses } from './moved.ts'
import type { KnownHost, Offer, Unavailability } from './offer.ts'
import type { EndedOrder, Order, OrderExplanation } from './orders.ts'
import type { Pause } from './pause.ts'
import type { AvoidedHosts, BusyPeak, HostFailures, LaunchRate, LaunchTokens, Waitings } from './remembered.ts'
import type { Resources } from './resources.ts'
import type { Template } from './template.ts'

/** Everything that one round knows, frozen: what Jenkins and Mesos told and what the store holds, joined. */
export interface Snapshot {
  /** Rounds since the start, from 1. The first two never take away. */
  readonly round: number
  /** `undefined`: Jenkins could not be read, or answered what cannot be understood. */
  readonly jenkins: JenkinsReading | undefined
  /** Jenkins can be read, and may be another than the one that the agents belong to. */
  readonly otherJenkins: string | undefined
  /** The reading is of this round; an older one may add, never take away. */
  readonly fresh: boolean
  readonly mesos: MesosFacts
  /** What agents were and are told of Jenkins' address; [nothing is known] */
  readonly addresses?: Addresses | undefined
  /** Offers that are held and not yet spoken for. */
  readonly offers: readonly Offer[]
  /** Maintenance that operators announced, by host; that of an offer stands in the offer too. */
  readonly windows: ReadonlyMap<MesosAgentId, Unavailability>
  /** Every record that is not `gone`. */
  readonly records: readonly AgentRecord[]
  readonly templates: readonly Template[]
  readonly caps: Caps
  /** Between looks while nothing happens. */
  readonly pollIntervalMs: number
  /** Agents on which something is being done right now: left alone. */
  readonly busy: ReadonlySet<AgentId>
  /** `planned` agents whose node and secret are ready and that lost their offer. */
  readonly ready: ReadonlySet<AgentId>
  /** Tasks that Mesos told of and nobody knows. */
  readonly strays: readonly Stray[]
  /** Tasks without a record that Mesos does not have either. */
  readonly absent: ReadonlySet<AgentId>
  /** Frameworks of ours that Mesos removed, with all of their tasks. */
  readonly lostFrameworks: ReadonlySet<FrameworkId>
  /** Stands in the marks of our nodes: several sidecars may share one Jenkins. */
  readonly frameworkName: string
  readonly memory: Memory
  /** An operator said that the brake may be let go. */
  readonly brakeReleased: boolean
  readonly paused: Pause
  readonly launchRate: LaunchRate
  /** Every host that offered something since the subscription began, as it was offered last. */
  readonly hosts: readonly KnownHost[]
  /** Nothing of the plan is done: anchors are not made, and the agents of others are nodes like any other. */
  readonly dryRun?: boolean
}

export interface MesosFacts {
  readonly subscribed: boolean
  readonly frameworkId: FrameworkId | undefined
  /** Reconciliation after the last subscribe has told of every task, or had its time. */
  readonly reconciled: boolean
  /** The region of the master, if it tells. */
  readonly home?: string | undefined
}

export interface Stray {
  readonly taskId: AgentId
  readonly mesosAgentId: MesosAgentId | undefined
  /** The last that Mesos told: alive, or unreachable. */
  readonly state: string
  readonly since: Instant
  /** Reconciliations that told of it, a minute apart at least. */
  readonly sweeps: number
  readonly lastSweep: Instant
}

/** What the planner remembers from round to round; lost with the process, rebuilt from what it sees. */
export interface Memory {
  readonly seen: Readonly<Record<AgentId, Seen>>
  /** By launch key: a template, or an image that a job asked it for. */
  readonly backoff: Readonly<Record<TemplateName, Backoff>>
  /** Labels in use that name an image, with when they were last seen: each has its anchor. */
  readonly customLabels: Readonly<Record<string, Instant>>
  /** Hosts where a launch failed, and until when they are avoided. */
  readonly hostBackoff: Readonly<Record<string, Instant>>
  /** Launches that failed there in a row. */
  readonly hostFailures: Readonly<Record<string, HostFailures>>
  /** Hosts where launches of one key failed: these alone avoid them, as the host may be well. */
  readonly avoidedBy: Readonly<Record<TemplateName, AvoidedHosts>>
  /** Where builds of jobs ran last. */
  readonly jobHosts: JobHosts
  /** The biggest agents that find no room, by role, and what is kept for them. */
  readonly waitings: Waitings
  /** Items that waited although a matching executor was idle. */
  readonly passedOver: Readonly<Record<string, PassedOver>>
  /** The template of the executor that each item was given in the last round. */
  readonly allotted: Readonly<Record<string, TemplateName>>
  /** Nodes with our mark and without a record. */
  readonly orphanNodes: Readonly<Record<string, OrphanNode>>
  /** Why the last offers were refused, by template that still waits: they are declined, and the next round has none. */
  readonly refusals: Readonly<Record<TemplateName, string>>
  /** Roles of which hosts were refused for long, and the templates that waited then. */
  readonly refusedLong: Readonly<Record<string, readonly TemplateName[]>>
  /** Why launches fail, where a person must do something about it; by launch key. */
  readonly troubles: Readonly<Record<TemplateName, Trouble>>
  readonly brake: Brake | undefined
  /** Launches that may be begun at once. */
  readonly launches: LaunchTokens | undefined
  /** How busy templates with headroom were lately. */
  readonly peaks: Readonly<Record<TemplateName, BusyPeak>>
  /** Agents that operators asked for. */
  readonly orders: readonly Order[]
}

/** What is held back, and for how long it has been. */
export interface Brake {
  /** Names what would go: another key is another wish. */
  readonly key: string
  /** Rounds in a row that wanted the same. */
  readonly rounds: number
  readonly since: Instant
  /** All that there were. */
  readonly agents: number
  readonly takings: readonly Taking[]
}

export interface Trouble {
  /** Of the template: another one may have mended it. */
  readonly revision: string
  /** What is wrong and what to do, for people. */
  readonly words: string
}

export interface PassedOver {
  /** An executor was idle for it at every reading since then. */
  readonly since: Instant
  /** It was given an agent of its own then. */
  readonly grantedAt: Instant | undefined
}

export interface OrphanNode {
  readonly since: Instant
  readonly sweeps: number
  readonly lastSweep: Instant
  /** Mesos was first and last asked about its task. */
  readonly askedSince: Instant | undefined
  readonly askedAt: Instant | undefined
}

export const EMPTY_MEMORY: Memory = Object.freeze({
  seen: {},
  backoff: {},
  customLabels: {},
  hostBackoff: {},
  hostFailures: {},
  avoidedBy: {},
  jobHosts: {},
  waitings: {},
  passedOver: {},
  allotted: {},
  orphanNodes: {},
  refusals: {},
  refusedLong: {},
  troubles: {},
  brake: undefined,
  launches: undefined,
  peaks: {},
  orders: [],
})

/** What a round decided. The records are stored before any action is taken. */
export interface Plan {
  /** Records that changed, `gone` ones included. */
  readonly records: readonly AgentRecord[]
  readonly actions: readonly Action[]
  /** Roles for which an agent may be placed now; all others are suppressed. */
  readonly wantedRoles: ReadonlySet<string>
  /** Of these, roles whose filters are to be lifted. */
  readonly revive?: ReadonlySet<string>
  readonly explanation: Explanation
  readonly memory: Memory
  /** The next round is due then, if nothing happens before. */
  readonly nextLookAt: Instant
}

export type Action =
  | { readonly kind: 'createAnchor'; readonly template: Template; readonly node: string }
  | { readonly kind: 'offlineAnchor'; readonly node: string }
  | { readonly kind: 'deleteAnchor'; readonly node: string; readonly reason: string }
  | {
      readonly kind: 'provision'
      readonly template: Template
      readonly executors: number
      readonly resources: Resources
      readonly place: Place
      readonly reason: string
      /** Of an operator, that it is for. */
      readonly order?: string
    }
  /** A `planned` agent that lost its offer gets another. */
  | { readonly kind: 'place'; readonly agentId: AgentId; readonly template: Template; readonly place: Place }
  | { readonly kind: 'decline'; readonly offers: readonly OfferId[]; readonly refuseSeconds: number }
  /** Node offline, look, delete, kill: from the start or from where it stands. */
  | { readonly kind: 'reap'; readonly agentId: AgentId }
  | { readonly kind: 'offlineNode'; readonly agentId: AgentId; readonly reason: string }
  | { readonly kind: 'onlineNode'; readonly agentId: AgentId }
  | { readonly kind: 'removeNode'; readonly agentId: AgentId }
  | { readonly kind: 'kill'; readonly agentId: AgentId }
  | { readonly kind: 'removeOrphanNode'; readonly node: string }
  | { readonly kind: 'killStray'; readonly taskId: AgentId; readonly mesosAgentId: MesosAgentId | undefined }
  /** Mesos is asked whether it has these tasks, which Jenkins knows and no record owns. */
  | { readonly kind: 'askTasks'; readonly taskIds: readonly AgentId[] }

/** Where an agent goes: one host, one role, one or more offers of them. */
export interface Place {
  readonly offers: readonly OfferId[]
  readonly hostname: string
  readonly mesosAgentId: MesosAgentId
  readonly address: string
  readonly role: string
  /** Attributes as text, and `@region` and `@zone`. */
  readonly hostAttributes: Readonly<Record<string, string>>
}

/** Where a queue item stands. Few values: they are a metric's label. */
export type ItemState =
  | 'not_demand'
  | 'served'
  | 'starting'
  | 'waiting_offer'
  | 'capped'
  | 'backed_off'
  /** An operator paused its template. */
  | 'paused'
  /** Launches come one after the other: it is next. */
  | 'rate_limited'
  | 'tied'
  | 'unserved'
  | 'vetoed'
  | 'unreadable'
  | 'not_understood'

export interface ItemExplanation {
  readonly itemId: string
  readonly job: string
  readonly state: ItemState
  readonly template: TemplateName | undefined
  /** What it asks for, as far as Jenkins lets us see. */
  readonly wish: Wish['kind']
  /** The label expression that was read; `undefined` where there is none. */
  readonly label: string | undefined
  /** The node that is to take it, that starts for it, or that it is tied to. */
  readonly node: string | undefined
  /** Of the agent that this round starts for it. */
  readonly hostname: string | undefined
  /** One sentence for the person who waits. */
  readonly words: string
  readonly since: Instant | undefined
}

export interface TemplateExplanation {
  readonly template: TemplateName
  /** Buildable items that it is to serve. */
  readonly demand: number
  readonly idleExecutors: number
  readonly busyExecutors: number
  readonly startingExecutors: number
  readonly agents: number
  /** Agents wanted beyond those that exist, and not placed in this round. */
  readonly wanted: number
  /** A cap stands in the way. */
  readonly capped: CapScope | undefined
  /** What operators asked for beyond demand, and what becomes of it; `undefined`: nothing. */
  readonly ordered?: string | undefined
  readonly words: string
}

export interface Explanation {
  readonly items: readonly ItemExplanation[]
  /** Who was asked for an agent, the first first, by item; others had one, or none could serve them. */
  readonly candidates: ReadonlyMap<string, readonly Candidate[]>
  readonly templates: readonly TemplateExplanation[]
  /** Orders of operators that hold; [none]. */
  readonly orders?: readonly OrderExplanation[]
  /** Orders that ended in this round; [none]. */
  readonly endedOrders?: readonly EndedOrder[]
  /** What a person should look at, each with what to do. */
  readonly problems: readonly string[]
  /** What they may want to know and need not act on: logged once. */
  readonly notes: readonly string[]
  /** Why this round took nothing away although it might have; `undefined` where nothing stood in the way. */
  readonly held: string | undefined
}

export interface Taking {
  readonly agentId: AgentId
  readonly reapReason: ReapReason
  readonly reason: string
}
