import { describe, expect, test } from '@jest/globals'
import { isCall, Link } from '../../../src/embedded/mesos/link.ts'
import { settle } from '../../support/virtual-clock.ts'
import { Client, type Reachable, task, world } from './client.ts'

async function linked() {
  const there = await world()
  const link = new Link(there.clock, there.mesos.masterHandler)
  const reachable: Reachable = { clock: there.clock, mesos: { masterHandler: link.handler } }
  const client = await Client.subscribe(reachable, { failover_timeout: 60 })
  return { there, link, client }
}

describe('a network that fails one way', () => {
  test('requests that do not arrive change nothing until it heals; events come all the while', async () => {
    const { there, link, client } = await linked()
    link.silenceRequests()
    const sent = client.accept([task('t')])
    await there.clock.advance(15_000)
    expect(there.mesos.snapshot().tasks).toEqual([])
    expect(client.events.filter(({ type }) => type === 'HEARTBEAT')).toHaveLength(2)
    link.heal()
    expect((await sent).status).toBe(202)
    expect(there.mesos.snapshot().tasks).toMatchObject([{ taskId: 't' }])
  })

  test('answers that do not arrive: the call is done all the same, and events wait', async () => {
    const { there, link, client } = await linked()
    link.silenceAnswers()
    const sent = client.accept([task('t')])
    await there.clock.advance(1_000)
    expect(there.mesos.snapshot().tasks).toMatchObject([{ taskId: 't' }])
    expect(client.updates).toEqual([])
    link.heal()
    await sent
    await settle()
    expect(client.states('t')[0]).toBe('TASK_STARTING')
  })

  test('a client that gives up leaves nothing behind', async () => {
    const { there, link, client } = await linked()
    link.silenceAnswers()
    await client.leave()
    link.heal()
    await there.clock.advance(61_000)
    expect(there.mesos.snapshot().frameworks).toEqual([])
  })
})

test('a 202 that is lost was done, a request that is lost was not', async () => {
  const { there, link, client } = await linked()
  link.loseAnswers(isCall('ACCEPT'))
  await expect(client.accept([task('done')])).rejects.toThrow('the answer was lost')
  await there.clock.advance(1_000)
  link.loseRequests(isCall('ACCEPT'))
  await expect(client.accept([task('not')])).rejects.toThrow('the request was lost')
  await there.clock.advance(1_000)
  expect(there.mesos.snapshot().tasks.map(({ taskId }) => taskId)).toEqual(['done'])
  await client.accept([task('later')])
  await there.clock.advance(1_000)
  expect(client.states('later')).toEqual(['TASK_STARTING', 'TASK_RUNNING'])
})

test('answers to one kind of request can be late', async () => {
  const { there, link, client } = await linked()
  link.delay(isCall('ACCEPT'), 3_000)
  const began = there.clock.now()
  const sent = client.accept([task('t')])
  await client.send({ type: 'SUPPRESS' })
  expect(there.clock.now()).toBe(began)
  await there.clock.advance(3_000)
  expect((await sent).status).toBe(202)
})
