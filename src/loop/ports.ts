/**
 * What the loop needs of the world. The adapters implement these, `compose` hands them in,
 * tests hand in plain objects. Nothing here knows HTTP, files or wire formats.
 */
import type { KnownJenkins } from '../core/jenkins-identity.ts'
import type { JenkinsNode, JenkinsReading } from '../core/jenkins-reading.ts'
import type { Connection } from '../core/launch.ts'
import type {
  AgentId,
  AgentRecord,
  FrameworkId,
  Instant,
  MesosAgentId,
  Mode,
  OfferId,
  TemplateName,
} from '../core/model.ts'
import type { FaultDomain, InverseOffer, Offer } from '../core/offer.ts'
import type { Pause } from '../core/pause.ts'
import type { Resources } from '../core/resources.ts'
import type { TemplateSizing } from '../core/sizing.ts'
import type { NodeProperties, Template } from '../core/template.ts'

/** Jenkins, as far as the program uses it. Every method throws `JenkinsError` where it fails. */
export interface JenkinsPort {
  /** Two requests whatever the size of the farm: computers, then the queue. */
  readonly read: (signal?: AbortSignal) => Promise<JenkinsReading>
  /** The same over restarts and backups, another for another controller; `undefined` where it does not tell. */
  readonly identity: (signal?: AbortSignal) => Promise<string | undefined>
  /** One node, read afresh; `undefined` where Jenkins has none of that name. */
  readonly readNode: (name: string, signal?: AbortSignal) => Promise<JenkinsNode | undefined>
  /** `exists` where a node of that name is there already; it is left as it is. */
  readonly createNode: (node: NodeSpec, signal?: AbortSignal) => Promise<'created' | 'exists'>
  /** What the node's agent needs to connect. Costs Jenkins one WARNING in its log: once per node. */
  readonly agentSecret: (name: string, connection: Connection, signal?: AbortSignal) => Promise<AgentSecret>
  /**
   * Takes the node temporarily offline with this reason (plain characters), unless it is so already.
   * The answer was read after Jenkins had done it: what it says of `running` holds, as nothing new can start.
   * `undefined`: no such node. Whose offline it is, the caller sees in `offlineReason`.
   */
  readonly setOffline: (name: string, reason: string, signal?: AbortSignal) => Promise<JenkinsNode | undefined>
  /** Lifts a temporary offline that carries the given marker; any other is left alone. */
  readonly setOnline: (name: string, marker: string, signal?: AbortSignal) => Promise<JenkinsNode | undefined>
  readonly deleteNode: (name: string, signal?: AbortSignal) => Promise<'deleted' | 'missing'>
  readonly close: () => Promise<void>
}

/** Who answers at an address that agents were told once. Never with a login. */
export interface AddressPort {
  readonly whoAnswers: (url: string, signal: AbortSignal) => Promise<WhoAnswers>
}

export type WhoAnswers =
  | { readonly kind: 'jenkins'; readonly identity: string }
  /** Somebody, who does not tell: a proxy, a Jenkins that is starting, another program. */
  | { readonly kind: 'unclear' }
  /** Nobody. */
  | { readonly kind: 'silent' }

/** Builds that were lost. Paths are URLs below Jenkins, `job/app/17/`. */
export interface BuildsPort {
  /** `undefined`: there is no such build, or the user may not see it. */
  readonly read: (url: string, signal?: AbortSignal) => Promise<BuildFacts | undefined>
  /** A new build of its job, at once. Throws where it is not known whether that was done, too. */
  readonly start: (url: string, parameters: BuildFacts['parameters'], signal?: AbortSignal) => Promise<void>
}

export interface BuildFacts {
  readonly running: boolean
  /** It failed, or was aborted. */
  readonly lost: boolean
  /** Where it ran; `undefined` where Jenkins does not tell. */
  readonly node: string | undefined
  /** It may be started again as one whole: no pipeline, and no part of another build. */
  readonly whole: boolean
  /** `value` is `undefined` where Jenkins does not tell it: of passwords and files. */
  readonly parameters: readonly { readonly name: string; readonly value: string | undefined }[]
}

export interface NodeSpec {
  readonly name: string
  readonly description: string
  readonly remoteFs: string
  /** At least 1: with none Jenkins makes a ghost that cannot be deleted. */
  readonly executors: number
  readonly mode: Mode
  readonly labels: readonly string[]
  readonly connection: Connection
  /** None where it is left out. */
  readonly properties?: NodeProperties
}

export interface AgentSecret {
  /** 64 hex digits; empty where the controller has no security. Never logged. */
  readonly secret: string
  /** How the agent will connect to this controller: `auto` resolved. */
  readonly connection: Exclude<Connection, 'auto'>
  /** Jenkins as agents reach it, with a trailing slash. */
  readonly url: string
  /** The JNLP file, for `-jnlpUrl`. */
  readonly jnlpUrl: string
  /** Where the agent program is fetched. */
  readonly jarUrl: string
  /** agent.jar knows `-noReconnectAfter`. */
  readonly noReconnectAfter: boolean
}

/** The Mesos master and its agents, as far as the program uses them. */
export interface MesosPort {
  /** Subscribes, stays subscribed, and tells what happens, in order. Events never overlap with `stop` resolved. */
  readonly start: (frameworkId: FrameworkId | undefined, onEvent: (event: MesosEvent) => void) => void
  readonly stop: () => Promise<void>
  /**
   * The roles for which an agent may be placed now. All others are suppressed; a wanted role is revived,
   * and again every 30 s without offers. `again`: wanted roles of which the filters do not hold any more, as another
   * template waits now: revived at once.
   */
  readonly want: (roles: ReadonlySet<string>, again?: ReadonlySet<string>) => void
  /** All offers are of one host and role. What the launches leave is declined for `refuseSeconds`. */
  readonly accept: (offers: readonly OfferId[], launches: readonly TaskLaunch[], refuseSeconds: number) => Promise<void>
  readonly decline: (offers: readonly OfferId[], refuseSeconds: number) => Promise<void>
  /** Says that maintenance may come; they are asked again after `refuseSeconds`. */
  readonly acceptInverseOffers: (offers: readonly OfferId[], refuseSeconds: number) => Promise<void>
  readonly kill: (taskId: AgentId, mesosAgentId: MesosAgentId | undefined) => Promise<void>
  readonly acknowledge: (status: TaskStatus) => Promise<void>
  /** No tasks: implicit reconciliation. */
  readonly reconcile: (tasks: readonly TaskRef[]) => Promise<void>
  /** After `failedOver`: subscribes at once and takes over from the other instance. `false`: nothing stood back. */
  readonly takeOver: () => boolean
  /** Ends the framework and with it all of its tasks. */
  readonly teardown: () => Promise<void>
}

export interface TaskRef {
  readonly taskId: AgentId
  readonly mesosAgentId: MesosAgentId | undefined
}

export interface TaskLaunch {
  readonly agentId: AgentId
  readonly template: Template
  readonly executors: number
  readonly resources: Resources
  readonly agent: AgentSecret
  /** Where the task fetches the secret once; `undefined`: it goes by the environment. */
  readonly secretUrl: string | undefined
}

export type MesosEvent =
  | {
      readonly kind: 'subscribed'
      readonly frameworkId: FrameworkId
      readonly master: string
      readonly version: string
      /** Where the master stands, if it tells. */
      readonly home?: FaultDomain | undefined
    }
  | { readonly kind: 'inverseOffers'; readonly offers: readonly InverseOffer[] }
  | { readonly kind: 'inverseRescind'; readonly offerId: OfferId }
  | { readonly kind: 'offers'; readonly offers: readonly Offer[] }
  | { readonly kind: 'rescind'; readonly offerId: OfferId }
  | { readonly kind: 'status'; readonly status: TaskStatus }
  | { readonly kind: 'hostLost'; readonly mesosAgentId: MesosAgentId }
  /** The subscription is gone, and with it every offer. `start` goes on trying. */
  | { readonly kind: 'disconnected'; readonly why: string }
  /** The master knows this framework no more: its tasks are gone, the id is spent. A new one will come. */
  | { readonly kind: 'removed'; readonly why: string }
  /** Another instance took over: act on nothing. Subscribes once more then; `undefined`: not before `takeOver`. */
  | { readonly kind: 'failedOver'; readonly retryAt: Instant | undefined }
  /** The master refuses this framework for good: a person must act. */
  | { readonly kind: 'refused'; readonly why: string }

export interface TaskStatus {
  readonly taskId: AgentId
  readonly mesosAgentId: MesosAgentId | undefined
  /** `TASK_RUNNING` and so on. */
  readonly state: string
  readonly source: string | undefined
  readonly reason: string | undefined
  readonly message: string | undefined
  /** Base64; only with one is the status acknowledged. */
  readonly uuid: string | undefined
  readonly at: Instant | undefined
}

export interface UsagePort {
  /** CPU and memory of our agents on these hosts; a host that does not answer is missing from the result. */
  readonly read: (hosts: readonly UsageHost[], signal?: AbortSignal) => Promise<readonly AgentUsage[]>
  readonly close: () => Promise<void>
}

export interface UsageHost {
  readonly mesosAgentId: MesosAgentId
  /** `host:port` */
  readonly address: string
}

/** Counters as the host's agent tells them; what it does not tell is `undefined`. */
export interface AgentUsage {
  readonly agentId: AgentId
  readonly at: Instant
  readonly cpuSeconds: number | undefined
  readonly cpusLimit: number | undefined
  readonly memRssBytes: number | undefined
  readonly memLimitBytes: number | undefined
}

/** What survives a restart. */
export interface Saved {
  readonly framework: FrameworkRecord | undefined
  /** The Jenkins that the agents belong to. */
  readonly jenkins?: KnownJenkins | undefined
  /** What an operator paused. */
  readonly paused?: Pause | undefined
  /** What the agents of each template used. */
  readonly sizings?: ReadonlyMap<TemplateName, TemplateSizing> | undefined
  readonly agents: ReadonlyMap<AgentId, AgentRecord>
}

export interface FrameworkRecord {
  readonly frameworkId: FrameworkId
  /** Where it was registered; for people. */
  readonly master: string
}

export type Change =
  | { readonly key: 'framework'; readonly value: FrameworkRecord | undefined }
  | { readonly key: 'jenkins'; readonly value: KnownJenkins | undefined }
  | { readonly key: 'paused'; readonly value: Pause | undefined }
  | { readonly key: `sizing/${TemplateName}`; readonly value: TemplateSizing | undefined }
  | { readonly key: `agent/${AgentId}`; readonly value: AgentRecord | undefined }

/**
 * The store. `undefined` as a value deletes the key. One `commit` is done whole or not at all, commits are done in
 * the order of the calls, and those that wait while one runs go together into the next.
 */
export interface StorePort {
  /** @throws where content is there and cannot be trusted: starting empty would provision everything twice */
  readonly load: () => Promise<Saved>
  /** Resolves when the changes will survive a power cut. */
  readonly commit: (changes: readonly Change[]) => Promise<void>
  readonly close: () => Promise<void>
}

/** Which of several instances on one state acts. */
export interface LeaderPort {
  /** Whether this instance may act right now, by the clock: asked before every call that changes something. */
  readonly mayAct: () => boolean
  /** Another instance leads, and this one is in place to take over. */
  readonly standsBy: () => boolean
  /** Starts the campaign; `onChange` tells each change, and who leads. With a file store: leading at once, for ever. */
  readonly start: (onChange: (leading: boolean, why: string) => void) => void
  readonly stop: () => Promise<void>
}
