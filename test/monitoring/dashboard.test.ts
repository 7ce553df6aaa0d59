import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { CATALOGUE } from '../../src/metrics/definitions.ts'
import { PREFIX } from '../../src/metrics/spec.ts'
import { describeWith } from '../support/need.ts'
import { KIT, knownSeries, seriesIn } from './kit.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: unknown
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly datasource: unknown }[]
}

interface Dashboard {
  readonly uid: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[]
  }
}

const GRAFANA = join(KIT, 'grafana')
const text = readFileSync(join(GRAFANA, 'dashboards/jenkins-mesos-sidecar.json'), 'utf8')
const dashboard = JSON.parse(text) as Dashboard
const shown = dashboard.panels.filter(({ type }) => type !== 'row')
/** Those that every Grafana has. */
const CORE = ['row', 'stat', 'timeseries', 'table']
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' }

/** Without Grafana's variables, which Prometheus does not know. */
function plain(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m').replaceAll('$template', '.*').replaceAll('$job', '.*')
}

const queries = shown.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, plain(expr)] as const))

describe('the dashboard', () => {
  test('uses panels that every Grafana has, each once and with a sentence', () => {
    expect(dashboard.panels.filter(({ type }) => !CORE.includes(type))).toEqual([])
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
    expect(new Set(shown.map(({ title }) => title)).size).toBe(shown.length)
    for (const { description } of shown) expect(description).toMatch(/^[A-Z1].*\.$/)
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36)
  })

  test('asks the Prometheus that people choose, whatever it is called', () => {
    for (const { datasource, targets = [] } of shown) {
      expect([datasource, ...targets.map((target) => target.datasource)]).toEqual(
        Array.from({ length: targets.length + 1 }, () => DATASOURCE),
      )
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length)
    }
    expect(dashboard.templating.list.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'datasource datasource',
      'job query',
      'template query',
    ])
    const uids = new Set([...text.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid))
    expect([...uids]).toEqual([dashboard.uid, '${datasource}'].filter((uid) => uids.has(uid)))
    expect(text).not.toContain('__inputs')
  })

  test('leaves no panel over another, and none outside', () => {
    const cells = new Map<string, number>()
    for (const { id, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([id, cells.get(`${x} ${y}`)]).toEqual([id, undefined])
          cells.set(`${x} ${y}`, id)
        }
      }
    }
  })

  test.each(queries)('%s: asks only for series that there are', (_, expr) => {
    const known = knownSeries()
    const named = seriesIn(expr)
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })

  test('leaves no variable of Grafana in a query that it does not know', () => {
    expect(queries.filter(([, expr]) => expr.includes('$'))).toEqual([])
  })

  test('shows what there is: few metrics have no panel', () => {
    const rules = readFileSync(join(KIT, 'jenkins-mesos-recording.rules.yml'), 'utf8')
    const missing = Object.values(CATALOGUE)
      .map(({ name }) => PREFIX + name)
      .filter((name) => !text.includes(name) && !rules.includes(name))
    // Right-sizing has its own answer, `GET /api/v1/sizing`; the others tell of an accident, and have an alert or a log line.
    expect(missing.map((name) => name.slice(PREFIX.length)).toSorted()).toEqual([
      'cap_reached_total',
      'dry_run',
      'executor_cpus_asked',
      'executor_cpus_used',
      'executor_mem_asked_bytes',
      'executor_mem_used_bytes',
      'failovers_total',
      'frameworks_removed_total',
      'health_status',
      'launch_failures_in_row',
      'leader_changes_total',
      'max_cpus',
      'max_mem_bytes',
      'measured_agents',
      'mesos_last_event_timestamp_seconds',
      'oneshot_extra_builds_total',
      'orphans_removed_total',
    ])
  })
})

describe('the provisioning of Grafana', () => {
  const provisioned = (path: string): unknown => parse(readFileSync(join(GRAFANA, 'provisioning', path), 'utf8'))

  test('makes a data source and lets it choose its own uid', () => {
    const { datasources } = provisioned('datasources/prometheus.yml') as { datasources: readonly object[] }
    expect(datasources).toEqual([expect.objectContaining({ type: 'prometheus', access: 'proxy' })])
    expect(datasources[0]).not.toHaveProperty('uid')
  })

  test('looks for dashboards in a folder of files', () => {
    expect(provisioned('dashboards/jenkins-mesos-sidecar.yml')).toMatchObject({
      apiVersion: 1,
      providers: [{ type: 'file', options: { path: '/var/lib/grafana/dashboards' } }],
    })
  })
})

describeWith(['promtool'], 'promtool', () => {
  test('understands every query of the dashboard', () => {
    const rules = queries.map(([, expr], index) => ({ record: `dashboard:query:${index}`, expr }))
    const folder = mkdtempSync(join(tmpdir(), 'dashboard-'))
    try {
      const file = join(folder, 'dashboard.yml')
      writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules }] }))
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })
      expect({ status, said: stdout + stderr }).toEqual({
        status: 0,
        said: expect.stringContaining(`${rules.length} rules found`),
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
