import { describe, expect, test } from '@jest/globals'
import { Explainer } from '../../../src/core/explain-report.ts'
import { plan } from '../../../src/core/plan.ts'
import { DryRunLedger } from '../../../src/loop/dry-run-ledger.ts'
import { type Explanations, nothingExplained } from '../../../src/loop/explain-view.ts'
import { apiServer, ask as askServer } from '../../support/api-server.ts'
import {
  anchorOf,
  anItem,
  anOffer,
  aReading,
  aRecord,
  aSnapshot,
  aTemplate,
  NOW,
  nodeOf,
} from '../../support/builders.ts'

const other = aTemplate({ name: 'other' })
const record = aRecord({ idleSince: NOW - 40_000, createdAt: NOW - 50_000 }, other)
const queue = [anItem(), anItem({ id: '2', job: 'ünïcode job' })]
const snapshot = aSnapshot({
  templates: [aTemplate(), other],
  records: [record],
  offers: [anOffer({ free: { cpus: 8_000, mem: 512_000 } })],
  jenkins: aReading({ nodes: [anchorOf(aTemplate()), anchorOf(other), nodeOf(record)], queue }),
})

function told(Kind = Explainer): Explanations {
  const explainer = new Kind({
    snapshot,
    plan: plan(snapshot, NOW),
    records: [record],
    reading: snapshot.jenkins,
    now: NOW,
  })
  return { now: NOW, explainer, held: undefined, problems: ['look here'], dryRun: undefined }
}

async function ask(url: string, explain: () => Explanations = told) {
  return await askServer(await apiServer({ explain }), url)
}

test('the whole is told, with what items share beside them', async () => {
  const { status, headers, json } = await ask('/api/v1/explain')
  expect([status, headers['cache-control']]).toEqual([200, 'no-cache'])
  expect(json).toMatchObject({
    now: NOW,
    items: [
      { itemId: '1', state: 'waiting_offer', asks: expect.any(String) },
      { itemId: '2', job: 'ünïcode job' },
    ],
    templates: [{ template: 'linux', fitNow: 0, hosts: { nearest: [{ hostname: 'host-1' }] } }, { template: 'other' }],
    agents: [{ agentId: 'mesos-linux-1', keep: 'idle' }],
    problems: ['look here'],
  })
  expect(Object.keys(json['wishes'] as object)).toHaveLength(1)
  expect(JSON.stringify(json['items'])).not.toContain('nearest')
})

test('while the whole is worked out other things get their turn', async () => {
  let turns = 0
  const turnOf = new Map<string, number>()
  class Watched extends Explainer {
    override template(name: string) {
      setImmediate(() => {
        turns += 1
      })
      if (!turnOf.has(name)) turnOf.set(name, turns)
      return super.template(name)
    }
  }
  await ask('/api/v1/explain', () => told(Watched))
  expect([...turnOf]).toEqual([
    ['linux', 0],
    ['other', 1],
  ])
})

test.each([
  ['item=1', { item: { itemId: '1', hosts: { nearest: [{ short: [{ name: 'mem', needs: 704, has: 512 }] }] } } }],
  [`job=${encodeURIComponent('ünïcode job')}`, { items: [{ itemId: '2' }], more: 0 }],
  ['template=linux', { template: { template: 'linux', needs: 'cpus 0.3, mem 704 MiB' } }],
  ['agent=mesos-linux-1', { agent: { words: 'idle for 40 s of 180 s', goesAt: NOW + 140_000 } }],
])('?%s is one of them in full', async (query, expected) => {
  const { status, json } = await ask(`/api/v1/explain?${query}`)
  expect(status).toBe(200)
  expect(json).toMatchObject(expected)
})

test.each([
  ['item=99', 404, 'There is no item 99 in the queue: it has started, or was cancelled.'],
  ['job=none', 404, 'No build of none is in the queue.'],
  ['template=__proto__', 404, 'There is no template __proto__.'],
  ['agent=x', 404, 'There is no agent x: it has gone, or never was.'],
  ['item=', 400, 'item is text of at least 1 and at most 300 characters, not "".'],
  ['item=1&item=2', 400, 'item is text of at least 1 and at most 300 characters.'],
  ['item=1&job=app', 400, 'Ask for one of item, job, template, agent, not for item and job.'],
  ['itme=1', 400, 'itme is not known here: there may be item, job, template, agent, offset, limit.'],
])('?%s is a problem with details', async (query, status, detail) => {
  const answer = await ask(`/api/v1/explain?${query}`)
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toContain('application/problem+json')
  expect(answer.json).toMatchObject({ type: 'about:blank', status, detail })
})

describe('an instance that knows nothing', () => {
  const nothing = (): Explanations => nothingExplained(NOW, 'this instance does not lead: a leads')

  test('says why, and answers all the same', async () => {
    const { status, json } = await ask('/api/v1/explain', nothing)
    expect(status).toBe(200)
    expect(json).toMatchObject({ held: 'this instance does not lead: a leads', items: [], templates: [], agents: [] })
  })

  test('says with each thing that it does not know that it does not look', async () => {
    const { status, json } = await ask('/api/v1/explain?job=app', nothing)
    expect([status, json['detail']]).toEqual([
      404,
      'No build of app is in the queue. At the moment: this instance does not lead: a leads.',
    ])
  })
})

describe('/api/v1/dry-run', () => {
  test('is not there where agents are provisioned', async () => {
    const { status, json } = await ask('/api/v1/dry-run')
    expect([status, json['detail']]).toEqual([404, expect.stringContaining('This is no dry run')])
  })

  test('is the ledger of a dry run, whose words stand in the whole, too', async () => {
    const ledger = new DryRunLedger(NOW)
    ledger.look(plan(snapshot, NOW).explanation.items, NOW)
    const dry = (): Explanations => ({ ...told(), dryRun: { words: ledger.words, report: ledger.report() } })
    expect((await ask('/api/v1/dry-run', dry)).json).toMatchObject({
      since: NOW,
      counts: { seen: 2, launched: 0 },
      waiting: [{ itemId: '1', wantedAt: NOW }, { itemId: '2' }],
    })
    expect((await ask('/api/v1/explain', dry)).json['dryRun']).toContain('of 2 builds that waited')
  })
})
