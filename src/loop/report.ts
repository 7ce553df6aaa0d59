import type { CapScope } from '../core/blocked.ts'
import type { AgentRecord, ReapReason, TemplateName } from '../core/model.ts'

export type LaunchResult = 'launched' | 'jenkins_failed' | 'mesos_failed' | 'store_failed'
export type OfferOutcome = 'received' | 'accepted' | 'declined' | 'rescinded' | 'lost'
export type RoundPhase = 'observe' | 'plan' | 'act'
/** Calls about one node; the reading of all of them is told apart. */
export type JenkinsCall = 'read_node' | 'create_node' | 'agent_secret' | 'set_offline' | 'set_online' | 'delete_node'
export type MesosCall =
  | 'accept'
  | 'decline'
  | 'accept_inverse_offers'
  | 'kill'
  | 'acknowledge'
  | 'reconcile'
  | 'teardown'
/** How long it took; `code`: why it failed. */
export interface CallOutcome {
  readonly seconds: number
  readonly code: string | undefined
}

/** What the loop tells as it happens; the metrics count it. Durations are seconds. */
export interface Report {
  readonly round: (phase: RoundPhase, seconds: number) => void
  readonly offers: (outcome: OfferOutcome, count: number) => void
  readonly launch: (template: TemplateName, result: LaunchResult) => void
  /** From now on it is given what its record says. */
  readonly launched: (record: AgentRecord) => void
  /** A wanted agent waited so long for an offer that fits. */
  readonly offerWait: (template: TemplateName, seconds: number) => void
  /** A build left the queue after so long. */
  readonly queueWait: (seconds: number) => void
  /** From the launch to the node being online. */
  readonly online: (template: TemplateName, seconds: number) => void
  readonly taskEnded: (template: TemplateName, state: string, reason: string | undefined) => void
  readonly reaped: (template: TemplateName, reason: ReapReason) => void
  readonly gone: (record: AgentRecord, lifetimeSeconds: number) => void
  readonly capReached: (scope: CapScope) => void
  readonly orphanRemoved: (kind: 'node' | 'task') => void
  /** So many are there now. */
  readonly orphans: (kind: 'node' | 'task', count: number) => void
  readonly extraBuild: (template: TemplateName) => void
  readonly jenkinsRequest: (seconds: number) => void
  readonly jenkinsError: (code: string) => void
  readonly mesosEvent: () => void
  readonly subscribed: (subscribed: boolean) => void
  /** Mesos removed the framework and its tasks. */
  readonly frameworkRemoved: () => void
  /** Another instance took the framework. */
  readonly failedOver: () => void
  /** This instance came to lead, or ceased to. */
  readonly leading: (leading: boolean) => void
  readonly jenkinsCall: (call: JenkinsCall, outcome: CallOutcome) => void
  readonly mesosCall: (call: MesosCall, outcome: CallOutcome) => void
  readonly commit: (outcome: CallOutcome) => void
}
