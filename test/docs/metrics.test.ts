import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { CATALOGUE } from '../../src/metrics/definitions.ts'
import { PREFIX } from '../../src/metrics/spec.ts'
import { fillInMetrics, METRICS_MANUAL, unitOf } from './metrics-manual.ts'

const text = readFileSync(METRICS_MANUAL, 'utf8')

test('the tables are what `npm run docs` makes of the definitions', () => {
  expect(text).toBe(fillInMetrics(text))
})

test('every metric stands in one table', () => {
  const named = [...text.matchAll(/^\| `(jenkins_mesos_\w+)` +\| (?:gauge|counter|histogram)/gm)].map(
    ([, name]) => name,
  )
  expect(named.toSorted()).toEqual(
    Object.values(CATALOGUE)
      .map(({ name }) => PREFIX + name)
      .toSorted(),
  )
})

test.each([
  ['agent_start_seconds', 'seconds'],
  ['last_round_timestamp_seconds', 'seconds since 1970'],
  ['allocated_mem_byte_seconds_total', 'bytes × seconds'],
  ['allocated_cpu_seconds_total', 'CPUs × seconds'],
  ['used_cpu_seconds_total', 'CPU seconds'],
  ['agent_mem_rss_bytes', 'bytes'],
  ['agent_cpus_limit', 'CPUs'],
  ['agents', ''],
])('%s is in %s', (name, unit) => {
  expect(unitOf(name)).toBe(unit)
})
