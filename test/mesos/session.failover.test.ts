import { describe, expect, test } from '@jest/globals'
import { settle } from '../support/virtual-clock.ts'
import { useSession } from './session-rig.ts'
import { events as recorded } from './traces.ts'

const rig = useSession()
const MINUTE = 60_000

async function failOver(): Promise<void> {
  const error = recorded('09-second-subscribe-same-id', 'A').find(({ type }) => type === 'ERROR')
  rig.master.stream.push(error ?? {})
  rig.master.stream.end()
  await settle()
}

describe('invariant 9: another instance took over', () => {
  test.each([
    [0, 5],
    [0.5, 7.5],
    [0.999_999, 10],
  ])('with chance %d it subscribes once more after %d minutes', async (chance, minutes) => {
    const made = await rig.start({ random: () => chance })
    await failOver()
    expect(rig.kinds()).toEqual(['subscribed', 'disconnected', 'failedOver'])
    await expect(made.reconcile([])).rejects.toMatchObject({ code: 'MESOS_SUBSCRIPTION_LOST' })
    await rig.clock.advance(minutes * MINUTE - 1_000)
    expect(rig.master.subscribes).toHaveLength(1)
    await rig.clock.advance(1_000)
    expect(rig.master.subscribes).toHaveLength(2)
    expect(rig.master.subscribes[1]?.call.framework_id).toEqual({ value: 'F1' })
    expect(rig.kinds().at(-1)).toBe('subscribed')
  })

  test('a second time within ten minutes: it stays back until it is told to take over', async () => {
    const made = await rig.start({ random: () => 0 })
    await failOver()
    expect(rig.seen.at(-1)).toEqual({ kind: 'failedOver', retryAt: rig.clock.now() + 5 * MINUTE })
    await rig.clock.advance(5 * MINUTE)
    await rig.beat(10 * MINUTE)
    await failOver()
    expect(rig.seen.at(-1)).toEqual({ kind: 'failedOver', retryAt: undefined })
    await rig.clock.advance(24 * 60 * MINUTE)
    expect(rig.master.subscribes).toHaveLength(2)
    expect(made.takeOver()).toBe(true)
    await settle()
    expect(rig.kinds().at(-1)).toBe('subscribed')
    expect(rig.master.subscribes[2]?.call.framework_id).toEqual({ value: 'F1' })
    await failOver()
    expect(rig.seen.at(-1)).toEqual({ kind: 'failedOver', retryAt: undefined })
  })

  test('a second time much later is a first time', async () => {
    await rig.start({ random: () => 0 })
    await failOver()
    await rig.clock.advance(5 * MINUTE)
    await rig.beat(10 * MINUTE + 1_000)
    await failOver()
    expect(rig.seen.at(-1)).toMatchObject({ kind: 'failedOver', retryAt: expect.any(Number) })
  })

  test('the ten minutes begin when it is back, not when it tries', async () => {
    await rig.start({ random: () => 0.5 })
    await failOver()
    rig.network.down('http://m1:5050')
    await rig.clock.advance(20 * MINUTE)
    rig.network.up('http://m1:5050')
    await rig.clock.advance(15_000)
    expect(rig.kinds().at(-1)).toBe('subscribed')
    await failOver()
    expect(rig.seen.at(-1)).toEqual({ kind: 'failedOver', retryAt: undefined })
  })

  test('an operator need not wait', async () => {
    const made = await rig.start()
    expect(made.takeOver()).toBe(false)
    await failOver()
    expect(made.takeOver()).toBe(true)
    await settle()
    expect(rig.kinds().at(-1)).toBe('subscribed')
    expect(made.takeOver()).toBe(false)
  })

  test('standing back ends with the session', async () => {
    const made = await rig.start()
    await failOver()
    await made.stop()
    expect(rig.kinds().at(-1)).toBe('failedOver')
  })
})
