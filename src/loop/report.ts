import type { CapScope } from '../core/blocked.ts'
import type { AgentRecord, ReapReason, TemplateName } from '../core/model.ts'

export type LaunchResult = 'launched' | 'jenkins_failed' | 'mesos_failed' | 'store_failed'
export type OfferOutcome = 'received' | 'accepted' | 'declined' | 'rescinded' | 'lost'
export type RoundPhase = 'observe' | 'plan' | 'act'

/** What the loop tells as it happens; the metrics count it. Durations are seconds. */
export interface Report {
  readonly round: (phase: RoundPhase, seconds: number) => void
  readonly offers: (outcome: OfferOutcome, count: number) => void
  readonly launch: (template: TemplateName, result: LaunchResult) => void
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
  readonly extraBuild: (template: TemplateName) => void
  readonly jenkinsRequest: (seconds: number) => void
  readonly jenkinsError: (code: string) => void
  readonly mesosEvent: () => void
  readonly subscribed: (subscribed: boolean) => void
}
