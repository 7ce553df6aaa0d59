/**
 * The values that the planner reads and writes. Words, as everywhere in this program:
 *
 * - agent: one Mesos task that runs one Jenkins inbound agent, registered as one Jenkins node
 * - host: a machine of the Mesos cluster (Mesos calls it an agent; its id is `mesosAgentId`)
 * - node, task: an agent's face in Jenkins, in Mesos; node name = task id = agent id
 * - executor: a place for one build on a node
 * - template: a recipe for agents
 * - anchor: an offline node per template that makes Jenkins name labels in its queue
 */
import type { Resources } from './resources.ts'

export type AgentId = string & { readonly __brand: 'AgentId' }
export type OfferId = string & { readonly __brand: 'OfferId' }
export type FrameworkId = string & { readonly __brand: 'FrameworkId' }
export type MesosAgentId = string & { readonly __brand: 'MesosAgentId' }
export type TemplateName = string & { readonly __brand: 'TemplateName' }

/** Milliseconds since the Unix epoch, always read from the injected clock. */
export type Instant = number

/** Jenkins' node mode: NORMAL takes any build, EXCLUSIVE only builds whose label expression matches. */
export type Mode = 'NORMAL' | 'EXCLUSIVE'

/** How the agent program connects. `auto` is WebSocket from Jenkins 2.217 on, else TCP; `jnlpUrl` is for the oldest. */
export type Connection = 'auto' | 'websocket' | 'tcp' | 'jnlpUrl'

/** A recipe for agents. Comes from configuration; a reload makes new values, never changes one. */
export interface Template {
  readonly name: TemplateName
  /** Changes whenever anything in the template changes; agents keep the revision that made them. */
  readonly revision: string
  /** Jenkins labels that an agent of this template carries. */
  readonly labels: readonly string[]
  readonly mode: Mode
  /** The one Mesos role whose offers this template takes. */
  readonly role: string
  /** Executors of one agent: `max(min, min(excess, max))`. */
  readonly executors: { readonly min: number; readonly max: number }
  /** Given to an agent of `n` executors: `agent + n * perExecutor`, see `resourcesOf`. Thousandths. */
  readonly cpus: { readonly agent: number; readonly perExecutor: number }
  /** MiB and a factor for what the JVM takes beside its heap: `ceil((agent + n * perExecutor) * factor)` MiB. */
  readonly memMib: { readonly agent: number; readonly perExecutor: number; readonly factor: number }
  readonly diskMib: number
  /** Of one agent, beside CPU, memory and disk: `gpus` and what operators named. Thousandths. */
  readonly scalars: Resources
  /** Host ports of one agent. */
  readonly ports: number
  /** Hosts of which regions it uses: the master's own, any, or the master's own and those named. */
  readonly regions: 'home' | 'any' | readonly string[]
  /** No agent starts on a host that goes into maintenance within this time. */
  readonly maxBuildMs: number
  readonly idleTimeoutMs: number
  /** Most agents of this template that may exist at once. */
  readonly maxAgents: number
  /** Warm pool: idle executors kept although nothing waits. */
  readonly minIdle: number
  /** The node must be online this long after the launch, else the launch has failed. */
  readonly connectTimeoutMs: number
  /** An idle agent that is offline this long is reaped. */
  readonly reconnectTimeoutMs: number
  /** An unreachable agent is given up after this long. */
  readonly unreachableTimeoutMs: number
  /** One build an agent: drained as soon as its first build is seen. Means one executor. */
  readonly oneShot: boolean
  readonly launch: Launch
}

/** What the task of an agent looks like. The planner hands it through; the Mesos adapter builds a TaskInfo from it. */
export interface Launch {
  readonly connection: Connection
  /** Shell text with `{jvmArgs}`, `{jar}` and `{connection}`; run as `exec …`. */
  readonly command: string
  readonly jvmArgs: readonly string[]
  readonly heapMib: number
  /** Relative to the sandbox, or absolute. */
  readonly remoteFs: string
  /** Mesos user; `undefined`: the framework's. */
  readonly user: string | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly uris: readonly LaunchUri[]
  readonly killGraceSeconds: number
  /** How the agent's secret travels: a one-time URI, or (visible in the Mesos agents' API) the environment. */
  readonly secretVia: 'uri' | 'environment'
  readonly container: Container | undefined
}

export interface LaunchUri {
  readonly value: string
  readonly extract: boolean
  readonly executable: boolean
  readonly cache: boolean
  readonly outputFile: string | undefined
}

export interface Container {
  readonly type: 'DOCKER' | 'MESOS'
  readonly image: string
  readonly forcePull: boolean
  readonly privileged: boolean
  readonly network: 'HOST' | 'BRIDGE' | 'NONE'
  readonly parameters: readonly { readonly key: string; readonly value: string }[]
  readonly volumes: readonly { readonly containerPath: string; readonly hostPath: string; readonly readOnly: boolean }[]
}

/** Limits over all templates; `undefined` is no limit. */
export interface Caps {
  readonly maxAgents: number
  /** Thousandths of a CPU. */
  readonly maxCpus: number | undefined
  /** Thousandths of a MiB. */
  readonly maxMem: number | undefined
}

/** The life of an agent, in order; `unreachable` stands beside them. `gone` is final. */
export type AgentState =
  | 'planned'
  | 'starting'
  | 'online'
  | 'disconnected'
  | 'unreachable'
  | 'draining'
  | 'stopping'
  | 'gone'

/** Why an agent is drained, as a code of few values for metrics; `reason` beside it says it in words. */
export type ReapReason =
  | 'idle'
  | 'connect_timeout'
  | 'disconnected'
  | 'unreachable'
  | 'one_shot'
  | 'task_ended'
  | 'placement_failed'
  | 'node_deleted'
  /** Its host goes into maintenance, or is being drained. */
  | 'maintenance'
  | 'shutdown'
  | 'operator'

/**
 * What the store holds of one agent, from `planned` on: what Jenkins and Mesos cannot tell again,
 * and what must count at once after a crash. Times are instants.
 */
export interface AgentRecord {
  readonly agentId: AgentId
  readonly template: TemplateName
  readonly revision: string
  readonly labels: readonly string[]
  readonly mode: Mode
  readonly role: string
  readonly executors: number
  readonly resources: Resources
  readonly oneShot: boolean
  readonly state: AgentState
  /** When it came into this state. */
  readonly since: Instant
  readonly createdAt: Instant
  /** Why it was provisioned, or why it goes. Said to people as it stands. */
  readonly reason: string
  readonly reapReason: ReapReason | undefined
  readonly hostname: string | undefined
  readonly mesosAgentId: MesosAgentId | undefined
  /** `host:port` of the Mesos agent's HTTP endpoint, where usage is read. */
  readonly address: string | undefined
  readonly offerId: OfferId | undefined
  /** The ACCEPT was about to leave: from here on the id is spent. */
  readonly launchedAt: Instant | undefined
  readonly onlineAt: Instant | undefined
  /** Idle without a break since then, as far as was seen; `undefined` while busy or not yet online. */
  readonly idleSince: Instant | undefined
  /** SHA-256 of the one-time token in hex; `tokenUsedAt` is set before the secret is handed out. */
  readonly tokenHash: string | undefined
  readonly tokenUsedAt: Instant | undefined
  /** The last task state that Mesos told, such as `TASK_RUNNING`. */
  readonly taskState: string | undefined
  /** Mesos said that the task ended or cannot come back. */
  readonly taskEnded: boolean
  /** Jenkins has no such node any more (or never had). */
  readonly nodeGone: boolean
  /** A build was seen on it: counts for one-shot. */
  readonly buildsSeen: number
  /** A KILL was sent then. */
  readonly killedAt: Instant | undefined
}

/** The parts of a Mesos status that the life of an agent depends on. */
export interface StatusFacts {
  /** `TASK_RUNNING` and so on. */
  readonly state: string
  readonly source?: string | undefined
  readonly reason: string | undefined
  readonly message: string | undefined
}

/** A node as `/computer` tells it; the built-in node and nodes of others included. */
export interface JenkinsNode {
  readonly name: string
  readonly builtIn: boolean
  readonly description: string
  /** Its labels, without its own name; `undefined` where Jenkins (before 2.x) does not tell. */
  readonly labels: readonly string[] | undefined
  readonly executors: number
  /** Builds running now, flyweight tasks included. */
  readonly running: readonly RunningBuild[]
  readonly idle: boolean
  readonly offline: boolean
  readonly temporarilyOffline: boolean
  /** Plain text, unescaped; `''` where there is none. */
  readonly offlineReason: string
  /** `undefined` where Jenkins does not tell. */
  readonly mode: Mode | undefined
}

export interface RunningBuild {
  /** `job/app/17/` or the like: identifies the build. */
  readonly url: string
  readonly name: string
}

export interface QueueItem {
  /** Jenkins' id, or job and start where an old controller has none. */
  readonly id: string
  readonly job: string
  readonly jobUrl: string
  readonly why: string | undefined
  readonly stuck: boolean
  readonly blocked: boolean
  readonly buildable: boolean
  readonly pending: boolean
  /** When it became buildable. */
  readonly buildableSince: Instant | undefined
  readonly queuedSince: Instant | undefined
  /** Of the job, freestyle only: the item's own label may be another. */
  readonly labelExpression: string | undefined
}

/** One reading of Jenkins: computers first, then the queue. */
export interface JenkinsReading {
  /** When the first of the two requests was begun. */
  readonly readAt: Instant
  /** Changes with each start of the controller; `undefined` where it does not tell. */
  readonly session: string | undefined
  readonly version: string | undefined
  readonly nodes: readonly JenkinsNode[]
  readonly queue: readonly QueueItem[]
  /** The user sees at least one job: without Job/Read the queue is empty for want of rights, not of items. */
  readonly seesJobs: boolean
}

/** Where a host or master stands. Regions are far from each other, zones are parts of one. */
export interface FaultDomain {
  readonly region: string
  readonly zone: string
}

/** The operators of a host ask to have it back; what is answered is advice to them. */
export interface InverseOffer {
  readonly id: OfferId
  readonly mesosAgentId: MesosAgentId
  readonly unavailability: Unavailability
}

/** When a host is to be taken down by its operators. */
export interface Unavailability {
  readonly startsAt: Instant
  /** `undefined`: until further notice. */
  readonly endsAt: Instant | undefined
}

export interface Attribute {
  readonly name: string
  /** As text, whatever its type: `rack1`, `8`, `[1-10]`. */
  readonly value: string
}

/** An offer of one host to one role, as far as the planner sees it. */
export interface Offer {
  readonly id: OfferId
  readonly mesosAgentId: MesosAgentId
  readonly hostname: string
  /** `host:port` of the Mesos agent's HTTP endpoint. */
  readonly address: string
  readonly role: string
  /** Reserved and unreserved together; `ports` is how many host ports there are, in thousandths as all else. */
  readonly free: Resources
  readonly attributes: readonly Attribute[]
  readonly domain: FaultDomain | undefined
  readonly unavailability: Unavailability | undefined
  readonly receivedAt: Instant
}
