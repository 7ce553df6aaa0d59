import { beforeEach, describe, expect, test } from '@jest/globals'
import { FixedUrlDetector } from '../../../src/mesos/detector/fixed-url.ts'

describe('looking for the leader', () => {
  let detector: FixedUrlDetector
  const [a, b, c] = ['http://a:1', 'http://b:1', 'http://c:1'] as const
  const find = (): Promise<string> => detector.find(new AbortController().signal)
  beforeEach(() => {
    detector = new FixedUrlDetector([a, b])
  })

  test('goes round while masters fail', async () => {
    const asked: string[] = []
    for (let i = 0; i < 3; i++) {
      const origin = await find()
      asked.push(origin)
      detector.failed(origin)
    }
    expect(asked).toEqual([a, b, a])
  })

  test('follows a redirect to a master that is not in the list, and stays there', async () => {
    expect(detector.redirected(await find(), c)).toBe(true)
    expect(await find()).toBe(c)
    detector.leads(c)
    expect(await find()).toBe(c)
  })

  test('asks again where it was pointed to a leader that is dead', async () => {
    detector.redirected(a, c)
    detector.failed(c)
    expect(await find()).toBe(a)
  })

  test('a master that points to itself is passed over', async () => {
    expect(detector.redirected(a, a)).toBe(false)
    expect(await find()).toBe(b)
  })

  test('two masters that point at each other are left after nine redirects', () => {
    const answers = Array.from({ length: 10 }, (_, i) => detector.redirected(i % 2 ? b : a, i % 2 ? a : b))
    expect(answers).toEqual([...Array.from({ length: 9 }, () => true), false])
    expect(detector.redirected(a, b)).toBe(true)
  })

  test('stops with its signal', async () => {
    await expect(detector.find(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
  })

  test('an empty list is a mistake', () => {
    expect(() => new FixedUrlDetector([])).toThrow(/no Mesos master/)
  })

  test('after a failure /master/redirect says where to go, or nothing', async () => {
    const asked: string[] = []
    const answers: (string | undefined)[] = [c, undefined, b]
    detector = new FixedUrlDetector([a, b], async (origin) => {
      asked.push(origin)
      return answers.shift()
    })
    expect(await find()).toBe(a)
    detector.failed(a)
    expect(await find()).toBe(c)
    detector.failed(c)
    expect(await find()).toBe(b)
    detector.failed(b)
    expect(await find()).toBe(b)
    detector.leads(b)
    expect(await find()).toBe(b)
    expect(asked).toEqual([b, b, a])
  })

  test('two masters that redirect to each other are left, however they are asked', async () => {
    detector = new FixedUrlDetector([a, b], async (origin) => (origin === a ? b : a))
    let followed = 0
    for (let i = 0; i < 30; i++) {
      const origin = await find()
      if (detector.redirected(origin, origin === a ? b : a)) followed++
      else detector.failed(origin)
    }
    expect(followed).toBeLessThan(30)
  })
})
