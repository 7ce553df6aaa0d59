import { describe, expect, test } from '@jest/globals'
import type { View } from '../../src/loop/view-types.ts'
import { apiServer } from '../support/api-server.ts'
import { NOW } from '../support/builders.ts'
import { aConfigurationView } from '../support/sources.ts'
import { anAgentView, aView } from '../support/views.ts'

const before = aView({ agents: [anAgentView()] })

/** The status of a second look, with the tag of the first, after what is seen has changed. */
async function secondLook(url: string, after: View, header = (tag: string): string => tag): Promise<number> {
  let view = before
  const app = await apiServer({ view: () => view })
  const first = await app.inject(url)
  expect([url, first.statusCode, first.headers['cache-control']]).toEqual([url, 200, 'no-cache'])
  const tag = String(first.headers['etag'])
  expect(tag).toMatch(/^W\/"[\w-]+"$/)
  view = after
  const second = await app.inject({ url, headers: { 'if-none-match': header(tag) } })
  if (second.statusCode === 304) expect([second.body, second.headers['etag']]).toEqual(['', tag])
  return second.statusCode
}

/** Time goes by, and nothing happens. */
const later: View = { ...before, now: NOW + 900, health: { ...before.health, lastRoundAgeMs: 1_150.5 } }

describe('while only time goes by', () => {
  test.each(['state', 'summary', 'queue', 'agents', 'agents/mesos-linux-1', 'hosts', 'templates', 'sizing', 'plan'])(
    '%s is not sent again',
    async (path) => {
      expect(await secondLook(`/api/v1/${path}`, later)).toBe(304)
    },
  )
})

const [agent = anAgentView()] = before.agents
describe('what somebody would see is sent', () => {
  test.each([
    ['another state of health', { ...later, health: { ...later.health, status: 'stalled' } }],
    ['other words of health', { ...later, health: { ...later.health, words: 'a "quoted\\" word' } }],
    ['another round', { ...later, round: { number: 4, lastAt: NOW, held: undefined } }],
    ['a field that was not there', { ...later, dryRun: 'x' }],
    ['the first round', { ...later, health: { ...later.health, lastRoundAgeMs: undefined } }],
    ['a problem', { ...later, problems: ['"lastRoundAgeMs":5'] }],
    ['another moment of an agent', { ...later, agents: [{ ...agent, since: agent.since + 1 }] }],
  ] as const)('%s', async (_what, after) => {
    expect(await secondLook('/api/v1/state', after as View)).toBe(200)
  })
})

test.each([
  ['the tag as a proxy made it strong', (tag: string) => tag.slice(2), 304],
  ['one of several', (tag: string) => `"other", ${tag}, W/"x"`, 304],
  ['any', () => '*', 304],
  ['another', () => 'W/"other"', 200],
  ['nonsense', () => ',,"', 200],
])('a reader that has %s', async (_what, header, status) => {
  expect(await secondLook('/api/v1/state', later, header)).toBe(status)
})

test('a large state keeps its tag while it stands, and gets another with the next', async () => {
  const agents = Array.from({ length: 500 }, (_, index) => anAgentView({ agentId: `a-${index}` }))
  const [first, ...rest] = agents
  const changed = { ...later, agents: [{ ...(first ?? agent), cpus: 0.4 }, ...rest] }
  let view: View = { ...before, agents }
  const app = await apiServer({ view: () => view })
  const tagNow = async (): Promise<unknown> => (await app.inject('/api/v1/state')).headers['etag']
  const tags = [await tagNow(), await tagNow()]
  view = { ...later, agents }
  tags.push(await tagNow())
  view = changed
  expect(new Set(tags).size).toBe(1)
  expect(tags).not.toContain(await tagNow())
})

test('however its address is written, an answer has a tag and is asked for anew', async () => {
  const app = await apiServer({ view: () => before })
  const plain = await app.inject('/api/v1/state')
  const odd = await app.inject('/%61pi/v1/st%61te')
  expect([odd.statusCode, odd.headers['cache-control'], odd.headers['etag']]).toEqual([
    200,
    'no-cache',
    plain.headers['etag'],
  ])
})

test('HEAD has the tag and no body', async () => {
  const app = await apiServer({ view: () => before })
  const get = await app.inject('/api/v1/state')
  const head = await app.inject({ method: 'HEAD', url: '/api/v1/state' })
  expect([head.statusCode, head.body, head.headers['etag']]).toEqual([200, '', get.headers['etag']])
})

test('errors and calls that do something are never 304, and not kept', async () => {
  const app = await apiServer()
  const headers = { 'if-none-match': '*' }
  const missing = await app.inject({ url: '/api/v1/agents/none', headers })
  expect([missing.statusCode, missing.headers['cache-control'], missing.headers['etag']]).toEqual([
    404,
    'no-store',
    undefined,
  ])
  expect((await app.inject({ method: 'POST', url: '/api/v1/trigger', headers })).statusCode).toBe(202)
})

test('a configuration that was read again is sent', async () => {
  let logLevel = 'info'
  const app = await apiServer({ configuration: () => aConfigurationView({ logLevel }) })
  const tag = String((await app.inject('/api/v1/configuration')).headers['etag'])
  logLevel = 'debug'
  const again = await app.inject({ url: '/api/v1/configuration', headers: { 'if-none-match': tag } })
  expect(again.statusCode).toBe(200)
})
