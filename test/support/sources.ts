import type { Sources } from '../../plugins/sources.ts'
import type { TemplateName } from '../../src/core/model.ts'
import { EventLog } from '../../src/loop/event-log.ts'
import { nothingExplained } from '../../src/loop/explain-view.ts'
import { summaryOf } from '../../src/loop/view-summary.ts'
import type { ConfigurationView, PlanView, SummaryView, TimelineView } from '../../src/loop/view-types.ts'
import { NOW } from './builders.ts'
import { aHostView, anAgentView, anItemView, aTemplateView, aView } from './views.ts'

/** All that the HTTP face shows, of a small farm in which one build waits and one runs. */
export function aSources(over: Partial<Sources> = {}): Sources {
  const found = aView({
    queue: [anItemView()],
    templates: [aTemplateView({ demand: 1, busyExecutors: 1, agents: 1, givenCpus: 0.3, givenMemMib: 704 })],
    agents: [anAgentView({ builds: ['app #1'] })],
    hosts: [aHostView()],
  })
  const view = over.view ?? (() => found)
  const events = over.events ?? someEvents()
  const summary = (): SummaryView =>
    summaryOf({
      view: view(),
      version: '1.2.3',
      startedAt: NOW - 3_600_000,
      storeError: undefined,
      lastEventId: events.lastId,
    })
  return {
    view,
    summary,
    followSummary: (listener) => {
      listener(summary())
      return () => undefined
    },
    explain: () => nothingExplained(NOW, 'no round has ended yet'),
    health: () => view().health,
    plan: aPlanView,
    hosts: (hostnames) =>
      view()
        .hosts.filter(({ hostname }) => hostnames.includes(hostname))
        .map((host) => ({
          ...host,
          refusals: [{ template: 'linux' as TemplateName, words: ['needs cpus 0.3, has cpus 0.2'] }],
        })),
    timeline: aTimelineView,
    configuration: aConfigurationView,
    events,
    metrics: () => [
      {
        name: 'jenkins_mesos_agents',
        type: 'gauge',
        help: 'Agents by template and state.',
        labels: ['template', 'state'],
      },
    ],
    scrape: async () => ({ text: 'up 1\n', contentType: 'text/plain' }),
    ...over,
  }
}

/** A log of three events. */
export function someEvents(): EventLog {
  let at = NOW - 3_000
  const events = new EventLog({
    now: () => {
      at += 1_000
      return at
    },
  })
  events.note(
    'info',
    { round: 1, actions: ['provision an agent of linux on host-1 (1 executor): job app waits'] },
    'plan',
  )
  events.note('info', { agentId: 'mesos-linux-1', template: 'linux', hostname: 'host-1', seconds: 12 }, 'agent online')
  events.note('warn', { problem: 'no template has the label solaris' }, 'something needs a look')
  return events
}

export function aPlanView(over: Partial<PlanView> = {}): PlanView {
  return {
    round: 3,
    at: NOW - 250,
    actions: ['provision an agent of linux on host-1 (1 executor): job app waits'],
    held: undefined,
    wantedRoles: ['*'],
    nextLookAt: NOW + 500,
    ...over,
  }
}

export function aTimelineView(over: Partial<TimelineView> = {}): TimelineView {
  return {
    everyMs: 15_000,
    at: [NOW - 30_000, NOW - 15_000, NOW],
    waiting: [null, 2, 1],
    blocked: [null, 0, 0],
    builds: [null, 0, 1],
    agents: { starting: [null, 1, 0], online: [null, 0, 1] },
    givenCpus: [null, 0.3, 0.3],
    usedCpus: [null, null, 0.2],
    givenMemMib: [null, 704, 704],
    usedMemMib: [null, null, 212],
    ...over,
  }
}

export function aConfigurationView(over: Partial<ConfigurationView> = {}): ConfigurationView {
  return {
    settings: [
      {
        name: 'JENKINS_URL',
        value: 'http://jenkins.test/',
        source: 'environment',
        secret: false,
        description: 'Where Jenkins is.',
      },
      {
        name: 'JENKINS_TOKEN',
        value: 'set, not shown',
        source: 'file',
        secret: true,
        description: 'The API token of that user.',
      },
      { name: 'MAX_AGENTS', value: '50', source: 'default', secret: false, description: 'Agents at most.' },
      { name: 'MAX_CPUS', value: undefined, source: 'default', secret: false, description: 'CPUs at most.' },
    ],
    templates: 'templates:\n  linux:\n    labels: [linux]\n    cpus: { agent: 0.1, perExecutor: 0.2 }\n',
    files: ['/etc/sidecar/templates.yaml'],
    warnings: [],
    mistakes: [],
    logLevel: 'info',
    ...over,
  }
}
