import { describe, expect, test } from '@jest/globals'
import { anOffer } from '../support/builders.ts'
import { aRig } from '../support/loop-rig.ts'

const ids = (offers: readonly { readonly id: string }[]): readonly string[] => offers.map(({ id }) => id)
const a = anOffer({ id: 'a' })
const b = anOffer({ id: 'b', host: 2 })

describe('invariant 5: an offer', () => {
  test('that nobody takes is given back after 5 s, once', async () => {
    const { clock, desk, overdue } = aRig()
    desk.add([a])
    await clock.advance(2_000)
    desk.add([b])
    await clock.advance(2_999)
    expect(overdue).toEqual([])
    await clock.advance(1)
    expect(overdue).toEqual(['a'])
    expect(ids(desk.free)).toEqual(['b'])
    await clock.advance(60_000)
    expect([overdue, desk.size, clock.pending]).toEqual([['a', 'b'], 0, 0])
  })

  test('that was taken is left to its taker', async () => {
    const { clock, desk, overdue } = aRig()
    desk.add([a, b])
    expect(ids(desk.take([a.id]))).toEqual(['a'])
    await clock.advance(60_000)
    expect(overdue).toEqual(['b'])
    expect([desk.has(a.id), desk.size, ids(desk.free), ids(desk.all)]).toEqual([true, 1, [], ['a']])
  })

  test('is taken once', () => {
    const { desk } = aRig()
    desk.add([a])
    expect(ids(desk.take([a.id, a.id, b.id]))).toEqual(['a'])
    expect(desk.take([a.id])).toEqual([])
  })

  test('is answered once: only one removal gets it', async () => {
    const { clock, desk, overdue } = aRig()
    desk.add([a])
    expect(desk.remove([a.id, b.id])).toEqual(['a'])
    expect(desk.remove([a.id])).toEqual([])
    await clock.advance(60_000)
    expect([overdue, clock.pending]).toEqual([[], 0])
  })

  test('that is overdue can be removed by nobody else', async () => {
    const { clock, desk } = aRig()
    desk.add([a])
    await clock.advance(5_000)
    expect([desk.remove([a.id]), desk.take([a.id]), desk.has(a.id)]).toEqual([[], [], false])
  })

  test('goes with the subscription, taken or not', async () => {
    const { clock, desk, overdue } = aRig()
    desk.add([a, b])
    desk.take([a.id])
    expect([desk.clear(), desk.size, clock.pending]).toEqual([2, 0, 0])
    await clock.advance(60_000)
    expect(overdue).toEqual([])
  })
})
