import { spawnSync } from 'node:child_process'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { TemplateName } from '../../src/core/model.ts'
import { viewSizing } from '../../src/core/sizing-advice.ts'
import type { Report } from '../../src/loop/report.ts'
import type { View } from '../../src/loop/view-types.ts'
import { GaugeWriter } from '../../src/metrics/collect.ts'
import { defineMetrics, type Metrics } from '../../src/metrics/definitions.ts'
import { reportTo, startAtZero } from '../../src/metrics/recorder.ts'
import { aRecord, aTemplate, NOW } from '../support/builders.ts'
import { describeWith } from '../support/need.ts'
import { aSizing } from '../support/sizings.ts'
import { anAgentView, anItemView, aTemplateView, aView } from '../support/views.ts'

/** Every metric of the program: its type and its labels. */
const METRICS: Readonly<Record<string, readonly [type: string, ...labels: string[]]>> = {
  agents: ['gauge', 'template', 'state'],
  executors: ['gauge', 'template', 'state'],
  queue_items: ['gauge', 'template', 'state'],
  allocated_cpus: ['gauge', 'template'],
  allocated_mem_bytes: ['gauge', 'template'],
  executor_cpus_asked: ['gauge', 'template'],
  executor_cpus_used: ['gauge', 'template', 'stat'],
  executor_mem_asked_bytes: ['gauge', 'template'],
  executor_mem_used_bytes: ['gauge', 'template', 'stat'],
  measured_agents: ['gauge', 'template'],
  agent_cpu_seconds_total: ['counter', 'agent', 'template'],
  agent_mem_rss_bytes: ['gauge', 'agent', 'template'],
  agent_mem_limit_bytes: ['gauge', 'agent', 'template'],
  agent_cpus_limit: ['gauge', 'agent', 'template'],
  queue_wait_seconds: ['histogram'],
  offer_wait_seconds: ['histogram', 'template'],
  agent_start_seconds: ['histogram', 'template'],
  agent_lifetime_seconds: ['histogram', 'template'],
  launches_total: ['counter', 'template', 'result'],
  reaps_total: ['counter', 'template', 'reason'],
  task_terminal_total: ['counter', 'template', 'state', 'reason'],
  offers_total: ['counter', 'outcome'],
  cap_reached_total: ['counter', 'scope'],
  orphans_removed_total: ['counter', 'kind'],
  oneshot_extra_builds_total: ['counter', 'template'],
  round_seconds: ['histogram', 'phase'],
  jenkins_request_seconds: ['histogram'],
  jenkins_errors_total: ['counter', 'code'],
  mesos_subscribed: ['gauge'],
  mesos_last_event_timestamp_seconds: ['gauge'],
  mesos_resubscriptions_total: ['counter'],
  brake_held_agents: ['gauge'],
  other_jenkins: ['gauge'],
  leader: ['gauge'],
  build_info: ['gauge', 'version'],
}

const linux = 'linux' as TemplateName
let metrics: Metrics
let report: Report
let gauges: GaugeWriter

beforeEach(() => {
  metrics = defineMetrics()
  report = reportTo(metrics, () => NOW)
  startAtZero(metrics, ['linux'])
  gauges = new GaugeWriter(metrics)
})

/** The exposition as Prometheus would get it now. */
async function scrape(view: View = aView({ templates: [aTemplateView()] })): Promise<string> {
  gauges.write(view)
  return await metrics.registry.metrics()
}

/** Value by series, such as `launches_total{template="linux",result="launched"}`; ours only. */
function series(text: string): ReadonlyMap<string, number> {
  const found = text.matchAll(/^jenkins_mesos_(\S+?(?:\{.*\})?) (\S+)$/gm)
  return new Map([...found].map(([, name, value]) => [name ?? '', Number(value)]))
}

/** Everything happens once. */
function reportAll(): void {
  report.round('observe', 0.1)
  report.offers('received', 2)
  report.launch(linux, 'launched')
  report.offerWait(linux, 1)
  report.queueWait(30)
  report.online(linux, 12)
  report.taskEnded(linux, 'TASK_FAILED', 'REASON_COMMAND_EXECUTOR_FAILED')
  report.taskEnded(linux, 'TASK_FINISHED', undefined)
  report.reaped(linux, 'idle')
  report.gone(aRecord(), 600)
  report.capReached('agents')
  report.orphanRemoved('node')
  report.extraBuild(linux)
  report.jenkinsRequest(0.2)
  report.jenkinsError('JENKINS_UNAVAILABLE')
  report.mesosEvent()
  report.subscribed(true)
  report.subscribed(false)
  report.subscribed(true)
  metrics.buildInfo.set({ version: '0.1.0' }, 1)
}

const BUSY = aView({
  queue: [anItemView({ job: 'secret-job-name' }), anItemView({ state: 'unserved', template: undefined })],
  templates: [
    aTemplateView({
      idleExecutors: 1,
      busyExecutors: 2,
      startingExecutors: 3,
      sizing: viewSizing(aSizing({ cpus: [0.25, 0.5], memMib: [64] }), aTemplate(), NOW),
    }),
  ],
  agents: [
    anAgentView({
      cpus: 0.1,
      builds: ['secret-build-name'],
      usage: { cpuSeconds: 12.5, cpusLimit: 0.3, memRssBytes: 1_000, memLimitBytes: 2_000 },
    }),
    anAgentView({ agentId: 'mesos-linux-2', cpus: 0.2, state: 'starting' }),
    anAgentView({ agentId: 'mesos-linux-3', cpus: 0.4, state: 'planned' }),
    anAgentView({ agentId: 'mesos-old-1', template: 'old', state: 'draining' }),
  ],
})

describe('the metrics', () => {
  test('are exactly these, with a type and a help text each', async () => {
    reportAll()
    const text = await scrape(BUSY)
    const types = [...text.matchAll(/^# TYPE jenkins_mesos_(\S+) (\S+)$/gm)].map(([, name, type]) => [name, type])
    expect(new Map(types as [string, string][])).toEqual(
      new Map(Object.entries(METRICS).map(([name, [type]]) => [name, type])),
    )
    for (const name of Object.keys(METRICS)) {
      expect(text).toMatch(new RegExp(`^# HELP jenkins_mesos_${name} [A-Z1].*\\.$`, 'm'))
    }
  })

  test('have these labels, never a job, a build or a queue item', async () => {
    reportAll()
    const text = await scrape(BUSY)
    for (const [name, [type, ...labels]] of Object.entries(METRICS)) {
      const suffix = type === 'histogram' ? '_count' : ''
      const [, found = ''] = new RegExp(`^jenkins_mesos_${name}${suffix}(?:\\{(.*)\\})? `, 'm').exec(text) ?? []
      expect([name, [...found.matchAll(/(\w+)="/g)].map(([, label]) => label).sort()]).toEqual([name, labels.sort()])
    }
    expect(text).not.toMatch(/secret-job-name|secret-build-name/)
  })

  test.each([
    ['launches_total{template="linux",result="launched"}', 1],
    ['offers_total{outcome="received"}', 2],
    ['offer_wait_seconds_sum{template="linux"}', 1],
    ['queue_wait_seconds_sum', 30],
    ['agent_start_seconds_sum{template="linux"}', 12],
    ['task_terminal_total{template="linux",state="TASK_FAILED",reason="REASON_COMMAND_EXECUTOR_FAILED"}', 1],
    ['task_terminal_total{template="linux",state="TASK_FINISHED",reason="none"}', 1],
    ['reaps_total{template="linux",reason="idle"}', 1],
    ['agent_lifetime_seconds_sum{template="linux"}', 600],
    ['cap_reached_total{scope="agents"}', 1],
    ['orphans_removed_total{kind="node"}', 1],
    ['oneshot_extra_builds_total{template="linux"}', 1],
    ['round_seconds_sum{phase="observe"}', 0.1],
    ['jenkins_request_seconds_sum', 0.2],
    ['jenkins_errors_total{code="JENKINS_UNAVAILABLE"}', 1],
    ['mesos_subscribed', 1],
    ['mesos_last_event_timestamp_seconds', NOW / 1000],
    ['mesos_resubscriptions_total', 1],
    ['leader', 1],
    ['build_info{version="0.1.0"}', 1],
  ])('count what happened: %s is %d', async (name, value) => {
    reportAll()
    expect(series(await scrape(BUSY)).get(name)).toBe(value)
  })

  test.each([
    ['agents{template="linux",state="online"}', 1],
    ['agents{template="linux",state="starting"}', 1],
    ['agents{template="linux",state="planned"}', 1],
    ['agents{template="linux",state="unreachable"}', 0],
    ['agents{template="old",state="draining"}', 1],
    ['executors{template="linux",state="idle"}', 1],
    ['executors{template="linux",state="busy"}', 2],
    ['executors{template="linux",state="starting"}', 3],
    ['queue_items{template="linux",state="waiting_offer"}', 1],
    ['queue_items{template="none",state="unserved"}', 1],
    ['allocated_cpus{template="linux"}', 0.3],
    ['allocated_mem_bytes{template="linux"}', 2 * 704 * 1024 * 1024],
    ['allocated_cpus{template="old"}', 0.3],
    ['agent_cpu_seconds_total{agent="mesos-linux-1",template="linux"}', 12.5],
    ['agent_mem_rss_bytes{agent="mesos-linux-1",template="linux"}', 1_000],
    ['agent_mem_limit_bytes{agent="mesos-linux-1",template="linux"}', 2_000],
    ['executor_cpus_asked{template="linux"}', 0.3],
    ['executor_cpus_used{template="linux",stat="p50"}', 0.25],
    ['executor_cpus_used{template="linux",stat="max"}', 0.5],
    ['executor_mem_asked_bytes{template="linux"}', 704 * 1024 * 1024],
    ['executor_mem_used_bytes{template="linux",stat="p95"}', 64 * 1024 * 1024],
    ['measured_agents{template="linux"}', 2],
    ['agent_cpus_limit{agent="mesos-linux-1",template="linux"}', 0.3],
  ])('show what is: %s is %d', async (name, value) => {
    expect(series(await scrape(BUSY)).get(name)).toBe(value)
  })
})

describe('from the start', () => {
  test.each([
    'agents{template="linux",state="online"}',
    'executors{template="linux",state="idle"}',
    'queue_items{template="none",state="unserved"}',
    'queue_items{template="linux",state="capped"}',
    'queue_items{template="linux",state="paused"}',
    'queue_items{template="linux",state="rate_limited"}',
    'allocated_cpus{template="linux"}',
    'allocated_mem_bytes{template="linux"}',
    'queue_wait_seconds_count',
    'offer_wait_seconds_count{template="linux"}',
    'agent_start_seconds_count{template="linux"}',
    'agent_lifetime_seconds_count{template="linux"}',
    'launches_total{template="linux",result="jenkins_failed"}',
    'reaps_total{template="linux",reason="connect_timeout"}',
    'offers_total{outcome="rescinded"}',
    'cap_reached_total{scope="mem"}',
    'orphans_removed_total{kind="task"}',
    'oneshot_extra_builds_total{template="linux"}',
    'round_seconds_count{phase="plan"}',
    'jenkins_request_seconds_count',
    'mesos_subscribed',
    'mesos_resubscriptions_total',
  ])('%s is 0', async (name) => {
    expect(series(await scrape()).get(name)).toBe(0)
  })

  test('no series of an agent exists', async () => {
    expect(await scrape()).not.toContain('agent="')
  })
})

describe('what executors use', () => {
  test('has no series until it was measured, as 0 would say something', async () => {
    const found = series(
      await scrape(aView({ templates: [aTemplateView({ sizing: viewSizing(aSizing({}), aTemplate(), NOW) })] })),
    )
    expect(found.get('measured_agents{template="linux"}')).toBe(0)
    expect(found.get('executor_cpus_asked{template="linux"}')).toBe(0.3)
    expect([...found.keys()].filter((name) => name.includes('_used'))).toEqual([])
  })

  test('goes with its template', async () => {
    expect(await scrape(BUSY)).toContain('executor_cpus_used{template="linux"')
    const after = await scrape(aView())
    expect([...series(after).keys()].filter((name) => /^executor_|^measured_/.test(name))).toEqual([])
  })
})

describe('the series of one agent', () => {
  const used = (cpuSeconds: number | undefined) =>
    aView({
      agents: [
        anAgentView({ usage: { cpuSeconds, cpusLimit: undefined, memRssBytes: undefined, memLimitBytes: undefined } }),
      ],
    })
  const CPU = 'agent_cpu_seconds_total{agent="mesos-linux-1",template="linux"}'

  test('vanish with it', async () => {
    expect(await scrape(BUSY)).toContain('agent="mesos-linux-1"')
    expect(await scrape(aView())).not.toContain('agent="')
  })

  test('do not exist until its host has told', async () => {
    expect(await scrape(aView({ agents: [anAgentView()] }))).not.toContain('agent="')
  })

  test('never go down: a host that counts anew, or tells nothing, changes nothing', async () => {
    const values: (number | undefined)[] = []
    for (const told of [10, 12, 3, undefined, 12, 15]) values.push(series(await scrape(used(told))).get(CPU))
    expect(values).toEqual([10, 12, 12, 12, 12, 15])
  })
})

test('counters only grow, however often and whatever is scraped', async () => {
  reportAll()
  const counters = (text: string) => [...series(text)].filter(([name]) => /_total|_count|_bucket|_sum/.test(name))
  let before = new Map(counters(await scrape(BUSY)))
  for (const view of [BUSY, aView({ agents: BUSY.agents }), BUSY]) {
    reportAll()
    const after = new Map(counters(await scrape(view)))
    for (const [name, value] of before) expect([name, (after.get(name) ?? 0) >= value]).toEqual([name, true])
    before = after
  }
})

test('offers that are none are not counted', async () => {
  report.offers('lost', 0)
  expect(series(await scrape()).get('offers_total{outcome="lost"}')).toBe(0)
})

test('two programs in one process do not share a metric', async () => {
  const other = defineMetrics()
  other.mesosSubscribed.set(1)
  expect(series(await scrape()).get('mesos_subscribed')).toBe(0)
})

test.each([
  ['a leader', aView(), 1],
  ['a standby', aView({ leadership: { role: 'standby', since: NOW, why: 'another leads' } }), 0],
  [
    'a leader that stands back',
    aView({ health: { status: 'standing_back', words: 'another took over', lastRoundAgeMs: 1 } }),
    0,
  ],
])('invariant 9: %s shows whether it acts', async (_, view, leader) => {
  expect(series(await scrape(view)).get('leader')).toBe(leader)
})

describeWith(['promtool'], 'promtool', () => {
  test('finds nothing wrong in a full scrape', async () => {
    reportAll()
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await scrape(BUSY),
      encoding: 'utf8',
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})
