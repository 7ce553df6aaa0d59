import type { AgentRecord, AgentState } from '../core/model.ts'
import type { Report } from '../loop/report.ts'
import type { Metrics } from './definitions.ts'

const LAUNCH_RESULTS = ['launched', 'jenkins_failed', 'mesos_failed', 'store_failed'] as const
const OFFER_OUTCOMES = ['received', 'accepted', 'declined', 'rescinded', 'lost'] as const
const REAP_REASONS = [
  'idle',
  'connect_timeout',
  'disconnected',
  'unreachable',
  'one_shot',
  'max_builds',
  'max_age',
  'task_ended',
  'placement_failed',
  'node_deleted',
  'maintenance',
  'shutdown',
  'operator',
] as const
const PHASES = ['observe', 'plan', 'act'] as const
const SCOPES = ['template', 'template_cpus', 'template_mem', 'agents', 'cpus', 'mem'] as const
const KINDS = ['node', 'task'] as const

/** Counts what the loop reports. */
export function reportTo(metrics: Metrics, now: () => number): Report {
  let subscriptions = 0
  return {
    round: (phase, seconds) => {
      metrics.roundSeconds.observe({ phase }, seconds)
    },
    offers: (outcome, count) => {
      if (count > 0) metrics.offers.inc({ outcome }, count)
    },
    launch: (template, result) => {
      metrics.launches.inc({ template, result })
    },
    offerWait: (template, seconds) => {
      metrics.offerWait.observe({ template }, seconds)
    },
    queueWait: (seconds) => {
      metrics.queueWait.observe(seconds)
    },
    online: (template, seconds) => {
      metrics.agentStart.observe({ template }, seconds)
    },
    taskEnded: (template, state, reason) => {
      metrics.taskTerminal.inc({ template, state, reason: reason ?? 'none' })
    },
    reaped: (template, reason) => {
      metrics.reaps.inc({ template, reason })
    },
    gone: (record: AgentRecord, lifetimeSeconds) => {
      metrics.agentLifetime.observe({ template: record.template }, lifetimeSeconds)
    },
    capReached: (scope) => {
      metrics.capReached.inc({ scope })
    },
    orphanRemoved: (kind) => {
      metrics.orphansRemoved.inc({ kind })
    },
    extraBuild: (template) => {
      metrics.oneshotExtra.inc({ template })
    },
    jenkinsRequest: (seconds) => {
      metrics.jenkinsRequest.observe(seconds)
    },
    jenkinsError: (code) => {
      metrics.jenkinsErrors.inc({ code })
    },
    mesosEvent: () => {
      metrics.mesosLastEvent.set(now() / 1000)
    },
    subscribed: (subscribed) => {
      metrics.mesosSubscribed.set(subscribed ? 1 : 0)
      if (!subscribed) return
      if (subscriptions > 0) metrics.mesosResubscriptions.inc()
      subscriptions += 1
    },
  }
}

/** Every series of a template with 0, so that a rate over the first event is seen. */
export function startAtZero(metrics: Metrics, templates: readonly string[]): void {
  for (const template of templates) {
    for (const result of LAUNCH_RESULTS) metrics.launches.inc({ template, result }, 0)
    for (const reason of REAP_REASONS) metrics.reaps.inc({ template, reason }, 0)
    metrics.oneshotExtra.inc({ template }, 0)
    metrics.offerWait.zero({ template })
    metrics.agentStart.zero({ template })
    metrics.agentLifetime.zero({ template })
  }
  for (const outcome of OFFER_OUTCOMES) metrics.offers.inc({ outcome }, 0)
  for (const scope of SCOPES) metrics.capReached.inc({ scope }, 0)
  for (const kind of KINDS) metrics.orphansRemoved.inc({ kind }, 0)
  for (const phase of PHASES) metrics.roundSeconds.zero({ phase })
}

/** All states in which an agent is shown. */
export const AGENT_STATES = [
  'planned',
  'starting',
  'online',
  'disconnected',
  'unreachable',
  'draining',
  'stopping',
] as const satisfies readonly AgentState[]
