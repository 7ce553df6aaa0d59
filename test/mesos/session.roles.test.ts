import { describe, expect, test } from '@jest/globals'
import { settle } from '../support/virtual-clock.ts'
import { offer, useSession } from './session-rig.ts'
import { answer } from './stub-master.ts'

const rig = useSession()

describe('roles', () => {
  const want = (...roles: readonly string[]): void => rig.session?.want(new Set(roles))
  const told = (): readonly string[] =>
    rig.master.calls.map(({ call }) => {
      if (call.type === 'REVIVE') return `REVIVE ${call.revive?.roles?.join() ?? ''}`
      return call.type === 'SUPPRESS' ? `SUPPRESS ${call.suppress?.roles?.join() ?? ''}` : call.type
    })

  test('are switched only when something changes', async () => {
    await rig.start()
    want('ci')
    want('ci')
    await settle()
    want('ci')
    await settle()
    want('ci', 'big')
    await settle()
    want()
    await settle()
    want()
    await settle()
    expect(told()).toEqual(['REVIVE ci', 'REVIVE big', 'SUPPRESS ci,big'])
  })

  test('are revived again after 30 s without offers', async () => {
    await rig.start()
    want('ci')
    await rig.beat(29_000)
    await rig.give(offer('O1'))
    await rig.beat(29_000)
    expect(told()).toEqual(['REVIVE ci'])
    await rig.beat(1_000)
    expect(told()).toEqual(['REVIVE ci', 'REVIVE ci'])
    await rig.beat(30_000)
    expect(told()).toHaveLength(3)
    want()
    await rig.beat(90_000)
    expect(told().slice(3)).toEqual(['SUPPRESS ci'])
  })

  test('stand in the next SUBSCRIBE as they are then', async () => {
    await rig.start()
    want('big')
    await settle()
    rig.master.stream.end()
    await rig.clock.advance(15_000)
    expect(rig.master.subscribes[1]?.call).toMatchObject({ subscribe: { suppressed_roles: ['ci'] } })
    expect(told()).toEqual(['REVIVE big'])
    await rig.beat(30_000)
    expect(told()).toEqual(['REVIVE big', 'REVIVE big'])
  })

  test('a change between SUBSCRIBE and SUBSCRIBED is made up for', async () => {
    rig.master.greets = false
    await rig.start()
    want('ci')
    rig.master.stream.push(rig.master.subscribed('F1'))
    await settle()
    expect(told()).toEqual(['REVIVE ci'])
  })

  test('a call that was refused is tried again, at once with the next wish', async () => {
    await rig.start()
    rig.master.onCall = (_, index) => (index < 2 ? answer(400, 'no') : answer(202))
    want('ci')
    await rig.beat(15_000)
    expect(told()).toEqual(['REVIVE ci', 'REVIVE ci'])
    want('ci')
    await settle()
    expect(told()).toHaveLength(3)
    await rig.beat(20_000)
    expect(told()).toHaveLength(3)
  })

  test('a lost subscription is no reason to try again', async () => {
    await rig.start()
    rig.master.onCall = () => answer(403, 'Framework is not subscribed')
    want('ci')
    await settle()
    expect(told()).toEqual(['REVIVE ci'])
    await rig.clock.advance(15_000)
    expect(rig.master.subscribes[1]?.call).toMatchObject({ subscribe: { suppressed_roles: ['big'] } })
  })

  test('that the framework does not have are left out and named', async () => {
    await rig.start()
    want('ci', 'stray')
    await settle()
    expect(told()).toEqual(['REVIVE ci'])
    expect(rig.logged.at(-1)).toContain('stray')
  })
})
