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
  /** It was told an address where Jenkins is no more. */
  | 'moved'
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
  /** Jenkins as it was told of it, with a trailing slash; `undefined` where that is not known. */
  readonly jenkinsUrl: string | undefined
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
