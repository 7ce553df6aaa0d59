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
