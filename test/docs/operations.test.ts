import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { SETTINGS } from '../../src/config/settings.ts'
import { defineMetrics } from '../../src/metrics/definitions.ts'
import { documentedServer } from './documented-server.ts'

const text = readFileSync('docs/operations.md', 'utf8')
const prose = text.replaceAll(/^```[^]*?^```$/gm, '')

/** Every source of the program itself, with texts that go over several lines put together. */
const sources = ['src', 'plugins']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.ts') && !path.startsWith(join('src', 'embedded')))
  .map((path) => readFileSync(path, 'utf8').replaceAll(/['`]\s*\+\s*['`]/g, ''))

/** What stands between quotation marks, without the parts left out (`…`) and what is too short to tell anything. */
function quoted(): readonly string[] {
  const quotes = [...prose.matchAll(/"([^"]+)"/g)].map(([, quote = '']) => quote.replaceAll(/\s+/g, ' '))
  return quotes.flatMap((quote) => quote.split('…').map((part) => part.trim())).filter((part) => part.length >= 5)
}

test('whatever it quotes is said by the program in these words', () => {
  const parts = quoted()
  expect(parts.length).toBeGreaterThan(60)
  expect(parts.filter((part) => !sources.some((source) => source.includes(part)))).toEqual([])
})

test('every metric that it names exists', () => {
  const known = new Set(
    defineMetrics()
      .registry.getMetricsAsArray()
      .map(({ name }) => name),
  )
  const named = [...text.matchAll(/\bjenkins_mesos_[a-z_]+/g)].map(([name]) => name)
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => !known.has(name))).toEqual([])
})

test('every endpoint that it names exists', async () => {
  const app = await documentedServer()
  const routes = [...text.matchAll(/`(GET|POST) ([^`]+)`/g)].map(([, method = '', url = '']) => ({ method, url }))
  expect(routes.length).toBeGreaterThan(5)
  expect(routes.filter((route) => !app.hasRoute(route))).toEqual([])
})

test('every setting that it names exists', () => {
  const known = new Set(SETTINGS.map(({ name }) => name))
  const named = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`/g)].map(([, name = '']) => name)
  const calls = new Set(['DRAIN_AGENT', 'REACTIVATE_AGENT', 'UPDATE_MAINTENANCE_SCHEDULE'])
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((name) => !known.has(name) && !calls.has(name))).toEqual([])
})

test('its statuses are those of the program, each once', () => {
  const listed = [...text.matchAll(/^\| `((?!jenkins_mesos_)[a-z_]+)` +\|/gm)].map(([, status = '']) => status)
  const [, type = ''] =
    /export type HealthStatus =([^]*?)\n\n/.exec(readFileSync('src/loop/view-types.ts', 'utf8')) ?? []
  const stay = readFileSync('src/cli/stay.ts', 'utf8')
  const known = [...type.matchAll(/'([a-z_]+)'/g), ...stay.matchAll(/\{ status: '([a-z_]+)', words/g)].map(
    ([, status = '']) => status,
  )
  expect(listed.toSorted()).toEqual(known.toSorted())
})
