/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return --
   Recorded JSON is looked into freely. */
import { describe, expect, test } from '@jest/globals'
import { Client, HOST, type Json, masked, recorded, scalar, task, world } from './client.ts'

async function waitForOffer(there: Awaited<ReturnType<typeof world>>, client: Client, mostMs = 120_000) {
  const from = there.clock.now()
  const count = client.offers.length
  await there.clock.until(() => client.offers.length > count, mostMs, 'the next offer')
  return there.clock.now() - from
}

describe('a declined offer comes back at the first allocation after its filter', () => {
  // Whole seconds: declined at the very tick that made the offer, the filter ends with a tick and just misses it.
  test.each([
    [0, 1_000],
    [1, 2_000],
    [5, 6_000],
    [undefined, 6_000],
    [-1, 6_000],
    [30, 31_000],
  ])('refuse_seconds %p: after %p ms', async (seconds, ms) => {
    const there = await world()
    const client = await Client.subscribe(there)
    await client.send({
      type: 'DECLINE',
      decline: {
        offer_ids: [client.lastOffer.id],
        ...(seconds === undefined ? {} : { filters: { refuse_seconds: seconds } }),
      },
    })

    expect(await waitForOffer(there, client)).toBe(ms)
  })
})

test('REVIVE clears filters and suppression at once; one unknown or invalid role voids it; SUPPRESS keeps what is out', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await client.send({
    type: 'DECLINE',
    decline: { offer_ids: [client.lastOffer.id], filters: { refuse_seconds: 300 } },
  })
  await client.send({ type: 'REVIVE' })
  expect(client.offers).toHaveLength(2)
  await client.send({ type: 'SUPPRESS', suppress: { roles: ['ci'] } })
  expect(there.mesos.snapshot().offers).toHaveLength(1)
  await client.send({ type: 'DECLINE', decline: { offer_ids: [client.lastOffer.id], filters: { refuse_seconds: 0 } } })
  for (const roles of [['unknown'], ['a//b'], ['ci', 'unknown']]) {
    expect((await client.send({ type: 'REVIVE', revive: { roles } })).status).toBe(202)
    await there.clock.advance(4_000)
  }
  expect(client.offers).toHaveLength(2)
  await client.send({ type: 'REVIVE', revive: { role: 'unknown' } })
  expect(client.offers).toHaveLength(3)
})

test('an offer that was held over SUPPRESS can still be accepted', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await client.send({ type: 'SUPPRESS' })
  await client.accept([task('held', 'exit 0')])
  await there.clock.advance(3_000)

  expect(client.states('held')).toEqual(['TASK_STARTING', 'TASK_RUNNING', 'TASK_FINISHED'])
  expect(client.offers).toHaveLength(1)
})

test('while an offer is out, what becomes free comes as a second one with only the new part', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await client.accept([task('s3-one', 'sleep 2')])
  await there.clock.advance(4_000)
  const recordedOffers = recorded('03-task-exit0').steps.filter(({ event }: Json) => event?.type === 'OFFERS')

  expect(masked(client.offers.map(({ resources }) => resources))).toEqual(
    masked(recordedOffers.map(({ event }: Json) => event.offers.offers[0].resources)),
  )
})

test('a filter holds for as much or less: once more is free the host is offered again', async () => {
  const there = await world()
  const client = await Client.subscribe(there)
  await client.accept([task('s2-t', 'sleep 2')], { refuse: 3_600 })
  await there.clock.advance(1_900)
  expect(client.offers).toHaveLength(1)
  await there.clock.advance(2_000)
  expect(client.offers).toHaveLength(2)
})

test('offer_timeout rescinds without a filter, and the offer is then no longer valid', async () => {
  const there = await world({ offerTimeoutMs: 3_000 })
  const client = await Client.subscribe(there)
  const old = client.lastOffer
  await there.clock.advance(2_999)
  expect(client.offers).toHaveLength(1)
  await there.clock.advance(1)
  expect(client.events.at(-2)).toEqual({ type: 'RESCIND', rescind: { offer_id: old.id } })
  expect(client.events.at(-1).type).toBe('OFFERS')
  await client.accept([task('s20')], { offer: old })
  const { steps } = recorded('20-offer-timeout')
  const dropped = steps.find(({ event }: Json) => event?.type === 'UPDATE')

  expect(masked(client.updates)).toEqual([masked(dropped.event.update.status)])
})

describe('reserved and unreserved resources are shown as recorded', () => {
  const spec = {
    ...HOST,
    resources: {
      cpus: 2,
      memMib: 2048,
      diskMib: 4096,
      ports: [{ begin: 31000, end: 31100 }],
      reserved: { ci: { cpus: 2, memMib: 1024, ports: [{ begin: 31101, end: 31200 }] } },
    },
  }
  const subscriptions = (name: string): Json[] => recorded(name).steps.filter(({ kind }: Json) => kind === 'subscribe')
  const cases = ['15-reserved-refinement', '15b-reserved-no-refinement', '15c-reserved-other-shapes'].flatMap((name) =>
    subscriptions(name).map((step) => [name, step.stream ?? '', step]),
  )

  test.each(cases)('%s %s', async (name: string, stream: string, step: Json) => {
    const offers = recorded(name).steps.find(
      (other: Json) => (other.stream ?? '') === stream && other.event?.type === 'OFFERS',
    )
    const client = await Client.of(await world({ hosts: [spec] }), step.request.body)
    const [offer] = offers.event.offers.offers

    expect(client.lastOffer.resources).toEqual(offer.resources)
    expect(client.lastOffer.allocation_info).toEqual(offer.allocation_info)
  })

  test.each(['15-reserved-refinement', '15b-reserved-no-refinement'])('%s: what ACCEPT may ask for', async (name) => {
    const { steps } = recorded(name)
    const there = await world({ hosts: [spec] })
    const client = await Client.of(there, steps[0].request.body)
    for (const step of steps) {
      if (step.request?.body?.type !== 'ACCEPT') continue
      const { operations } = step.request.body.accept
      const [info] = operations[0].launch.task_infos
      const { value: id } = info.task_id
      await client.send({ type: 'REVIVE' })
      await client.accept([{ ...info, agent_id: client.lastOffer.agent_id, command: { shell: true, value: 'true' } }])
      await there.clock.advance(3_000)
      const told = steps
        .filter(({ event }: Json) => event?.update?.status.task_id.value === id)
        .map(({ event }: Json) => [event.update.status.state, event.update.status.message])
      const ours = client.updates
        .filter(({ task_id }) => task_id.value === id)
        .map(({ state, message }) => [state, message])
      expect([id, ours.at(-1)]).toEqual([id, told.at(-1)])
    }
  })
})

describe('who is offered what', () => {
  test('of two roles one gets the whole host, the other nothing until it is returned', async () => {
    const there = await world()
    const client = await Client.subscribe(there, { roles: ['ci', 'other'] })
    expect(client.offers.map(({ allocation_info }) => allocation_info.role)).toEqual(['ci'])
    await client.send({
      type: 'DECLINE',
      decline: { offer_ids: [client.lastOffer.id], filters: { refuse_seconds: 60 } },
    })
    await there.clock.advance(1_000)

    expect(client.offers.map(({ allocation_info }) => allocation_info.role)).toEqual(['ci', 'other'])
  })

  test('hosts are spread over frameworks, those with less first', async () => {
    const hosts = ['a', 'b'].map((hostname, index) => ({ ...HOST, hostname, authority: `127.0.0.1:${5051 + index}` }))
    const there = await world({ hosts })
    const first = await Client.subscribe(there, { name: 'first' }, { suppressed: ['ci'] })
    const second = await Client.subscribe(there, { name: 'second' }, { suppressed: ['ci'] })
    await first.send({ type: 'REVIVE' })
    await second.send({ type: 'REVIVE' })
    await first.send({
      type: 'DECLINE',
      decline: { offer_ids: first.offers.map(({ id }) => id), filters: { refuse_seconds: 0 } },
    })
    await there.clock.advance(1_000)

    expect([first.offers.length, second.offers.length]).toEqual([3, 1])
  })

  test('min_allocatable_resources holds small offers back', async () => {
    const least = (cpus: number) => ({
      offer_filters: { ci: { min_allocatable_resources: { quantities: [{ quantities: { cpus: { value: cpus } } }] } } },
    })
    expect((await Client.subscribe(await world(), least(8.001))).offers).toEqual([])
    expect((await Client.subscribe(await world(), least(8))).offers).toHaveLength(1)
  })

  test('offers of one host and role can be accepted together', async () => {
    const there = await world()
    const client = await Client.subscribe(there)
    await client.accept([task('one', 'sleep 2')])
    await there.clock.advance(4_000)
    const [, remainder, freed] = client.offers
    await client.send({
      type: 'ACCEPT',
      accept: {
        offer_ids: [remainder.id, freed.id],
        operations: [
          {
            type: 'LAUNCH',
            launch: {
              task_infos: [{ ...task('all', 'exit 0'), agent_id: freed.agent_id, resources: [scalar('cpus', 8)] }],
            },
          },
        ],
      },
    })
    await there.clock.advance(1_000)

    expect(client.states('all').at(-1)).toBe('TASK_FINISHED')
  })
})
