import { expect, test } from '@jest/globals'
import { Pulse } from '../../src/loop/pulse.ts'
import { summaryOf } from '../../src/loop/view-summary.ts'
import type { SummaryView } from '../../src/loop/view-types.ts'
import { aLog } from '../support/log.ts'
import { aView } from '../support/views.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function aPulse() {
  const clock = new VirtualClock()
  const facts = { problems: 0, round: 1, broken: false }
  const { log, lines } = aLog()
  let made = 0
  const pulse = new Pulse({
    clock,
    log,
    summary: () => {
      made += 1
      if (facts.broken) throw new Error('a fault')
      const now = clock.now()
      return summaryOf({
        view: aView({
          now,
          problems: Array.from({ length: facts.problems }, () => 'look'),
          round: { number: facts.round, lastAt: now, held: undefined },
        }),
        version: '1',
        startedAt: 0,
        storeError: undefined,
        lastEventId: 0,
      })
    },
  })
  const told: SummaryView[] = []
  const listen = (): (() => void) => pulse.follow((summary) => told.push(summary))
  return { clock, facts, pulse, told, listen, lines, made: () => made }
}

test('it tells at once, then what changed, at most once a second', async () => {
  const { clock, facts, told, listen } = aPulse()
  listen()
  expect(told).toHaveLength(1)
  await clock.advance(3_000)
  expect(told).toHaveLength(1)
  for (let nth = 0; nth < 10; nth += 1) {
    facts.problems += 1
    await clock.advance(100)
  }
  expect(told).toHaveLength(2)
  expect(told.at(-1)?.problems).toHaveLength(10)
})

test('that rounds go by is told each five seconds, and without any news it is a heartbeat each 15', async () => {
  const { clock, facts, told, listen } = aPulse()
  listen()
  for (let nth = 0; nth < 20; nth += 1) {
    facts.round += 1
    await clock.advance(1_000)
  }
  expect(told).toHaveLength(5)
  await clock.advance(60_000)
  expect(told).toHaveLength(9)
})

test('however many listen it is made once, and no timer runs when nobody does', async () => {
  const { clock, told, listen, made } = aPulse()
  const stops = Array.from({ length: 50 }, listen)
  const before = made()
  await clock.advance(15_000)
  expect(made() - before).toBe(15)
  expect(told).toHaveLength(100)
  for (const stop of stops) stop()
  expect(clock.pending).toBe(0)
  await clock.advance(60_000)
  expect(told).toHaveLength(100)
})

test('a listener that throws harms no other', async () => {
  const { clock, pulse, told, listen } = aPulse()
  let calls = 0
  pulse.follow(() => {
    calls += 1
    if (calls > 1) throw new Error('gone')
  })
  listen()
  await clock.advance(15_000)
  expect([calls, told.length]).toEqual([2, 2])
})

test('who cannot be told at once is not followed, and nothing goes on', async () => {
  const clock = new VirtualClock()
  const pulse = new Pulse({
    clock,
    log: aLog().log,
    summary: () => {
      throw new Error('a fault')
    },
  })
  expect(() => pulse.follow(() => undefined)).toThrow('a fault')
  await clock.advance(60_000)
  expect(clock.pending).toBe(0)
})

test('a summary that cannot be made is told of once, and the next one goes out as before', async () => {
  const { clock, facts, told, listen, lines } = aPulse()
  listen()
  facts.broken = true
  await clock.advance(30_000)
  expect(lines.map(({ message }) => message)).toEqual(['what people are shown could not be made: please report it'])
  facts.broken = false
  facts.problems = 1
  await clock.advance(1_000)
  expect([told.length, lines.length]).toEqual([2, 1])
})
