import { beforeEach, expect, test } from '@jest/globals'
import { PIPE, plain } from '../../../src/cli/terminal/paper.ts'
import { Steps } from '../../../src/cli/terminal/steps.ts'
import { NOW } from '../../support/builders.ts'
import { VirtualClock } from '../../support/virtual-clock.ts'

let clock: VirtualClock
let err: string[]
let shown: string[]

beforeEach(() => {
  clock = new VirtualClock(NOW)
  err = []
  shown = []
})

const piped = (): Steps =>
  new Steps({ err: (line) => err.push(line), status: undefined, paper: { out: PIPE, err: PIPE } }, clock)

const onTerminal = (columns: number): Steps =>
  new Steps(
    {
      err: (line) => err.push(line),
      status: {
        show: (text) => shown.push(text),
        clear: () => shown.push(''),
      },
      paper: { out: PIPE, err: { columns: () => columns, paint: plain } },
    },
    clock,
  )

test('in a pipe each step is a line when it has ended, with the time it took', async () => {
  const steps = piped()
  const first = steps.run('asking Jenkins', () => clock.sleep(3_200))
  const second = steps.run('asking Mesos', async () => {
    await clock.sleep(65_000)
    throw new Error('no answer')
  })
  const failed = expect(second).rejects.toThrow('no answer')
  await clock.advance(70_000)
  await first
  await failed
  expect(err).toEqual(['asking Jenkins … done (3.2 s)', 'asking Mesos … failed (1 min)'])
})

test('on a terminal one line turns, names all that is under way, and goes away', async () => {
  const steps = onTerminal(60)
  const both = [
    steps.run('asking Jenkins', () => clock.sleep(2_000)),
    steps.run('asking Mesos', () => clock.sleep(500)),
  ]
  await clock.advance(250)
  expect(shown.at(-1)).toMatch(/^[|/\\-] 0 s {2}asking Jenkins, asking Mesos$/)
  await clock.advance(1_000)
  expect(shown.at(-1)).toMatch(/^[|/\\-] 1 s {2}asking Jenkins$/)
  await clock.advance(1_000)
  await Promise.all(both)
  expect(shown.at(-1)).toBe('')
  expect(err).toEqual(['asking Jenkins … done (2 s)']) // quick ones leave no line
  expect(clock.pending).toBe(0)
})

test('on a narrow terminal it stays one line', async () => {
  const steps = onTerminal(20)
  const done = steps.run('asking a Jenkins of a long name', () => clock.sleep(100))
  await clock.advance(100)
  await done
  for (const text of shown) expect(text.length).toBeLessThan(20)
})
