import { describe, expect, test } from '@jest/globals'
import { Secret } from '../../src/core/secret.ts'
import type { Authorizer } from '../../src/mesos/auth/authorizer.ts'
import { basic } from '../../src/mesos/auth/basic.ts'
import { MesosError } from '../../src/mesos/errors.ts'
import { useSession } from './session-rig.ts'
import { answer } from './stub-master.ts'

const rig = useSession()

describe('authentication', () => {
  test('every request carries what the authorizer gives, and a newer one after a 401', async () => {
    const asked: (string | undefined)[] = []
    const authorize: Authorizer = async (_origin, rejected) => {
      asked.push(rejected)
      return rejected === undefined ? 'token=old' : 'token=new'
    }
    rig.master.refusals.push(answer(401, '401 Unauthorized.'))
    const made = await rig.start({ authorize })
    await made.reconcile([])
    expect(rig.master.subscribes.map(({ headers }) => headers['authorization'])).toEqual(['token=old', 'token=new'])
    expect(rig.master.calls.map(({ headers }) => headers['authorization'])).toEqual(['token=old'])
    expect(asked).toEqual([undefined, 'token=old', undefined])
  })

  test('a header that stays the same is not sent twice', async () => {
    rig.master.refusals.push(answer(401, '401 Unauthorized.'))
    await rig.start({ authorize: async () => 'Basic eA==' })
    expect(rig.master.subscribes).toHaveLength(1)
    expect(rig.kinds()).toEqual(['refused'])
  })

  test('HTTP basic is sent with the first request, and a refusal says what to look at', async () => {
    rig.master.refusals.push(answer(401, '401 Unauthorized.'))
    await rig.start({ authorize: basic('ci', new Secret('hunter2')) })
    expect(rig.master.subscribes.map(({ headers }) => headers['authorization'])).toEqual(['Basic Y2k6aHVudGVyMg=='])
    expect(rig.seen).toEqual([
      {
        kind: 'refused',
        why: 'SUBSCRIBE at http://m1:5050: 401 Unauthorized. (check MESOS_PRINCIPAL and MESOS_SECRET)',
      },
    ])
  })

  test('a cluster that wants a login says which variables are missing', async () => {
    rig.master.refusals.push(answer(401, '401 Unauthorized.'))
    await rig.start()
    expect(rig.seen).toMatchObject([{ kind: 'refused', why: expect.stringMatching(/set MESOS_PRINCIPAL and/) }])
  })

  test('a login that fails for a while costs a call, not the subscription', async () => {
    let fails = false
    const authorize: Authorizer = async () => {
      if (fails) throw new MesosError('MESOS_LOGIN_FAILED', 'no answer')
      return 'token=x'
    }
    const made = await rig.start({ authorize })
    fails = true
    await expect(made.reconcile([])).rejects.toMatchObject({ code: 'MESOS_LOGIN_FAILED', retryable: true })
    fails = false
    await made.reconcile([])
    expect(rig.kinds()).toEqual(['subscribed'])
  })

  test('a login that fails before the first subscription is tried again', async () => {
    let attempts = 0
    const authorize: Authorizer = async () => {
      if (++attempts < 3) throw new MesosError('MESOS_LOGIN_FAILED', 'the login does not answer')
      return 'token=x'
    }
    await rig.start({ authorize })
    await rig.clock.advance(3_000)
    expect(rig.kinds()).toEqual(['disconnected', 'disconnected', 'subscribed'])
  })

  test('a login that hangs does not hold up the end', async () => {
    const made = await rig.start({ authorize: () => new Promise(() => undefined) })
    await made.stop()
    expect(rig.seen).toEqual([])
  })
})
