import { expect, test } from '@jest/globals'
import { Limiter } from '../../src/loop/limiter.ts'
import { settle } from '../support/virtual-clock.ts'

function jobs(limiter: Limiter, count: number) {
  const begun: number[] = []
  const ends: (() => void)[] = []
  const all = Array.from({ length: count }, (_, n) =>
    limiter.run(async () => {
      begun.push(n)
      await new Promise<void>((resolve) => {
        ends[n] = resolve
      })
      return n
    }),
  )
  return { begun, end: (n: number) => ends[n]?.(), all }
}

test('begins so many at once and the others in their order, as places become free', async () => {
  const { begun, end, all } = jobs(new Limiter(2), 5)
  await settle()
  expect(begun).toEqual([0, 1])
  end(1)
  await settle()
  expect(begun).toEqual([0, 1, 2])
  end(0)
  end(2)
  await settle()
  expect(begun).toEqual([0, 1, 2, 3, 4])
  end(3)
  end(4)
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4])
})

test('a job that fails gives its place on', async () => {
  const limiter = new Limiter(1)
  const failing = limiter.run(async () => {
    throw new Error('no')
  })
  const next = limiter.run(async () => 'next')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('next')
})

test('after a rest it begins as many as before, and no more', async () => {
  const limiter = new Limiter(2)
  for (let n = 0; n < 3; n++) expect(await limiter.run(async () => n)).toBe(n)
  const { begun, end, all } = jobs(limiter, 3)
  await settle()
  expect(begun).toEqual([0, 1])
  end(0)
  end(1)
  await settle()
  end(2)
  expect(await Promise.all(all)).toHaveLength(3)
})
