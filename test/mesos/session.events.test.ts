import { describe, expect, test } from '@jest/globals'
import { settle } from '../support/virtual-clock.ts'
import { ids, offer, useSession } from './session-rig.ts'

const rig = useSession()

describe('events', () => {
  test('are told in the words of the program and in order', async () => {
    await rig.start()
    const offers = [offer('O1'), offer('O2', { allocation_info: { role: 'big' } })]
    rig.master.stream.push(
      { type: 'OFFERS', offers: { offers } },
      { type: 'RESCIND', rescind: { offer_id: { value: 'O2' } } },
      { type: 'UPDATE', update: { status: { task_id: { value: 'a1' }, state: 'TASK_RUNNING', uuid: 'dQ==' } } },
      { type: 'FAILURE', failure: { agent_id: { value: 'S0' }, executor_id: { value: 'a1' }, status: 0 } },
      { type: 'FAILURE', failure: { agent_id: { value: 'S0' } } },
      { type: 'HEARTBEAT' },
    )
    await settle()
    expect(rig.seen.slice(1)).toMatchObject([
      {
        kind: 'offers',
        offers: [
          { id: 'O1', role: 'ci', free: { cpus: 4000, mem: 4_096_000 } },
          { id: 'O2', role: 'big' },
        ],
      },
      { kind: 'rescind', offerId: 'O2' },
      { kind: 'status', status: { taskId: 'a1', state: 'TASK_RUNNING', uuid: 'dQ==' } },
      { kind: 'hostLost', mesosAgentId: 'S0' },
    ])
  })

  test('unknown ones are ignored, with one word in the log', async () => {
    await rig.start()
    rig.master.stream.push({ type: 'NEW_THING' }, { type: 'NEW_THING' }, { type: 'UPDATE_OPERATION_STATUS' })
    await settle()
    expect(rig.kinds()).toEqual(['subscribed'])
    expect(rig.logged.filter((line) => line.includes('are ignored'))).toHaveLength(2)
  })

  test('a listener that throws loses nothing but its event', async () => {
    const made = rig.make()
    made.start(undefined, ({ kind }) => {
      if (kind === 'subscribed') throw new Error('no')
      rig.seen.push({ kind: 'refused', why: kind })
    })
    await settle()
    await rig.give(offer('O1'))
    expect(rig.seen).toEqual([{ kind: 'refused', why: 'offers' }])
    expect(rig.logged.some((line) => line.startsWith('error an event was not taken'))).toBe(true)
  })

  test('nothing is told after stop', async () => {
    const made = await rig.start()
    const stopped = made.stop()
    rig.master.stream.push({ type: 'OFFERS', offers: { offers: [offer('O1')] } })
    await stopped
    await settle()
    expect(rig.kinds()).toEqual(['subscribed'])
    await expect(made.decline(ids('O1'), 5)).rejects.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' })
  })

  test('a session is started once', async () => {
    const made = await rig.start()
    expect(() => {
      made.start(undefined, () => undefined)
    }).toThrow(/started before/)
  })
})
