import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Timeline } from '../../src/loop/timeline.ts'
import type { View } from '../../src/loop/view-types.ts'
import { aLog } from '../support/log.ts'
import { anAgentView, anItemView, aView } from '../support/views.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const MIB = 1024 * 1024
const usage = (memMib: number) => ({
  cpuSeconds: 1,
  cpusLimit: 1,
  memRssBytes: memMib * MIB,
  memLimitBytes: undefined,
})

function aTimeline(over: () => Partial<View> = () => ({})) {
  const clock = new VirtualClock()
  const { log, lines } = aLog()
  const timeline = new Timeline({ clock, log, view: () => aView({ now: clock.now(), ...over() }) })
  return { clock, timeline, lines }
}

test('it has a sample each 15 seconds, between start and stop', async () => {
  const { clock, timeline } = aTimeline()
  await clock.advance(60_000)
  expect(timeline.view().at).toEqual([])
  timeline.start()
  timeline.start()
  const began = clock.now()
  await clock.advance(60_000)
  timeline.stop()
  expect(clock.pending).toBe(0)
  await clock.advance(60_000)
  expect(timeline.view().at).toEqual([15, 30, 45, 60].map((seconds) => began + seconds * 1_000))
})

test('its figures are those of the view', async () => {
  const { clock, timeline } = aTimeline(() => ({
    queue: [
      anItemView({ state: 'waiting_offer' }),
      anItemView({ state: 'capped' }),
      anItemView({ state: 'not_demand' }),
      anItemView({ state: 'served' }),
      anItemView({ state: 'unserved' }),
    ],
    agents: [
      anAgentView({
        state: 'online',
        cpus: 0.1,
        memMib: 100,
        builds: ['a #1', 'b #2'],
        usedCpus: 0.1,
        usage: usage(80),
      }),
      anAgentView({ state: 'online', cpus: 0.2, memMib: 200, builds: ['c #1'], usedCpus: 0.2 }),
      anAgentView({ state: 'starting', cpus: 0.2, memMib: 200, builds: [] }),
    ],
  }))
  timeline.start()
  await clock.advance(15_000)
  timeline.stop()
  expect(timeline.view()).toMatchObject({
    everyMs: 15_000,
    waiting: [2],
    blocked: [3],
    builds: [3],
    agents: { online: [2], starting: [1] },
    givenCpus: [0.5],
    usedCpus: [0.3],
    givenMemMib: [500],
    usedMemMib: [80],
  })
})

test('what nobody can see is not zero', async () => {
  let over: Partial<View> = { agents: [anAgentView()], queue: [anItemView()] }
  const { clock, timeline } = aTimeline(() => over)
  timeline.start()
  await clock.advance(15_000)
  over = { ...over, jenkins: { ...aView().jenkins, reachable: false } }
  await clock.advance(15_000)
  over = { round: { number: 0, lastAt: undefined, held: undefined } }
  await clock.advance(15_000)
  over = {}
  await clock.advance(15_000)
  timeline.stop()
  expect(timeline.view()).toMatchObject({
    waiting: [1, null, null, 0],
    builds: [0, null, null, 0],
    agents: { online: [1, 1, null, 0] },
    givenCpus: [0.3, 0.3, null, 0],
    usedCpus: [null, null, null, 0],
  })
})

test('it holds six hours, and is made once for all who ask', async () => {
  const { clock, timeline } = aTimeline()
  timeline.start()
  await clock.advance(7 * 3_600_000)
  timeline.stop()
  expect(timeline.view().at).toHaveLength(1_440)
  expect(timeline.view()).toBe(timeline.view())
})

test('columns are of one length whatever was seen', async () => {
  const states = fc.array(fc.constantFrom('online', 'starting', 'draining', 'constructor', '__proto__'), {
    maxLength: 4,
  })
  const seen = fc.record({
    states,
    reachable: fc.boolean(),
    acts: fc.boolean(),
    pauseMs: fc.integer({ min: -5e4, max: 2e5 }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(seen, { maxLength: 20 }), async (looks) => {
      const clock = new VirtualClock()
      let shift = 0
      let look = looks[0]
      const timeline = new Timeline({
        clock,
        log: aLog().log,
        view: () =>
          aView({
            now: clock.now() + shift,
            jenkins: { ...aView().jenkins, reachable: look?.reachable ?? true },
            round: { number: 1, lastAt: look?.acts === false ? undefined : 1, held: undefined },
            agents: (look?.states ?? []).map((state) => anAgentView({ state })),
          }),
      })
      timeline.start()
      for (const next of looks) {
        look = next
        shift += next.pauseMs
        await clock.advance(15_000)
      }
      timeline.stop()
      const { everyMs: _, agents, ...columns } = timeline.view()
      const lengths = [...Object.values(columns), ...Object.values(agents)].map(({ length }) => length)
      expect(new Set(lengths).size).toBe(1)
    }),
    { numRuns: 40 },
  )
})

test('a view that cannot be made leaves a gap, is told of once, and samples go on', async () => {
  let broken = true
  const { clock, timeline, lines } = aTimeline(() => {
    if (broken) throw new Error('a fault')
    return {}
  })
  timeline.start()
  await clock.advance(45_000)
  expect([timeline.view().at.length, lines.length]).toEqual([0, 1])
  broken = false
  await clock.advance(15_000)
  expect([timeline.view().at.length, lines.length]).toEqual([1, 1])
})
