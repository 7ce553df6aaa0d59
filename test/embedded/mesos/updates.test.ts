/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-argument --
   Recorded JSON is looked into freely. */
import { expect, test } from '@jest/globals'
import { Client, type Json, masked, recorded, task, world } from './client.ts'

test('an id is taken until its terminal update is acknowledged, then free', async () => {
  const there = await world()
  const client = await Client.subscribe(there, {}, { acknowledge: false })
  await client.accept([task('id', 'exit 0'), task('id')])
  expect(client.updates).toMatchObject([{ state: 'TASK_ERROR', message: 'Task has duplicate ID: id' }])
  await there.clock.advance(1_000)
  for (const count of [1, 2, 3]) {
    await client.accept([task('id')])
    expect(client.updates.filter(({ state }) => state === 'TASK_ERROR')).toHaveLength(count + 1)
    await client.acknowledge(client.updates.findLast(({ uuid }) => uuid !== undefined))
    await there.clock.advance(1_000)
  }
  await client.accept([task('id', 'exit 0')])
  expect(client.states('id').filter((state) => state === 'TASK_ERROR')).toHaveLength(4)
  await there.clock.advance(500)
  expect(client.states('id').at(-1)).toBe('TASK_STARTING')
})

test('only the head of a queue leaves: after 10 and 20 s again, the rest once it is acknowledged', async () => {
  const there = await world()
  const client = await Client.subscribe(there, {}, { acknowledge: false })
  await client.accept([task('s6', 'sleep 5; exit 7')])
  const begun = there.clock.now()
  await there.clock.advance(200)
  const [head] = client.updates
  await client.acknowledge({ ...head, uuid: Buffer.alloc(16, 7).toString('base64') })
  await there.clock.advance(30_000)
  expect(client.updates).toEqual([head, head, head])
  expect(client.received.filter(({ event }) => event.type === 'UPDATE').map(({ at }) => at - begun)).toEqual([
    200, 10_200, 30_200,
  ])
  await client.acknowledge(head)
  await client.acknowledge(client.updates.at(-1))
  expect(client.states('s6').slice(3)).toEqual(['TASK_RUNNING', 'TASK_FAILED'])
  await client.send({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 's6' } }] } })
  expect(client.updates.at(-1)).toMatchObject({ state: 'TASK_FAILED', message: 'Reconciliation: Latest task state' })
  await client.acknowledge(client.updates.at(-2))
  await client.send({ type: 'RECONCILE', reconcile: { tasks: [{ task_id: { value: 's6' } }] } })
  expect(client.updates.at(-1)).toMatchObject({ state: 'TASK_UNKNOWN', message: 'Reconciliation: Task is unknown' })
})

test('retries grow to ten minutes and no further', async () => {
  const there = await world()
  const client = await Client.subscribe(there, {}, { acknowledge: false })
  await client.accept([task('t')])
  await there.clock.advance(3_600_000)
  const at = client.received.filter(({ event }) => event.type === 'UPDATE').map((received) => received.at)
  const gaps = at.slice(1).map((time, index) => (time - (at[index] ?? 0)) / 1000)

  expect(gaps).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600, 600])
})

test('a lost ACK is answered like any other, and the update comes again', async () => {
  const there = await world()
  const client = await Client.subscribe(there, {}, { acknowledge: false })
  await client.accept([task('t')])
  await there.clock.advance(200)
  there.mesos.loseNextAck()
  expect((await client.acknowledge(client.updates[0])).status).toBe(202)
  await there.clock.advance(10_000)

  expect(client.states('t')).toEqual(['TASK_STARTING', 'TASK_STARTING'])
})

test('reconciliation says what it said', async () => {
  const { steps } = recorded('07-reconcile')
  const names = ['PA', 'noPA']
  for (const name of names) {
    const own = steps.filter(({ stream, kind }: Json) => stream === name && kind !== 'note')
    const there = await world()
    const client = await Client.of(there, own[0].request.body)
    let at = 0
    for (const [index, step] of own.entries()) {
      const call = step.request?.body
      if (call?.type === 'ACCEPT') {
        await client.accept(
          call.accept.operations[0].launch.task_infos.map((info: Json) => ({
            ...info,
            agent_id: client.lastOffer.agent_id,
          })),
        )
        await there.clock.advance(1_000)
      }
      if (call?.type !== 'RECONCILE') continue
      at = client.updates.length
      const ours = JSON.parse(
        JSON.stringify(call.reconcile).replaceAll(
          /"[0-9a-f-]{36}-S0"/g,
          JSON.stringify(client.lastOffer.agent_id.value),
        ),
      )
      await client.send({ type: 'RECONCILE', reconcile: ours })
      const end = own.findIndex(({ kind }: Json, other: number) => other > index && kind === 'call')
      const told = own.slice(Number(index) + 1, end).map(({ event }: Json) => event.update.status)
      const sorted = (list: Json[]): Json[] =>
        masked(list).sort((a: Json, b: Json) => (a.task_id.value < b.task_id.value ? -1 : 1))
      expect(sorted(client.updates.slice(at))).toEqual(sorted(told))
    }
    expect(at).toBeGreaterThan(0)
  }
})
