import { describe, expect, test } from '@jest/globals'
import type { TemplateName } from '../../src/core/model.ts'
import { CATALOGUE } from '../../src/metrics/definitions.ts'
import { seriesBound } from '../../src/metrics/series-bound.ts'
import { labelSets, seriesPerSet } from '../../src/metrics/spec.ts'
import { aRecord, NOW } from '../support/builders.ts'
import { anAgentView, anItemView, aTemplateView, aView } from '../support/views.ts'
import { aMetricsRig, series } from './rig.ts'

const TEMPLATES = ['linux', 'windows', 'gpu'] as const
const USAGE = { cpuSeconds: 3, cpusLimit: 1, memRssBytes: 1_000, memLimitBytes: 2_000 }
const templates = TEMPLATES.map((template) => aTemplateView({ template, maxCpus: 10, maxMemMib: 1_000 }))

function agentsOf(from: number, count: number) {
  return Array.from({ length: count }, (_, index) =>
    anAgentView({
      agentId: `mesos-${from + index}`,
      template: TEMPLATES[(from + index) % TEMPLATES.length] ?? 'linux',
      createdAt: NOW,
      hostname: `host-${(from + index) % 400}`,
      usage: USAGE,
    }),
  )
}

describe('the number of series', () => {
  test('stays under its bound while 20,000 agents and 10,000 jobs pass through, and falls back when they are gone', async () => {
    const rig = aMetricsRig(TEMPLATES)
    const base = (await rig.series(aView({ templates }))).size
    expect(base).toBeLessThanOrEqual(seriesBound({ templates: TEMPLATES.length, agents: 0, routes: 0 }))
    const live = 2_000
    for (let turn = 0; turn < 10; turn++) {
      const agents = agentsOf(turn * live, live)
      for (const { agentId, template } of agents) {
        const record = aRecord({ agentId: agentId, template: template as TemplateName })
        rig.report.launch(record.template, 'launched')
        rig.report.launched(record)
        rig.report.online(record.template, 10)
        rig.report.queueWait(30)
      }
      const queue = Array.from({ length: 1_000 }, (_, index) =>
        anItemView({ itemId: `${turn}-${index}`, job: `job-${turn * 1_000 + index}`, label: `label-${turn}-${index}` }),
      )
      const found = await rig.series(aView({ templates, agents, queue }))
      const bound = seriesBound({ templates: TEMPLATES.length, agents: live, routes: 0 })
      expect([turn, found.size <= bound]).toEqual([turn, true])
      expect([...found.keys()].filter((name) => /job-|label-|host-/.test(name))).toEqual([])
      rig.advance(60_000)
      for (const { agentId, template } of agents) {
        const record = aRecord({ agentId: agentId, template: template as TemplateName })
        rig.report.taskEnded(record.template, 'TASK_KILLED', undefined)
        rig.report.reaped(record.template, 'idle')
        rig.report.gone(record, 60)
      }
    }
    const after = await rig.series(aView({ templates }))
    // Each template has learnt one way in which tasks end.
    expect(after.size).toBe(base + TEMPLATES.length)
  })

  test('stays under its bound whatever Mesos, Jenkins and callers say', async () => {
    const rig = aMetricsRig(TEMPLATES)
    for (let index = 0; index < 5_000; index++) {
      rig.report.taskEnded('linux' as TemplateName, `TASK_${index}`, `REASON_${index}`)
      rig.report.jenkinsError(`ERR_${index}`)
      rig.report.mesosCall('accept', { seconds: 1, code: `ERR_${index}` })
      rig.requests.answered(undefined, index, 0.1)
    }
    const found = await rig.series(aView({ templates }))
    expect(found.size).toBeLessThanOrEqual(seriesBound({ templates: TEMPLATES.length, agents: 0, routes: 1 }))
  })

  test('holds for templates that come and go with reloads', async () => {
    const rig = aMetricsRig(['linux'])
    const linux = [aTemplateView()]
    const base = (await rig.series(aView({ templates: linux }))).size
    for (let index = 0; index < 100; index++) {
      const template = `release-${index}`
      await rig.scrape(aView({ templates: [...linux, aTemplateView({ template })] }))
      rig.report.taskEnded(template as TemplateName, 'TASK_FINISHED', undefined)
    }
    expect((await rig.series(aView({ templates: linux }))).size).toBe(base)
  })

  test('a scrape with 2,000 agents takes well under a second', async () => {
    const rig = aMetricsRig(TEMPLATES)
    const agents = agentsOf(0, 2_000)
    await rig.scrape(aView({ templates, agents }))
    const times: number[] = []
    for (let turn = 0; turn < 5; turn++) {
      const startedAt = performance.now()
      await rig.scrape(aView({ templates, agents }))
      times.push(performance.now() - startedAt)
    }
    expect(Math.min(...times)).toBeLessThan(500)
  })
})

describe('a template', () => {
  const linux = aTemplateView()
  const fresh = aTemplateView({ template: 'fresh' })
  const seriesOf = (text: string, template: string) =>
    [...series(text).keys()].filter((name) => name.includes(`template="${template}"`))

  test('that a reload adds has all of its series with 0 before anything happens', async () => {
    const rig = aMetricsRig()
    const text = await rig.scrape(aView({ templates: [linux, fresh] }))
    const names = (template: string) => seriesOf(text, template).map((name) => name.replace(`"${template}"`, '"…"'))
    expect(names('fresh')).toEqual(names('linux'))
    expect(series(text).get('launches_total{template="fresh",result="launched"}')).toBe(0)
  })

  test('that a reload takes away loses its series after its last agent', async () => {
    const rig = aMetricsRig()
    await rig.scrape(aView({ templates: [linux, fresh] }))
    const last = anAgentView({ template: 'fresh', usage: USAGE })
    const meanwhile = await rig.scrape(aView({ templates: [linux], agents: [last] }))
    expect(series(meanwhile).get('agents{template="fresh",state="online"}')).toBe(1)
    expect(series(meanwhile).get('launches_total{template="fresh",result="launched"}')).toBe(0)
    expect(seriesOf(await rig.scrape(aView({ templates: [linux] })), 'fresh')).toEqual([])
  })

  test('of which something is told late loses those series too', async () => {
    const rig = aMetricsRig()
    await rig.scrape(aView({ templates: [linux] }))
    rig.report.gone(aRecord({ template: 'fresh' as TemplateName }), 60)
    rig.report.taskEnded('fresh' as TemplateName, 'TASK_LOST', undefined)
    expect(seriesOf(await rig.scrape(aView({ templates: [linux] })), 'fresh')).toEqual([])
  })
})

test('whatever is not sparse is there from the first scrape on, with all of its labels', async () => {
  const found = await aMetricsRig().series()
  for (const spec of Object.values(CATALOGUE)) {
    if (spec.sparse) continue
    const suffix = spec.type === 'histogram' ? '_count' : ''
    for (const labels of labelSets(spec, { template: 'linux' })) {
      const written = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
      const name = `${spec.name}${suffix}${written.length === 0 ? '' : `{${written.join(',')}}`}`
      expect([name, found.has(name)]).toEqual([name, true])
    }
  }
})

test('the bound counts each bucket of a histogram', () => {
  expect(seriesPerSet(CATALOGUE.agentStart)).toBe(10 + 3)
})
