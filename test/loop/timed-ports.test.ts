import { expect, test } from '@jest/globals'
import type { JenkinsPort, LeaderPort, MesosPort, StorePort } from '../../src/loop/ports.ts'
import { timedJenkins, timedMesos, timedStore } from '../../src/loop/timed-ports.ts'
import { toldLeader } from '../../src/loop/told-leader.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

test('calls are told of with how long they took, and with the code of what failed', async () => {
  const clock = new VirtualClock()
  const told: unknown[] = []
  const slow = async (): Promise<'deleted'> => {
    await clock.sleep(250)
    return 'deleted'
  }
  const jenkins = timedJenkins(
    {
      deleteNode: slow,
      createNode: slow,
      readNode: slow,
      agentSecret: slow,
      setOffline: slow,
      setOnline: slow,
    } as unknown as JenkinsPort,
    clock,
    {
      jenkinsCall: (...args) => told.push(args),
    },
  )
  const deleted = jenkins.deleteNode('a')
  await clock.advance(250)
  expect(await deleted).toBe('deleted')

  const refused = async (): Promise<void> => {
    throw Object.assign(new Error('no'), { code: 'MESOS_REFUSED' })
  }
  const mesos = timedMesos(
    {
      accept: refused,
      decline: refused,
      acceptInverseOffers: refused,
      kill: refused,
      acknowledge: refused,
      reconcile: refused,
      teardown: refused,
    } as unknown as MesosPort,
    clock,
    {
      mesosCall: (...args) => told.push(args),
    },
  )
  await expect(mesos.teardown()).rejects.toThrow('no')

  const broken = async (): Promise<void> => {
    throw new Error('without a code')
  }
  const store = timedStore({ commit: broken } as unknown as StorePort, clock, { commit: (...args) => told.push(args) })
  await expect(store.commit([])).rejects.toThrow('without a code')
  expect(told).toEqual([
    ['delete_node', { seconds: 0.25, code: undefined }],
    ['teardown', { seconds: 0, code: 'MESOS_REFUSED' }],
    [{ seconds: 0, code: 'UNKNOWN' }],
  ])
})

test('leadership is told of when it changes, and not when only its reason does', () => {
  const told: boolean[] = []
  const heard: string[] = []
  let change: (leading: boolean, why: string) => void = () => undefined
  const port = { start: (onChange: typeof change) => (change = onChange) } as unknown as LeaderPort
  toldLeader(port, { leading: (leading) => told.push(leading) }).start((_, why) => heard.push(why))
  change(false, 'a leads')
  change(false, 'b leads')
  change(true, 'its turn')
  change(false, 'the session ended')
  expect(told).toEqual([true, false])
  expect(heard).toEqual(['a leads', 'b leads', 'its turn', 'the session ended'])
})
