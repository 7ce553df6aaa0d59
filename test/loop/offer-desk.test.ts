import { describe, expect, test } from '@jest/globals'
import { anOffer } from '../support/builders.ts'
import { aRig } from '../support/loop-rig.ts'

const ids = (offers: readonly { readonly id: string }[]): readonly string[] => offers.map(({ id }) => id)
const a = anOffer({ id: 'a' })
const b = anOffer({ id: 'b', host: 2 })

describe('invariant 5: an offer', () => {
  test('that nobody takes is given back after 5 s, once', async () => {
    const { clock, desk, declined } = aRig()
    desk.add([a])
    await clock.advance(2_000)
    desk.add([b])
    await clock.advance(2_999)
    expect(declined).toEqual([])
    await clock.advance(1)
    expect(declined).toEqual(['a'])
    expect(ids(desk.free)).toEqual(['b'])
    await clock.advance(60_000)
    expect([declined, desk.size, clock.pending]).toEqual([['a', 'b'], 0, 0])
  })

  test('that was taken is left to its taker', async () => {
    const { clock, desk, declined } = aRig()
    desk.add([a, b])
    expect(ids(desk.take([a.id]))).toEqual(['a'])
    await clock.advance(60_000)
    expect(declined).toEqual(['b'])
    expect([desk.has(a.id), desk.size, ids(desk.free), ids(desk.all)]).toEqual([true, 1, [], ['a']])
  })

  test('is taken once', () => {
    const { desk } = aRig()
    desk.add([a])
    expect(ids(desk.take([a.id, a.id, b.id]))).toEqual(['a'])
    expect(desk.take([a.id])).toEqual([])
  })

  test('is answered once: only one removal gets it', async () => {
    const { clock, desk, declined } = aRig()
    desk.add([a])
    expect(desk.remove([a.id, b.id])).toEqual(['a'])
    expect(desk.remove([a.id])).toEqual([])
    await clock.advance(60_000)
    expect([declined, clock.pending]).toEqual([[], 0])
  })

  test('that is overdue can be removed by nobody else', async () => {
    const { clock, desk } = aRig()
    desk.add([a])
    await clock.advance(5_000)
    expect([desk.remove([a.id]), desk.take([a.id]), desk.has(a.id)]).toEqual([[], [], false])
  })

  test('goes with the subscription, taken or not', async () => {
    const { clock, desk, declined } = aRig()
    desk.add([a, b])
    desk.take([a.id])
    expect([desk.clear(), desk.size, clock.pending]).toEqual([2, 0, 0])
    await clock.advance(60_000)
    expect(declined).toEqual([])
  })

  test('is counted as declined when Mesos has taken the answer, and no failure reaches who gave it', async () => {
    const answers: (Error | undefined)[] = [undefined, new Error('no subscription')]
    const decline = async (): Promise<void> => {
      const failure = answers.shift()
      if (failure !== undefined) throw failure
    }
    const { desk, reports, lines } = aRig({ mesos: { decline } })
    desk.add([a, b])
    await desk.decline([a.id, 'unknown' as typeof a.id], 300)
    await desk.decline([b.id])
    await desk.decline([b.id])
    expect(reports).toEqual([{ name: 'offers', args: ['declined', 1] }])
    expect([desk.size, lines.map(({ level }) => level)]).toEqual([0, ['debug']])
  })
})
