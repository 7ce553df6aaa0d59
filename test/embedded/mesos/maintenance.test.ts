/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   Recorded JSON is looked into freely. */
import { describe, expect, test } from '@jest/globals'
import {
  ask,
  CAPABILITIES,
  Client,
  HOST,
  type Json,
  masked,
  recorded,
  task,
  text,
  type World,
  world,
} from './client.ts'

const MAINTENANCE = recorded('18-maintenance').steps
const DRAIN = recorded('19-drain-agent').steps
const SHORT = { ...HOST, resources: { ...HOST.resources, cpus: 4, memMib: 4096 }, authority: '127.0.0.1:5401' }

async function operator(there: World, path: string, body: Json): Promise<string> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const answer = await ask(there.mesos.masterHandler, 'POST', path, headers, JSON.stringify(body))
  await there.clock.advance(0)
  return `${answer.status} ${text(answer)}`
}

/** The recorded call of an operator, as it was sent. */
function recordedCall(path: string, at: number): Json {
  return MAINTENANCE.find((step: Json) => step.request?.path === path && step.t_ms >= at).request.body
}

function told(steps: Json, from: number, to: number, stream?: string): Json[] {
  return steps
    .filter(({ kind, t_ms, stream: own }: Json) => kind === 'event' && t_ms >= from && t_ms < to && own === stream)
    .map(({ event }: Json) => event)
}

/** Type and, for offers, whether they know a window. */
function kinds(events: readonly Json[]): string[] {
  return events.map(({ type, update }) =>
    update === undefined ? type : `${update.status.state} ${update.status.message}`,
  )
}

describe('maintenance', () => {
  async function scheduled() {
    const there = await world({ hosts: [SHORT] })
    const client = await Client.subscribe(there, { failover_timeout: 60 })
    await client.accept([task('s18')])
    await there.clock.advance(1_500)
    const before = client.events.length
    expect(await operator(there, '/maintenance/schedule', recordedCall('/maintenance/schedule', 0))).toBe('200 ')
    return { there, client, before }
  }

  test('a window takes offers back and tells it in the new ones, and asks who has tasks there', async () => {
    const { client, before } = await scheduled()
    const events = client.events.slice(before)
    expect(kinds(events)).toEqual(kinds(told(MAINTENANCE, 290, 300)))
    const recordedInverse = told(MAINTENANCE, 290, 300)[2]
    expect(masked(events[2])).toEqual(masked(recordedInverse))
    expect(Object.keys(events[2].inverse_offers.inverse_offers[0])).toEqual(
      Object.keys(recordedInverse.inverse_offers.inverse_offers[0]),
    )
    expect(client.lastOffer.unavailability).toEqual(recordedInverse.inverse_offers.inverse_offers[0].unavailability)
  })

  test.each(['ACCEPT_INVERSE_OFFERS', 'DECLINE_INVERSE_OFFERS'])(
    '%s silences it until its filter ends',
    async (type) => {
      const { there, client } = await scheduled()
      const inverse = () => client.events.filter((event) => event.type === 'INVERSE_OFFERS')
      const id = inverse()[0].inverse_offers.inverse_offers[0].id
      const answered = there.clock.now()
      await client.send({ type, [type.toLowerCase()]: { inverse_offer_ids: [id], filters: { refuse_seconds: 1 } } })
      await there.clock.until(() => inverse().length === 2, 3_000)
      const waited = there.clock.now() - answered
      expect(waited).toBeGreaterThan(1_000)
      expect(waited).toBeLessThanOrEqual(2_000)
      expect(inverse()[1].inverse_offers.inverse_offers[0].id).not.toEqual(id)
    },
  )

  test('an empty schedule takes the inverse offer back, and offers know no window any more', async () => {
    const { there, client } = await scheduled()
    await client.accept([task('s18-on-unavailable', 'true')])
    const before = client.events.length
    await operator(there, '/maintenance/schedule', { windows: [] })
    expect(kinds(client.events.slice(before))).toEqual(kinds(told(MAINTENANCE, 4_705, 4_720)))
    expect(client.lastOffer.unavailability).toBeUndefined()
  })

  test('a machine that goes down takes its tasks with it, and registers no more until it is up', async () => {
    const { there, client } = await scheduled()
    const before = client.events.length
    expect(await operator(there, '/machine/down', recordedCall('/machine/down', 0))).toBe('200 ')
    expect(masked(client.events.slice(before))).toEqual(masked(told(MAINTENANCE, 8_500, 8_600)))
    await there.clock.advance(1_000)
    expect(there.runner.tasks.size).toBe(0)
    await there.mesos.rebootHost('127.0.0.1')
    expect(there.mesos.snapshot().hosts).toEqual([])
    expect(await operator(there, '/machine/up', recordedCall('/machine/down', 0))).toBe('200 ')
    await there.mesos.rebootHost('127.0.0.1')
    expect(there.mesos.snapshot().hosts).toMatchObject([{ connected: true }])
    await there.clock.advance(0)
    expect(client.lastOffer.unavailability).toBeUndefined()
  })
})

describe('draining', () => {
  async function running(tasks: readonly Json[]) {
    const there = await world({ hosts: [SHORT] })
    const client = await Client.subscribe(there, { failover_timeout: 60 })
    await client.accept(tasks)
    await there.clock.advance(1_500)
    return { there, client, agent: client.lastOffer.agent_id }
  }
  const ign = { kill_policy: { grace_period: { nanoseconds: 8e9 } } }

  test('kills each task with its own grace, makes no offers, and can be undone when it is over', async () => {
    const { there, client, agent } = await running([task('s19-a'), task('s19-ign', "trap '' TERM; sleep 300", ign)])
    const before = client.events.length
    const call = { type: 'DRAIN_AGENT', drain_agent: { agent_id: agent, max_grace_period: { seconds: 2 } } }
    expect(await operator(there, '/api/v1', call)).toBe('200 ')
    await there.clock.advance(3_000)
    const reactivate = { type: 'REACTIVATE_AGENT', reactivate_agent: { agent_id: agent } }
    const refused = DRAIN.find((step: Json) => step.request?.body?.type === 'REACTIVATE_AGENT').response
    expect(await operator(there, '/api/v1', reactivate)).toBe(`${refused.status} ${refused.body}`)
    await there.clock.advance(5_100)

    const events = client.events.slice(before)
    expect(events[0].type).toBe('RESCIND')
    for (const id of ['s19-a', 's19-ign']) {
      const of = (all: readonly Json[]) =>
        all.filter(({ update }) => update?.status.task_id.value === id).map(({ update }) => update.status)
      expect(masked(of(events))).toEqual(masked(of(told(DRAIN, 3_177, 12_000, 'PA'))))
    }
    const offers = client.offers.length
    await client.send({ type: 'REVIVE' })
    await there.clock.advance(2_500)
    expect(client.offers).toHaveLength(offers)
    expect(await operator(there, '/api/v1', reactivate)).toBe('200 ')
    await there.clock.advance(1_000)
    expect(client.offers).toHaveLength(offers + 1)
  })

  test('with mark_gone every update says so, twice, and then the host is gone for good', async () => {
    const { there, client, agent } = await running([task('s19-b')])
    const old = await Client.subscribe(there, {
      name: 'old',
      failover_timeout: 60,
      capabilities: CAPABILITIES.filter((type) => type !== 'PARTITION_AWARE').map((type) => ({ type })),
    })
    await client.send({
      type: 'DECLINE',
      decline: { offer_ids: [client.lastOffer.id], filters: { refuse_seconds: 60 } },
    })
    await there.clock.advance(1_000)
    await old.accept([task('s19-old')])
    await there.clock.advance(500)
    const [before, beforeOld] = [client.events.length, old.events.length]
    await operator(there, '/api/v1', { type: 'DRAIN_AGENT', drain_agent: { agent_id: agent, mark_gone: true } })
    await there.clock.advance(1_000)

    const now = (events: readonly Json[]) => events.filter(({ type }) => type === 'UPDATE' || type === 'FAILURE')
    expect(masked(now(client.events.slice(before)))).toEqual(masked(now(told(DRAIN, 17_690, 24_000, 'PA'))))
    expect(masked(now(old.events.slice(beforeOld)))).toEqual(masked(now(told(DRAIN, 17_700, 24_000, 'OLD'))))
    expect(there.mesos.snapshot().hosts).toEqual([])

    const answers = client.updates.length
    await client.send({
      type: 'RECONCILE',
      reconcile: {
        tasks: [
          { task_id: { value: 's19-b' }, agent_id: agent },
          { task_id: { value: 's19-b' } },
          { task_id: { value: 's19-x' }, agent_id: agent },
        ],
      },
    })
    expect(masked(client.updates.slice(answers))).toEqual(
      masked(told(DRAIN, 24_184, 24_700, 'PA').map(({ update }) => update.status)),
    )
    await expect(there.mesos.returnHost('127.0.0.1')).rejects.toThrow(/marked gone/)
    await there.mesos.rebootHost('127.0.0.1')
    expect(there.mesos.snapshot().hosts).toMatchObject([{ connected: true }])
    expect(there.mesos.snapshot().hosts[0]?.mesosAgentId).not.toBe(agent.value)
  })

  test('a host marked gone, unreachable or not, ends its tasks', async () => {
    const { there, client, agent } = await running([task('t')])
    const before = client.events.length
    await operator(there, '/api/v1', { type: 'MARK_AGENT_GONE', mark_agent_gone: { agent_id: agent } })
    expect(kinds(client.events.slice(before))).toEqual([
      'TASK_GONE_BY_OPERATOR Agent has been marked gone',
      'RESCIND',
      'FAILURE',
    ])
    expect(client.updates.at(-1)).toMatchObject({ source: 'SOURCE_MASTER', reason: 'REASON_AGENT_REMOVED_BY_OPERATOR' })
    await there.clock.advance(1_000)
    expect(there.runner.tasks.size).toBe(0)
  })
})
