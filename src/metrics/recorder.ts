import { amount } from '../core/resources.ts'
import type { CallOutcome, Report } from '../loop/report.ts'
import { type AllocationMeter, shareOf } from './allocation.ts'
import type { Metrics } from './definitions.ts'
import { JENKINS_CODES, KINDS, known, MESOS_CODES, STORE_CODES, TASK_REASONS, TASK_STATES } from './label-values.ts'
import type { TemplateSeries } from './template-series.ts'

export interface RecorderOptions {
  readonly metrics: Metrics
  readonly templates: TemplateSeries
  readonly allocation: AllocationMeter
  readonly now: () => number
}

/** Counts what the loop reports. What comes from outside, codes and reasons, is counted by its name only if it is known. */
export function reportTo({ metrics, templates, allocation, now }: RecorderOptions): Report {
  let subscriptions = 0
  const called = (
    errors: { readonly inc: (labels: { code: string }) => void },
    codes: readonly string[],
    code: CallOutcome['code'],
  ): void => {
    if (code !== undefined) errors.inc({ code: known(codes, code) })
  }
  /** With all of its series, if it has none yet. */
  const of = (template: string): { readonly template: string } => {
    templates.touch(template)
    return { template }
  }
  return {
    round: (phase, seconds) => {
      metrics.roundSeconds.observe({ phase }, seconds)
    },
    offers: (outcome, count) => {
      if (count > 0) metrics.offers.inc({ outcome }, count)
    },
    launch: (template, result) => {
      metrics.launches.inc({ ...of(template), result })
    },
    launched: ({ agentId, template, resources }) => {
      const given = { template, cpus: amount(resources, 'cpus') / 1000, memMib: amount(resources, 'mem') / 1000 }
      allocation.begin(agentId, shareOf(given), now())
    },
    offerWait: (template, seconds) => {
      metrics.offerWait.observe(of(template), seconds)
    },
    queueWait: (seconds) => {
      metrics.queueWait.observe(seconds)
    },
    online: (template, seconds) => {
      metrics.agentStart.observe(of(template), seconds)
    },
    taskEnded: (template, state, reason) => {
      metrics.taskTerminal.inc({
        ...of(template),
        state: known(TASK_STATES, state),
        reason: known(TASK_REASONS, reason ?? 'none'),
      })
    },
    reaped: (template, reason) => {
      metrics.reaps.inc({ ...of(template), reason })
    },
    gone: ({ agentId, template }, lifetimeSeconds) => {
      allocation.end(agentId, now())
      metrics.agentLifetime.observe(of(template), lifetimeSeconds)
    },
    capReached: (scope) => {
      metrics.capReached.inc({ scope })
    },
    orphanRemoved: (kind) => {
      metrics.orphansRemoved.inc({ kind })
    },
    orphans: (kind, count) => {
      metrics.orphans.set({ kind }, count)
    },
    extraBuild: (template) => {
      metrics.oneshotExtra.inc(of(template))
    },
    jenkinsRequest: (seconds) => {
      metrics.jenkinsRequest.observe(seconds)
    },
    jenkinsError: (code) => {
      metrics.jenkinsErrors.inc({ code: known(JENKINS_CODES, code) })
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
    frameworkRemoved: () => {
      metrics.frameworksRemoved.inc()
    },
    failedOver: () => {
      metrics.failovers.inc()
    },
    leading: () => {
      metrics.leaderChanges.inc()
      allocation.restart(now())
      for (const kind of KINDS) metrics.orphans.set({ kind }, 0) // the next leader's
    },
    jenkinsCall: (call, { seconds, code }) => {
      metrics.jenkinsCalls.observe({ call }, seconds)
      called(metrics.jenkinsCallErrors, JENKINS_CODES, code)
    },
    mesosCall: (call, { seconds, code }) => {
      metrics.mesosCalls.observe({ call }, seconds)
      called(metrics.mesosCallErrors, MESOS_CODES, code)
    },
    commit: ({ seconds, code }) => {
      metrics.storeCommits.observe(seconds)
      called(metrics.storeErrors, STORE_CODES, code)
    },
  }
}
