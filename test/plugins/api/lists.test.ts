import { describe, expect, test } from '@jest/globals'
import { apiServer, ask } from '../../support/api-server.ts'
import { NOW } from '../../support/builders.ts'
import { aHostView, anAgentView, anItemView, aView } from '../../support/views.ts'

const view = aView({
  queue: [
    anItemView({ itemId: '1', state: 'not_demand', since: NOW - 900_000, job: 'blocked', template: undefined }),
    anItemView({ itemId: '10', state: 'waiting_offer', since: NOW - 10_000, job: 'Folder/App' }),
    anItemView({ itemId: '2', state: 'capped', since: NOW - 20_000, label: 'GPU && big' }),
    anItemView({ itemId: '3', state: 'unserved', since: NOW - 20_000, words: 'no template has label solaris' }),
    anItemView({ itemId: '4', state: 'served', since: undefined, node: 'static-1' }),
  ],
  agents: [
    anAgentView({ agentId: 'w-1', template: 'windows', createdAt: NOW - 5 }),
    anAgentView({ agentId: 'l-2', createdAt: NOW - 1, state: 'starting', hostname: undefined }),
    anAgentView({ agentId: 'l-1', createdAt: NOW - 9, builds: ['shop/Checkout #7'] }),
    anAgentView({ agentId: 'l-10', createdAt: NOW - 9, hostname: 'host-2' }),
  ],
  hosts: ['host-10', 'host-2', 'host-1'].map((hostname) =>
    aHostView({ hostname, attributes: { rack: hostname === 'host-2' ? 'R7' : 'r1' } }),
  ),
})

async function idsOf(path: string): Promise<unknown> {
  const { status, json } = await ask(await apiServer({ view: () => view }), `/api/v1/${path}`)
  expect([path, status]).toEqual([path, 200])
  const items = json['items'] as readonly Readonly<Record<string, string>>[]
  return { total: json['total'], ids: items.map(({ itemId, agentId, hostname }) => itemId ?? agentId ?? hostname) }
}

test.each([
  ['queue', 5, ['2', '3', '10', '1', '4']],
  ['queue?state=capped', 1, ['2']],
  ['queue?state=capped&state=served', 2, ['2', '4']],
  ['queue?template=linux&job=Folder/App', 1, ['10']],
  ['queue?template=none', 0, []],
  ['queue?q=folder%2Fapp', 1, ['10']],
  ['queue?q=gpu', 1, ['2']],
  ['queue?q=SOLARIS', 1, ['3']],
  ['queue?q=', 5, ['2', '3', '10', '1', '4']],
  ['queue?limit=2', 5, ['2', '3']],
  ['queue?limit=2&offset=4', 5, ['4']],
  ['queue?offset=99', 5, []],
  ['agents', 4, ['l-1', 'l-10', 'l-2', 'w-1']],
  ['agents?template=linux&state=online', 2, ['l-1', 'l-10']],
  ['agents?host=host-2', 1, ['l-10']],
  ['agents?q=checkout', 1, ['l-1']],
  ['hosts', 3, ['host-1', 'host-2', 'host-10']],
  ['hosts?q=rack=r7', 1, ['host-2']],
  ['hosts?limit=1&offset=2', 3, ['host-10']],
])('%s', async (path, total, ids) => {
  expect(await idsOf(path)).toEqual({ total, ids })
})

test('pages side by side are the whole, each once', async () => {
  const queue = Array.from({ length: 57 }, (_, index) => anItemView({ itemId: String(index * 7), since: NOW }))
  const app = await apiServer({ view: () => aView({ queue }) })
  const pages = await Promise.all(
    [0, 20, 40].map(async (offset) => (await ask(app, `/api/v1/queue?limit=20&offset=${offset}`)).json['items']),
  )
  const ids = pages.flat().map((item) => (item as { readonly itemId: string }).itemId)
  expect([ids.length, new Set(ids).size]).toEqual([57, 57])
  expect(ids).toEqual([...ids].sort((a, b) => Number(a) - Number(b)))
})

describe('one that is not there is a problem that says so', () => {
  test.each([
    ['queue/99', 'There is no item 99 in the queue: it has started, or was cancelled.'],
    ['agents/x', 'There is no agent x: it has gone, or never was.'],
    ['hosts/x', 'There is no host x: none of our agents runs on it, and it has offered nothing.'],
    ['templates/__proto__', 'There is no template __proto__.'],
  ])('%s', async (path, words) => {
    const { status, headers, json } = await ask(await apiServer({ view: () => view }), `/api/v1/${path}`)
    expect([status, headers['content-type']]).toEqual([404, expect.stringContaining('application/problem+json')])
    expect(json['detail']).toBe(`${words} At the moment: no round has ended yet.`)
  })
})

describe('what is not understood is refused, all of it at once', () => {
  test.each([
    ['queue?limit=0', [['limit', 'limit is a whole number from 1 to 1000, not 0']]],
    ['queue?limit=1001', [['limit', 'limit is a whole number from 1 to 1000, not 1001']]],
    ['agents?limit=', [['limit', 'limit is a whole number from 1 to 1000, not ""']]],
    ['hosts?offset=-1', [['offset', 'offset is a whole number from 0 to 10000000, not -1']]],
    ['hosts?offset=1.5', [['offset', 'offset is a whole number from 0 to 10000000, not "1.5"']]],
    ['templates?q=x', [['q', 'q is not known here: there may be none']]],
    ['state?limit=1', [['limit', 'limit is not known here: there may be none']]],
    [
      'agents?sate=online&limit=all',
      [
        ['sate', 'sate is not known here: there may be state, template, host, sort, q, offset, limit'],
        ['limit', 'limit is a whole number from 1 to 1000, not "all"'],
      ],
    ],
    [
      'agents?state=on',
      [
        [
          'state',
          'state is one of planned, starting, online, disconnected, unreachable, draining, stopping, gone, not "on"',
        ],
      ],
    ],
  ])('%s', async (path, mistakes) => {
    const { status, json } = await ask(await apiServer({ view: () => view }), `/api/v1/${path}`)
    expect(status).toBe(400)
    expect(json['errors']).toEqual(mistakes.map(([at, detail]) => ({ at, detail })))
    expect(json['detail']).toBe(`${mistakes.map(([, detail]) => detail).join('; ')}.`)
  })
})
