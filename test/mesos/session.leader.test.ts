import { describe, expect, test } from '@jest/globals'
import { FixedUrlDetector } from '../../src/mesos/detector/fixed-url.ts'
import { settle } from '../support/virtual-clock.ts'
import { MASTER, OTHER, useSession } from './session-rig.ts'
import { answer, StubMaster } from './stub-master.ts'
import { trace } from './traces.ts'

const rig = useSession()

describe('finding the leader', () => {
  const follower = trace('12c-follower-answers').exchanges[0]?.response
  const location = (to: string): readonly [string, string] => [
    'Location',
    (follower?.headers['Location'] ?? '').replace('127.0.0.1:5320', to),
  ]

  test('goes at once where the follower points, with its own path', async () => {
    const leader = new StubMaster()
    rig.network.serve(OTHER, leader.handler)
    rig.master.refusals.push(answer(307, '', [location('m2:5050')]))
    await rig.start()
    expect(rig.seen).toMatchObject([{ kind: 'subscribed', master: OTHER }])
    expect(leader.subscribes).toHaveLength(1)
  })

  test('a dead leader is waited for: the follower is asked until it knows better', async () => {
    const dead = answer(307, '', [location('m2:5050')])
    rig.master.refusals.push(dead, dead, dead)
    await rig.start()
    expect(rig.seen).toMatchObject([{ kind: 'disconnected', why: expect.stringContaining('ECONNREFUSED') }])
    await rig.clock.advance(10_000)
    expect(rig.seen.at(-1)).toMatchObject({ kind: 'subscribed', master: MASTER })
    expect(rig.master.subscribes).toHaveLength(4)
  })

  test('masters that point at each other are not asked without end', async () => {
    const other = new StubMaster()
    rig.network.serve(OTHER, other.handler)
    for (let i = 0; i < 100; i++) {
      rig.master.refusals.push(answer(307, '', [location('m2:5050')]))
      other.refusals.push(answer(307, '', [location('m1:5050')]))
    }
    await rig.start()
    expect(rig.master.subscribes.length + other.subscribes.length).toBe(10)
    expect(rig.logged.at(-1)).toContain('do not agree')
  })

  test.each([
    [404, '404 Not Found.'],
    [503, 'No leader elected'],
    [503, 'Master has not finished recovery'],
  ])('%i %s is told and tried again', async (status, body) => {
    rig.master.refusals.push(answer(status, body))
    await rig.start()
    expect(rig.seen).toMatchObject([{ kind: 'disconnected', why: expect.stringContaining(body) }])
    await rig.clock.advance(1_000)
    expect(rig.kinds()).toEqual(['disconnected', 'subscribed'])
  })

  test('a detector that knows of another leader ends the subscription', async () => {
    const detector = new FixedUrlDetector([MASTER])
    let lost: ((why: string) => void) | undefined
    detector.watch = (_origin, onLost) => {
      lost = onLost
      return () => undefined
    }
    await rig.start({ detector })
    lost?.('another master leads')
    await settle()
    expect(rig.seen.at(-1)).toEqual({ kind: 'disconnected', why: 'another master leads' })
  })

  test('a detector that learns of another leader ends the back-off, which begins anew with that one', async () => {
    const other = new StubMaster()
    rig.network.serve(OTHER, other.handler)
    const detector = new FixedUrlDetector([MASTER])
    let leader = MASTER
    let lost: ((why: string) => void) | undefined
    detector.find = async () => leader
    detector.watch = (_origin, onLost) => {
      lost = onLost
      return () => {
        lost = undefined
      }
    }
    rig.master.refusals.push(...Array.from({ length: 9 }, () => answer(503, 'No leader elected')))
    await rig.start({ detector })
    await rig.clock.advance(20_000)
    const asked = rig.master.subscribes.length
    leader = OTHER
    other.refusals.push(answer(503, 'Master has not finished recovery'))
    lost?.('another master leads')
    await settle()
    expect(other.subscribes).toHaveLength(1)
    await rig.clock.advance(1_000)
    expect(rig.seen.at(-1)).toMatchObject({ kind: 'subscribed', master: OTHER })
    expect(rig.master.subscribes).toHaveLength(asked)
  })
})

test('what comes in one piece behind the event that ended a subscription is not heard', async () => {
  const detector = new FixedUrlDetector([MASTER])
  let lost: ((why: string) => void) | undefined
  detector.watch = (_origin, onLost) => {
    lost = onLost
    return () => undefined
  }
  const made = rig.make({ detector })
  made.start(undefined, (event) => {
    rig.seen.push(event)
    if (event.kind === 'rescind') lost?.('another master leads')
  })
  await settle()
  rig.master.stream.push(
    { type: 'RESCIND', rescind: { offer_id: { value: 'O1' } } },
    { type: 'ERROR', error: { message: 'Framework failed over' } },
  )
  await rig.clock.advance(15_000)
  expect(rig.kinds()).toEqual(['subscribed', 'rescind', 'disconnected', 'subscribed'])
})
