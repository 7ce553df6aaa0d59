import { describe, expect, test } from '@jest/globals'
import type { MesosAgentId } from '../../src/core/model.ts'
import type { TaskStatus } from '../../src/loop/ports.ts'
import type { Call } from '../../src/mesos/protocol.ts'
import { settle } from '../support/virtual-clock.ts'
import { launchOf } from './launches.ts'
import { ids, offer, useSession } from './session-rig.ts'
import { answer } from './stub-master.ts'

const rig = useSession()

describe('calls', () => {
  const status: TaskStatus = {
    taskId: launchOf().agentId,
    mesosAgentId: 'S0' as MesosAgentId,
    state: 'TASK_RUNNING',
    source: 'SOURCE_EXECUTOR',
    reason: undefined,
    message: undefined,
    uuid: 'dXVpZA==',
    at: undefined,
  }
  const body = (index = 0): Call | undefined => rig.master.calls[index]?.call

  test('carry the framework, the stream and what they are about', async () => {
    const made = await rig.start()
    await made.kill(status.taskId, status.mesosAgentId)
    await made.kill(status.taskId, undefined)
    await made.acknowledge(status)
    await made.reconcile([])
    await made.reconcile([{ taskId: status.taskId, mesosAgentId: status.mesosAgentId }])
    const framework_id = { value: 'F1' }
    const task = { task_id: { value: 'linux-1' }, agent_id: { value: 'S0' } }
    expect(rig.master.calls.map(({ call }) => call)).toEqual([
      { framework_id, type: 'KILL', kill: task },
      { framework_id, type: 'KILL', kill: { task_id: { value: 'linux-1' } } },
      { framework_id, type: 'ACKNOWLEDGE', acknowledge: { ...task, uuid: 'dXVpZA==' } },
      { framework_id, type: 'RECONCILE', reconcile: {} },
      { framework_id, type: 'RECONCILE', reconcile: { tasks: [task] } },
    ])
    expect(new Set(rig.master.calls.map(({ headers }) => headers['mesos-stream-id']))).toEqual(new Set(['stream-1']))
  })

  test.each([{ uuid: undefined }, { mesosAgentId: undefined }])(
    'a status with %j is not acknowledged',
    async (over) => {
      const made = await rig.start()
      await made.acknowledge({ ...status, ...over })
      expect(rig.master.calls).toEqual([])
    },
  )

  test('ACCEPT launches on what was offered', async () => {
    const made = await rig.start()
    await rig.give(offer('O1'), offer('O2'))
    const launches = [launchOf({ agentId: 'a' }), launchOf({ agentId: 'b', resources: { cpus: 7000, mem: 1000 } })]
    await made.accept(ids('O1', 'O2'), launches, 5)
    expect(body()).toMatchObject({
      type: 'ACCEPT',
      accept: {
        offer_ids: [{ value: 'O1' }, { value: 'O2' }],
        operations: [
          {
            type: 'LAUNCH',
            launch: {
              task_infos: [
                { task_id: { value: 'a' }, agent_id: { value: 'S0' } },
                {
                  task_id: { value: 'b' },
                  resources: [{ name: 'cpus', scalar: { value: 7 } }, { scalar: { value: 1 } }],
                },
              ],
            },
          },
        ],
        filters: { refuse_seconds: 5 },
      },
    })
  })

  test('an offer is answered once', async () => {
    const made = await rig.start()
    await rig.give(offer('O1'), offer('O2'))
    const both = [made.accept(ids('O1'), [launchOf()], 5), made.accept(ids('O1'), [launchOf()], 5)]
    expect((await Promise.allSettled(both)).map(({ status: how }) => how)).toEqual(['fulfilled', 'rejected'])
    await made.decline(ids('O1', 'O2', 'O3'), 300)
    await made.decline(ids('O2'), 300)
    expect(rig.master.types).toEqual(['ACCEPT', 'DECLINE'])
    expect(body(1)).toMatchObject({ decline: { offer_ids: [{ value: 'O2' }], filters: { refuse_seconds: 300 } } })
  })

  test('an offer that is rescinded while its ACCEPT waits is not accepted', async () => {
    const made = await rig.start()
    await rig.give(offer('O1'))
    let release: () => void = () => undefined
    rig.master.onCall = () =>
      new Promise((resolve) => {
        release = () => {
          resolve(answer(202))
        }
      })
    const first = made.reconcile([])
    const accepted = made.accept(ids('O1'), [launchOf()], 5)
    const told = expect(accepted).rejects.toMatchObject({ code: 'MESOS_OFFER_GONE', retryable: false })
    rig.master.stream.push({ type: 'RESCIND', rescind: { offer_id: { value: 'O1' } } })
    await settle()
    release()
    await first
    await told
    expect(rig.master.types).toEqual(['RECONCILE'])
  })

  test.each([
    ['of two hosts', [offer('O1'), offer('O2', { agent_id: { value: 'S1' } })], {}],
    ['of two roles', [offer('O1'), offer('O2', { allocation_info: { role: 'big' } })], {}],
    ['that hold too little', [offer('O1'), offer('O2')], { resources: { cpus: 8001 } }],
  ])('offers %s are refused before anything is sent, and can be declined', async (_, offers, over) => {
    const made = await rig.start()
    await rig.give(...offers)
    await expect(made.accept(ids('O1', 'O2'), [launchOf(over)], 5)).rejects.toMatchObject({ code: 'MESOS_REFUSED' })
    expect(rig.master.calls).toEqual([])
    await made.decline(ids('O1', 'O2'), 5)
    expect(rig.master.types).toEqual(['DECLINE'])
  })

  test('a call that the master refuses leaves the offer and the subscription', async () => {
    const made = await rig.start()
    await rig.give(offer('O1'))
    rig.master.onCall = (_, index) => (index === 0 ? answer(400, 'Failed to validate scheduler::Call: x') : answer(202))
    await expect(made.accept(ids('O1'), [launchOf()], 5)).rejects.toMatchObject({ code: 'MESOS_REFUSED' })
    await made.decline(ids('O1'), 5)
    expect(rig.master.types).toEqual(['ACCEPT', 'DECLINE'])
    expect(rig.kinds()).toEqual(['subscribed', 'offers'])
  })

  test('are sent one after the other, in order', async () => {
    const made = await rig.start()
    const waiting: (() => void)[] = []
    rig.master.onCall = () =>
      new Promise((resolve) => {
        waiting.push(() => {
          resolve(answer(202))
        })
      })
    const all = ['a', 'b', 'c'].map((name) => made.kill(launchOf({ agentId: name }).agentId, undefined))
    for (let i = 0; i < 3; i++) {
      await settle()
      expect(rig.master.calls).toHaveLength(i + 1)
      waiting[i]?.()
    }
    await Promise.all(all)
    expect(rig.master.calls.map(({ call }) => (call.type === 'KILL' ? call.kill.task_id.value : ''))).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  test.each([
    [403, 'Framework is not subscribed', 'MESOS_SUBSCRIPTION_LOST'],
    [400, "The stream ID 'x' included in this request didn't match the stream ID y", 'MESOS_SUBSCRIPTION_LOST'],
    [400, 'Framework cannot be found', 'MESOS_SUBSCRIPTION_LOST'],
    [503, 'Master has not finished recovery', 'MESOS_RECOVERING'],
    [307, '', 'MESOS_NOT_LEADING'],
  ])('%i %s to a call ends the subscription and fails what waits', async (code, text, expected) => {
    const made = await rig.start()
    rig.master.onCall = () => answer(code, text)
    const calls = [made.reconcile([]), made.reconcile([])].map((call) => expect(call).rejects)
    await Promise.all([
      calls[0]?.toMatchObject({ code: expected }),
      calls[1]?.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' }),
    ])
    await settle()
    expect(rig.master.calls).toHaveLength(1)
    expect(rig.kinds()).toEqual(['subscribed', 'disconnected'])
    await rig.clock.advance(15_000)
    expect(rig.kinds().at(-1)).toBe('subscribed')
  })

  test('a call without an answer ends the subscription after 15 s', async () => {
    const made = await rig.start()
    rig.master.onCall = () => new Promise(() => undefined)
    const failed = expect(made.reconcile([])).rejects.toMatchObject({
      code: 'MESOS_UNREACHABLE',
      message: expect.stringContaining('no answer within 15 s'),
    })
    await rig.clock.advance(15_000)
    await failed
    expect(rig.kinds()).toEqual(['subscribed', 'disconnected'])
  })

  test('a call under way when the stream ends may have been carried out, one that waits was not', async () => {
    const made = await rig.start()
    rig.master.onCall = () => new Promise(() => undefined)
    const calls = [made.reconcile([]), made.reconcile([])].map((call) => expect(call).rejects)
    await settle()
    rig.master.stream.end()
    await Promise.all([
      calls[0]?.toMatchObject({ code: 'MESOS_UNREACHABLE' }),
      calls[1]?.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' }),
    ])
  })

  test('before the first subscription fail at once', async () => {
    await expect(rig.make().reconcile([])).rejects.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST', retryable: true })
  })

  test('after TEARDOWN nothing is subscribed again', async () => {
    const made = await rig.start()
    await made.teardown()
    rig.master.stream.end()
    await rig.clock.advance(600_000)
    expect(rig.master.types).toEqual(['TEARDOWN'])
    expect(rig.master.subscribes).toHaveLength(1)
  })
})
