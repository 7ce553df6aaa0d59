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
import type { Secret } from './secret.ts'

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
  /** Jobs without a label go to this template before any other in NORMAL mode. At most one template has it. */
  readonly isDefault: boolean
  /** The highest is chosen first for an item, and served first where there is not enough for all. */
  readonly priority: number
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
  /** All of them must hold on a host. */
  readonly constraints: readonly Constraint[]
  readonly packing: 'binpack' | 'spread'
  /** Hosts where the last agent of a waiting job ran come first. */
  readonly affinity: boolean
  /** No agent starts on a host that goes into maintenance within this time. */
  readonly maxBuildMs: number
  /** `Number.POSITIVE_INFINITY`: an idle agent never goes. */
  readonly idleTimeoutMs: number
  /** Most agents of this template that may exist at once. */
  readonly maxAgents: number
  /** Thousandths of a CPU that they may have together; `undefined` is no limit. */
  readonly maxCpus: number | undefined
  /** Thousandths of a MiB. */
  readonly maxMem: number | undefined
  /** Warm pool: idle executors kept although nothing waits. */
  readonly minIdle: number
  /** More of them while executors are busy: `factor` for each busy one, `limit` in all; `minIdle` is the least. */
  readonly headroom: { readonly factor: number; readonly limit: number | undefined } | undefined
  /**
   * Other values at times. In the planner's templates the one that holds is applied already; they are kept here for
   * people.
   */
  readonly schedules: readonly Schedule[]
  /** Names the schedule whose values are applied; `undefined`: none holds. */
  readonly scheduled?: string | undefined
  /** No idle agent goes so soon after one of this template was last launched. */
  readonly coolDownMs: number
  /** The node must be online this long after the launch, else the launch has failed. */
  readonly connectTimeoutMs: number
  /** An idle agent that is offline this long is reaped. */
  readonly reconnectTimeoutMs: number
  /** An unreachable agent is given up after this long. */
  readonly unreachableTimeoutMs: number
  /** One build an agent: drained as soon as its first build is seen. Means one executor. */
  readonly oneShot: boolean
  /** An agent is drained when it has had so many builds. */
  readonly maxBuilds: number | undefined
  /** An agent is drained when it was online for so long. */
  readonly maxAgeMs: number | undefined
  /** Which of several idle agents goes first. */
  readonly reapOrder: 'oldest' | 'newest' | 'emptiestHost'
  /** Builds that were lost with their host are started again. */
  readonly rescheduleLostBuilds: boolean
  readonly nodeProperties: NodeProperties
  readonly launch: Launch
}

/** Marathon's operators. */
export type ConstraintOperator = 'UNIQUE' | 'CLUSTER' | 'GROUP_BY' | 'LIKE' | 'UNLIKE' | 'MAX_PER' | 'IS'

/** One rule on hosts: `field` is the name of an attribute, `hostname`, `@region` or `@zone`. */
export interface Constraint {
  readonly field: string
  readonly operator: ConstraintOperator
  /** As written; `undefined` where the operator takes none. */
  readonly value: string | undefined
}

/** From when on other values hold in place of the template's. What is left out stays. */
export interface Schedule {
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string
  /** IANA name, such as `Europe/Berlin`. */
  readonly timezone: string
  /** `undefined`: until another schedule of the template begins. */
  readonly durationMs: number | undefined
  readonly minIdle: number | undefined
  readonly maxAgents: number | undefined
  readonly idleTimeoutMs: number | undefined
}

/** Set on the node in Jenkins. */
export interface NodeProperties {
  readonly environment: Readonly<Record<string, string>>
  readonly toolLocations: readonly { readonly type: string; readonly name: string; readonly home: string }[]
}

/** What the task of an agent looks like. The planner hands it through; the Mesos adapter builds a TaskInfo from it. */
export interface Launch {
  readonly connection: Connection
  /** The shell that its hosts have. */
  readonly commandStyle: 'linux' | 'windows'
  /** Shell text with `{jvmArgs}`, `{jar}` and `{connection}`; run as `exec …`. */
  readonly command: string
  /** Looks first whether Java is there and takes its flags, and says what is missing. */
  readonly preflight: boolean
  readonly jvmArgs: readonly string[]
  /** For agent.jar, behind those of the connection. */
  readonly agentArgs: readonly string[]
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
  /** A folder of the sandbox is its /var/lib/docker. */
  readonly dockerInDocker: boolean
  /** A job's label `LABEL:IMAGE`, LABEL being one of the template's, asks for an agent with that image. */
  readonly customImages: boolean
  readonly network: 'HOST' | 'BRIDGE' | 'NONE' | 'USER'
  /** Of Docker or CNI; empty unless the network is USER, or type MESOS. */
  readonly networkNames: readonly string[]
  readonly portMappings: readonly PortMapping[]
  readonly parameters: readonly { readonly key: string; readonly value: string }[]
  readonly volumes: readonly Volume[]
  /** `keep`: the command becomes arguments of the image's entrypoint. */
  readonly entrypoint: 'replace' | 'keep'
  /** Runs the command in place of `/bin/sh -c`, and is given it as one argument. */
  readonly shell: string | undefined
  /** What opens the registry: the text of a config.json of Docker, or the name of that in Mesos' secret store. */
  readonly registryAuth:
    | { readonly kind: 'value'; readonly value: Secret }
    | { readonly kind: 'reference'; readonly name: string }
    | undefined
}

export interface PortMapping {
  readonly containerPort: number
  /** 0: one of the offer's ports. */
  readonly hostPort: number
  readonly protocol: 'tcp' | 'udp'
}

export type Volume = { readonly containerPath: string; readonly readOnly: boolean } & (
  | { readonly kind: 'host'; readonly hostPath: string }
  /** Relative to the sandbox. */
  | { readonly kind: 'sandbox'; readonly path: string }
  | {
      readonly kind: 'docker'
      readonly driver: string
      readonly name: string
      readonly options: Readonly<Record<string, string>>
    }
  | { readonly kind: 'image'; readonly image: string }
)

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
  /** It has had `maxBuilds` builds. */
  | 'max_builds'
  /** It is older than `maxAgeSeconds`. */
  | 'max_age'
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
  /** As its template had it when it was made. */
  readonly maxBuilds: number | undefined
  readonly maxAgeMs: number | undefined
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
  /** Attributes of its host as text, and `@region` and `@zone`; `undefined` where that is not known any more. */
  readonly hostAttributes: Readonly<Record<string, string>> | undefined
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
  /** It starts no build until it is restarted, as far as it was asked lately; the queue may say so, too. */
  readonly quietingDown?: boolean | undefined
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
  readonly type: 'TEXT' | 'SCALAR' | 'RANGES' | 'SET'
  /** As text, whatever its type: `rack1`, `8`, `[1-10]`. */
  readonly value: string
}

/** Both ends belong to it. */
export interface PortRange {
  readonly begin: number
  readonly end: number
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
  /** The host ports among them, by number; none where it is left out. */
  readonly portRanges?: readonly PortRange[]
  readonly attributes: readonly Attribute[]
  readonly domain: FaultDomain | undefined
  readonly unavailability: Unavailability | undefined
  readonly receivedAt: Instant
}

/** What is remembered of a host: offers come and go, and most of the time there is none. */
export interface KnownHost {
  readonly hostname: string
  readonly mesosAgentId: MesosAgentId
  readonly attributes: readonly Attribute[]
  readonly domain: FaultDomain | undefined
  readonly unavailability: Unavailability | undefined
  /** Free for a role when that was last offered. */
  readonly free: Readonly<Record<string, Resources>>
  /** Host ports of these; left out where that is not known. */
  readonly freePorts?: Readonly<Record<string, readonly PortRange[]>>
  readonly seenAt: Instant
}
