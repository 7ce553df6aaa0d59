import { expect, test } from '@jest/globals'
import { Momentary } from '../../src/loop/view-cache.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function counter() {
  const clock = new VirtualClock()
  let made = 0
  const momentary = new Momentary(clock, () => {
    made += 1
    if (made === 3) throw new Error('not now')
    return made
  })
  return { clock, momentary }
}

test('it is made once a moment, whoever asks how often', async () => {
  const { clock, momentary } = counter()
  expect([momentary.get(), momentary.get()]).toEqual([1, 1])
  await clock.advance(249)
  expect(momentary.get()).toBe(1)
  await clock.advance(1)
  expect(momentary.get()).toBe(2)
})

test('it is made anew after a change that somebody made', () => {
  const { momentary } = counter()
  momentary.get()
  momentary.expire()
  expect(momentary.get()).toBe(2)
})

test('where it cannot be made the next one tries again', async () => {
  const { clock, momentary } = counter()
  momentary.get()
  momentary.expire()
  momentary.get()
  await clock.advance(250)
  expect(() => momentary.get()).toThrow('not now')
  expect(momentary.get()).toBe(4)
})

test('what takes long to make holds longer, so that it takes a small share of the time', () => {
  let now = 0
  let made = 0
  const momentary = new Momentary({ monotonic: () => now }, () => {
    made += 1
    now += 50
    return made
  })
  momentary.get()
  now = 999
  expect(momentary.get()).toBe(1)
  now = 1_000
  expect(momentary.get()).toBe(2)
})

test('a promise holds as long as what it took asks for', async () => {
  const clock = new VirtualClock()
  let made = 0
  const momentary = new Momentary(clock, async () => {
    made += 1
    await clock.sleep(100)
    return made
  })
  const first = momentary.get()
  await clock.advance(100)
  await first
  await clock.advance(1_800)
  expect(momentary.get()).toBe(first)
  await clock.advance(100)
  expect(momentary.get()).not.toBe(first)
})
