import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { CATALOGUE } from '../../src/metrics/definitions.ts'
import { PREFIX, type Spec } from '../../src/metrics/spec.ts'
import { describeWith } from '../support/need.ts'
import { filesOf, knownSeries, RULES, seriesIn } from './kit.ts'

interface TestFile {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[]
    readonly promql_expr_test?: readonly { readonly expr: string; readonly exp_samples: readonly unknown[] }[]
  }[]
}

const alerts = RULES.filter(({ alert }) => alert !== undefined)
const records = RULES.filter(({ record }) => record !== undefined)
const tests = filesOf('.rules.test.yml').flatMap((file) => (parse(readFileSync(file, 'utf8')) as TestFile).tests)
const runbooks = readFileSync('docs/runbooks.md', 'utf8')

describe('the rules', () => {
  test('name only series that there are', () => {
    const known = knownSeries()
    for (const { expr } of RULES) {
      const named = seriesIn(expr)
      expect(named.length).toBeGreaterThan(0)
      expect([expr, named.filter((name) => !known.has(name))]).toEqual([expr, []])
    }
  })

  test('name only labels and values that there are', () => {
    const labels = new Map(Object.values<Spec>(CATALOGUE).map((spec) => [PREFIX + spec.name, spec.labels]))
    const selectors = RULES.flatMap(({ expr }) => [...expr.matchAll(/(jenkins_mesos_\w+?)(?:_bucket)?\{([^}]*)\}/g)])
    expect(selectors.length).toBeGreaterThan(5)
    for (const [, metric = '', selector = ''] of selectors) {
      for (const [, label = '', operator, text = ''] of selector.matchAll(/(\w+)(=~|!=|=)"([^"]*)"/g)) {
        const values = (labels.get(metric) ?? labels.get(metric.replace(/_(sum|count)$/, '')))?.[label]
        expect([metric, label, values !== undefined]).toEqual([metric, label, true])
        if (typeof values === 'string' || values === undefined) continue
        const named = operator === '=~' ? text.split('|') : [text]
        expect([metric, named.filter((value) => !values.includes(value))]).toEqual([metric, []])
      }
    }
  })

  test.each(alerts.map((rule) => [rule.alert ?? '', rule] as const))(
    '%s says what it is, how bad, and what to do',
    (name, rule) => {
      expect(['critical', 'warning', 'info']).toContain(rule.labels?.['severity'])
      expect(rule.annotations?.['summary']).toMatch(/\.$/)
      expect(rule.annotations?.['description']).toMatch(/^[A-Z].{30,}/)
      expect(rule.annotations?.['runbook_url']).toBe(`docs/runbooks.md#${name.toLowerCase()}`)
    },
  )

  test.each(alerts.map(({ alert = '' }) => alert))('%s is tested: quiet, fires, is over', (name) => {
    const seen = tests
      .flatMap(({ alert_rule_test = [] }) => alert_rule_test)
      .filter(({ alertname }) => alertname === name)
      .map(({ exp_alerts }) => exp_alerts.length > 0)
    expect(seen).toEqual([false, true, false])
  })

  test.each(records.map(({ record = '' }) => record))('%s is tested with a figure', (name) => {
    const found = tests.flatMap(({ promql_expr_test = [] }) => promql_expr_test).filter(({ expr }) => expr === name)
    expect(found.some(({ exp_samples }) => exp_samples.length > 0)).toBe(true)
  })
})

describe('the runbooks', () => {
  const sections = [...runbooks.matchAll(/^### (\w+)\n([\s\S]*?)(?=^##|(?![\s\S]))/gm)]

  test('have one section for each alert, and none for what is no alert', () => {
    expect(sections.map(([, name]) => name).toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted())
  })

  test.each(sections.map(([, name = '', text = '']) => [name, text]))('%s: means, see, do, over', (_, text) => {
    expect([...text.matchAll(/^- \*\*(\w+)\.\*\* \S/gm)].map(([, part]) => part)).toEqual([
      'Means',
      'See',
      'Do',
      'Over',
    ])
  })

  test('name only series that there are', () => {
    const known = knownSeries()
    const families = new Set(Object.values(CATALOGUE).map(({ name }) => PREFIX + name))
    const named = [...runbooks.matchAll(/`((?:\w+:)?jenkins_mesos_[\w:]+)/g)].map(([, name = '']) => name)
    expect(named.filter((name) => !known.has(name) && !families.has(name))).toEqual([])
  })
})

describeWith(['promtool'], 'promtool', () => {
  const run = (...args: readonly string[]) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' })
    return { status, said: stdout + stderr }
  }

  test('finds no mistake in the rules', () => {
    expect(run('check', 'rules', '--lint=all', '--lint-fatal', ...filesOf('.rules.yml'))).toMatchObject({ status: 0 })
  })

  test.each(filesOf('.rules.test.yml'))('%s', (file) => {
    expect(run('test', 'rules', file)).toEqual({ status: 0, said: expect.stringContaining('SUCCESS') })
  })

  test.each(filesOf('.yml').filter((file) => /prometheus[\w-]*\.yml$/.test(file)))('%s is a configuration', (file) => {
    expect(run('check', 'config', '--syntax-only', file)).toMatchObject({ status: 0 })
  })
})
