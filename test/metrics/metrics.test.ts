import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { TemplateName } from '../../src/core/model.ts'
import { viewSizing } from '../../src/core/sizing-advice.ts'
import type { Report } from '../../src/loop/report.ts'
import type { View } from '../../src/loop/view-types.ts'
import { CATALOGUE } from '../../src/metrics/definitions.ts'
import { JENKINS_CODES, MESOS_CODES } from '../../src/metrics/label-values.ts'
import { aRecord, aTemplate, NOW } from '../support/builders.ts'
import { describeWith } from '../support/need.ts'
import { aSizing } from '../support/sizings.ts'
import { anAgentView, anItemView, aTemplateView, aView } from '../support/views.ts'
import { aMetricsRig, series } from './rig.ts'

const linux = 'linux' as TemplateName
let rig: ReturnType<typeof aMetricsRig>
let report: Report

beforeEach(() => {
  rig = aMetricsRig()
  report = rig.report
})

const scrape = (view?: View): Promise<string> => rig.scrape(view)

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
  report.launched(aRecord({ agentId: 'mesos-linux-9' }))
  report.orphans('node', 2)
  report.frameworkRemoved()
  report.failedOver()
  report.leading(true)
  report.jenkinsCall('create_node', { seconds: 0.3, code: undefined })
  report.jenkinsCall('set_offline', { seconds: 0.3, code: 'JENKINS_FORBIDDEN' })
  report.mesosCall('accept', { seconds: 0.1, code: 'MESOS_OFFER_GONE' })
  report.commit({ seconds: 0.02, code: 'STORE_WRITE' })
  rig.requests.answered('/api/v1/state', 200, 0.02)
  rig.requests.streams(1)
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
  test('have a help text each, and are named by what they are', async () => {
    for (const { name, help, type, use, labels } of Object.values(CATALOGUE)) {
      expect(help).toMatch(/^[A-Z1].*\.$/)
      expect(use).toMatch(/\S.*\.$/)
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      expect([name, Object.keys(labels).filter((label) => /job|build|item|host/.test(label))]).toEqual([name, []])
    }
  })

  test('never carry a job, a build or a queue item', async () => {
    reportAll()
    const text = await scrape(BUSY)
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
    ['orphans{kind="node"}', 0],
    ['frameworks_removed_total', 1],
    ['failovers_total', 1],
    ['leader_changes_total', 1],
    ['jenkins_node_call_seconds_count{call="create_node"}', 1],
    ['jenkins_node_call_errors_total{code="JENKINS_FORBIDDEN"}', 1],
    ['mesos_call_seconds_sum{call="accept"}', 0.1],
    ['mesos_call_errors_total{code="MESOS_OFFER_GONE"}', 1],
    ['store_commit_seconds_count', 1],
    ['store_errors_total{code="STORE_WRITE"}', 1],
    ['http_requests_total{route="/api/v1/state",code="2xx"}', 1],
    ['http_request_seconds_sum{route="/api/v1/state"}', 0.02],
    ['sse_clients', 1],
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
  aMetricsRig().report.subscribed(true)
  expect(series(await scrape()).get('mesos_subscribed')).toBe(0)
})

describe('what comes from outside', () => {
  test.each([
    ['a reason', 'task_terminal_total{template="linux",state="TASK_FAILED",reason="other"}'],
    ['a state', 'task_terminal_total{template="linux",state="other",reason="none"}'],
    ['a code of Jenkins', 'jenkins_errors_total{code="other"}'],
    ['a code of Mesos', 'mesos_call_errors_total{code="other"}'],
    ['a code of the store', 'store_errors_total{code="other"}'],
  ])('is counted as other where it is not known: %s', async (_, name) => {
    report.taskEnded(linux, 'TASK_FAILED', 'REASON_OF_NEXT_YEAR')
    report.taskEnded(linux, 'TASK_NEW', undefined)
    report.jenkinsError('ERR_TLS_CERT_ALTNAME_INVALID')
    report.mesosCall('kill', { seconds: 1, code: 'UND_ERR_SOCKET' })
    report.commit({ seconds: 1, code: 'ENOSPC' })
    expect(series(await scrape()).get(name)).toBe(1)
  })

  test.each([
    ['jenkins/errors', JENKINS_CODES],
    ['mesos/errors', MESOS_CODES],
  ])('is known by all the codes of %s', (file, codes) => {
    const source = readFileSync(`src/${file}.ts`, 'utf8')
    const written = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code]) => code)
    expect([...written, 'other']).toEqual(codes)
  })
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
