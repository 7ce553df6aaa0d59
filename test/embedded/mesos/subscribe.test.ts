/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   Recorded JSON is looked into freely. */
import { describe, expect, test } from '@jest/globals'
import { settle } from '../../support/virtual-clock.ts'
import { ask, Client, headerOf, type Json, masked, recorded, task, text, world } from './client.ts'

test('a fresh subscription shows the recorded response and events, record by record', async () => {
  const { steps } = recorded('01-subscribe-fresh')
  const there = await world()
  const client = await Client.of(there, steps[0].request.body)
  await there.clock.advance(15_000)

  expect(client.response.headers.map(([name]) => name)).toEqual(Object.keys(steps[0].response.headers))
  expect(headerOf(client.response, 'Mesos-Stream-Id')).toHaveLength(36)
  const events = steps.filter(({ kind }: Json) => kind === 'event').map(({ event }: Json) => event)
  expect(masked(client.events)).toEqual(masked(events))
  expect(JSON.stringify(client.events[0])).toMatch(/^\{"type":"SUBSCRIBED","subscribed":\{"framework_id"/)
  expect(client.received.map(({ at }) => at - there.clock.now())).toEqual([-15_000, -15_000, -15_000, 0])

  await client.send({ type: 'TEARDOWN' })
  expect(client.ended).toBe('ended')
})

describe('a SUBSCRIBE that was recorded with a refused or odd FrameworkInfo', () => {
  const { steps } = recorded('09d-bad-framework-info')
  const own = recorded('09b-self-chosen-id').steps
  const all = [...steps, ...own]
  // The embedded master knows no offer constraints beyond their roles.
  // And the id `a b` had been used up before the recording.
  const beyond = /^constraint-(?:no-groups|empty-group|bad-regex)$|^id=a b$/
  const cases = all.filter(({ kind, stream }: Json) => kind === 'subscribe' && !beyond.test(stream))

  test.each(cases.map((step: Json) => [step.stream, step]))('%s', async (stream, step: Json) => {
    const client = await Client.of(await world(), step.request.body)
    const error = all.find((other: Json) => other.stream === stream && other.event?.type === 'ERROR')

    expect(client.response.status).toBe(step.response.status)
    if (step.response.status === 400) expect(text(client.response)).toBe(step.response.body)
    else if (error === undefined) expect(client.events[0].type).toBe('SUBSCRIBED')
    else {
      expect(client.events).toEqual([error.event])
      expect(client.ended).toBe('ended')
    }
  })
})

test('the second subscription with an id takes over: the first one is told, ended, and its stream id is void', async () => {
  const there = await world()
  const first = await Client.subscribe(there, { failover_timeout: 30 })
  const held = first.lastOffer
  const second = await Client.subscribe(there, { failover_timeout: 30 }, { id: first.frameworkId })

  expect(first.events.at(-1)).toEqual({ type: 'ERROR', error: { message: 'Framework failed over' } })
  expect(first.ended).toBe('ended')
  expect(second.events.map(({ type }: Json) => type)).toEqual(['SUBSCRIBED', 'HEARTBEAT'])
  first.frameworkId = second.frameworkId
  expect(text(await first.send({ type: 'REVIVE' }))).toMatch(
    /^The stream ID '.*' included in this request didn't match/,
  )
  expect((await second.send({ type: 'DECLINE', decline: { offer_ids: [held.id] } })).status).toBe(202)
  await there.clock.advance(1_000)
  expect(second.offers).toHaveLength(1)
  expect(there.mesos.snapshot().offers).toHaveLength(1)
})

test.each([['TEARDOWN'], ['a disconnect without failover_timeout']])(
  'after %s the id is refused, and calls find no framework',
  async (how) => {
    const there = await world()
    const first = await Client.subscribe(there)
    if (how === 'TEARDOWN') await first.send({ type: 'TEARDOWN' })
    else await first.leave()
    const again = await Client.subscribe(there, {}, { id: first.frameworkId })

    expect(again.events).toEqual([{ type: 'ERROR', error: { message: 'Framework has been removed' } }])
    expect(text(await first.send({ type: 'REVIVE' }))).toBe('Framework cannot be found')
  },
)

test('within failover_timeout a framework comes back to offers, and to the updates it missed', async () => {
  const there = await world()
  const first = await Client.subscribe(there, { failover_timeout: 60 }, { acknowledge: false })
  await first.accept([task('s10-long'), task('s10-short', 'sleep 2')])
  await there.clock.advance(400)
  expect(first.states('s10-long')).toEqual(['TASK_STARTING'])
  for (const status of first.updates) await first.acknowledge(status)
  for (const status of first.updates.filter(({ state }) => state === 'TASK_RUNNING')) await first.acknowledge(status)
  await there.clock.advance(700)
  await first.leave()
  expect((await first.send({ type: 'REVIVE' })).status).toBe(403)
  expect(there.mesos.snapshot()).toMatchObject({ offers: [], frameworks: [{ connected: false }] })
  await there.clock.advance(5_000)

  const second = await Client.subscribe(there, { failover_timeout: 60 }, { id: first.frameworkId })
  expect(second.events.slice(0, 3).map(({ type }: Json) => type)).toEqual(['SUBSCRIBED', 'HEARTBEAT', 'OFFERS'])
  expect(second.states('s10-short')).toEqual(['TASK_FINISHED'])
  expect(second.states('s10-long')).toEqual([])
  expect(second.lastOffer.resources.find(({ name }: Json) => name === 'cpus').scalar.value).toBe(7.5)
  await second.accept([task('s10-old')], { offer: first.lastOffer })
  expect(second.updates.at(-1)).toMatchObject({ state: 'TASK_DROPPED', reason: 'REASON_INVALID_OFFERS' })
})

test('after failover_timeout its tasks are killed, no update says so, and the id is spent', async () => {
  const there = await world()
  const first = await Client.subscribe(there, { failover_timeout: 3 })
  await first.accept([task('s10b')])
  await there.clock.advance(1_000)
  await first.leave()
  await there.clock.advance(2_999)
  expect(there.mesos.snapshot().tasks).toMatchObject([{ taskId: 's10b', state: 'TASK_RUNNING' }])
  await there.clock.advance(1)

  expect(there.mesos.snapshot()).toMatchObject({ tasks: [], frameworks: [] })
  expect(there.runner.kills).toMatchObject([{ taskId: 's10b' }])
  const page = JSON.parse(text(await ask(there.mesos.masterHandler, 'GET', '/master/tasks')))
  expect(page.tasks).toMatchObject([{ id: 's10b', state: 'TASK_KILLED' }])
  const again = await Client.subscribe(there, { failover_timeout: 3 }, { id: first.frameworkId })
  expect(again.events).toMatchObject([{ error: { message: 'Framework has been removed' } }])
})

test('suppressed_roles hold from the subscription on, and are gone when it does not repeat them', async () => {
  const there = await world()
  const first = await Client.subscribe(there, { failover_timeout: 9 }, { suppressed: ['ci'] })
  await there.clock.advance(5_000)
  expect(first.offers).toEqual([])
  expect(there.mesos.snapshot().frameworks).toMatchObject([{ suppressedRoles: ['ci'] }])
  await first.leave()
  const second = await Client.subscribe(there, { failover_timeout: 9 }, { id: first.frameworkId })

  expect(second.offers).toHaveLength(1)
})

describe('a stream that a test breaks', () => {
  test.each([
    ['endStreams', 'ended'],
    ['resetStreams', 'reset'],
    ['halfRecord', 'ended'],
  ] as const)('%s: the stream is %s, and the framework disconnected', async (knob, ended) => {
    const there = await world()
    const client = await Client.subscribe(there, { failover_timeout: 10 })
    const before = client.events.length
    there.mesos[knob]()
    await settle()

    expect(client.ended).toBe(ended)
    expect(client.events).toHaveLength(before)
    expect(there.mesos.snapshot().frameworks).toMatchObject([{ connected: false }])
  })

  test('silence: nothing comes any more, not even heartbeats, and nothing ends', async () => {
    const there = await world()
    const client = await Client.subscribe(there)
    const before = client.events.length
    there.mesos.silence()
    await there.clock.advance(120_000)

    expect([client.ended, client.events.length]).toEqual(['open', before])
  })

  test('records may be cut anywhere', async () => {
    const bytes = (record: Buffer) => Array.from(record, (_byte, index) => record.subarray(index, index + 1))
    const client = await Client.subscribe(await world({ fragment: bytes }))

    expect(client.events.map(({ type }: Json) => type)).toEqual(['SUBSCRIBED', 'HEARTBEAT', 'OFFERS'])
  })
})
