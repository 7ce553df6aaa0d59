import { beforeEach, expect, test } from '@jest/globals'
import { LiveSummary } from '../../../src/cli/terminal/live.ts'
import { LogTail } from '../../../src/cli/terminal/log-tail.ts'
import { plain } from '../../../src/cli/terminal/paper.ts'
import type { Screen, Size } from '../../../src/cli/terminal/screen.ts'
import type { View } from '../../../src/loop/view-types.ts'
import { NOW } from '../../support/builders.ts'
import { anAgentView, aView } from '../../support/views.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

let clock: VirtualClock
let drawn: string[]
let calls: string[]
let size: Size
let change: () => void
let view: () => View
let log: LogTail
let live: LiveSummary

beforeEach(() => {
  clock = new VirtualClock(NOW)
  drawn = []
  calls = []
  size = { columns: 80, rows: 24 }
  view = () => aView()
  log = new LogTail()
  const screen: Screen = {
    size: () => size,
    open: () => {
      calls.push('open')
    },
    draw: (lines) => {
      drawn.push(lines.join('\n'))
    },
    close: () => {
      calls.push('close')
    },
    onChange: (changed) => {
      change = changed
      return () => {
        calls.push('no longer listening')
      }
    },
  }
  live = new LiveSummary({ screen, paint: plain, clock, log, version: '1', url: 'http://h', view: () => view() })
})

test('it is drawn at once, and again only when something changed', async () => {
  live.start()
  expect(drawn).toHaveLength(1)
  await clock.advance(60_000)
  expect(drawn).toHaveLength(1)
  view = () => aView({ agents: [anAgentView()] })
  await clock.advance(1_000)
  expect(drawn).toHaveLength(2)
  expect(drawn[1]).toContain('mesos-linux-1')
})

test('however much happens it is drawn once a second at most', async () => {
  live.start()
  for (let index = 0; index < 100; index++) {
    log.write(JSON.stringify({ level: 'info', msg: `line ${index}` }))
    await clock.advance(100)
  }
  expect(drawn.length).toBeLessThanOrEqual(11)
  expect(drawn.at(-1)).toContain('line 99')
})

test('another size, and what a person waits for, are shown at once', () => {
  live.start()
  size = { columns: 30, rows: 8 }
  change()
  expect(drawn).toHaveLength(2)
  change()
  expect(drawn).toHaveLength(3) // the terminal may have broken what was there
  live.say('2 agents go on')
  expect(drawn.at(-1)).toContain('2 agents go on')
})

test('a view that cannot be made ends nothing', async () => {
  view = () => {
    throw new Error('no world')
  }
  live.start()
  expect(drawn).toEqual(['the summary cannot be made: no world'])
  view = () => aView()
  await clock.advance(1_000)
  expect(drawn.at(-1)).toContain('ok: Jenkins is read')
})

test('at the end the terminal is given back and nothing goes on', async () => {
  live.start()
  live.stop()
  expect(calls).toEqual(['open', 'no longer listening', 'close'])
  expect(clock.pending).toBe(0)
  live.say('too late')
  expect(drawn).toHaveLength(1)
})
