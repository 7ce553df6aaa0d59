import { describe, expect, test } from '@jest/globals'
import { aborted } from '../../src/cli/aborted.ts'
import { type Ending, ended, policyFor } from '../../src/cli/ending.ts'
import { NOW } from '../support/builders.ts'
import { aLog } from '../support/log.ts'
import { aView } from '../support/views.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

function ending(wanted: Ending['wanted'], signal: string, agents: number) {
  const stopped = new AbortController()
  const killed = new AbortController()
  const clock = new VirtualClock(NOW)
  const said: string[] = []
  const calls: string[] = []
  stopped.abort(signal)
  const [agent] = aView().agents
  const policy = policyFor({
    wanted,
    clock,
    log: aLog().log,
    io: { err: (line) => said.push(line), stopped: stopped.signal, killed: killed.signal },
    program: {
      view: () => ({ ...aView(), agents: Array.from({ length: agents }, () => agent as never) }),
      startNothing: () => {
        calls.push('startNothing')
      },
      drain: async (enough) => {
        calls.push('drain')
        await aborted(enough)
      },
    },
  })
  return { policy, killed, clock, said, calls }
}

test('leave: the first Ctrl-C says what goes on, and a second one within 5 s ends it', async () => {
  const { policy, killed, clock, said, calls } = ending('leave', 'SIGINT', 2)
  await clock.advance(4_900)
  expect(said).toEqual([expect.stringContaining('2 agents go on')])
  expect(said[0]).toContain('Ctrl-C again within 5 s ends all of them')
  expect(calls).toEqual(['startNothing'])
  killed.abort()
  expect(await policy).toBe('kill')
  expect(clock.pending).toBe(0)
})

test('leave: without a second Ctrl-C agents stay', async () => {
  const { policy, clock } = ending('leave', 'SIGINT', 1)
  await clock.advance(5_000)
  expect(await policy).toBe('leave')
})

test.each([
  ['SIGTERM', 2],
  ['SIGINT', 0],
] as const)('leave: %s with %i agents is not waited for', async (signal, agents) => {
  const { policy, said } = ending('leave', signal, agents)
  expect(await policy).toBe('leave')
  expect(said).toEqual([])
})

test('drain: Ctrl-C twice ends what is left', async () => {
  const { policy, killed, calls } = ending('drain', 'SIGTERM', 2)
  killed.abort()
  expect(await policy).toBe('kill')
  expect(calls).toEqual(['drain'])
})

test('kill: asks nobody', async () => {
  expect(await ending('kill', 'SIGTERM', 2).policy).toBe('kill')
})

describe('invariant 12: the end does not wait for what never comes', () => {
  const never = new Promise<void>(() => undefined)

  test.each([
    ['leave', false, 8_000],
    ['leave', true, 5_000],
    ['kill', true, 60_000],
  ] as const)('%s, told twice: %s', async (policy, twice, ms) => {
    const clock = new VirtualClock(NOW)
    const killed = new AbortController()
    if (twice) killed.abort()
    let outcome: string | undefined
    const end = ended(never, policy, { io: { killed: killed.signal }, clock }).then(({ kind }) => {
      outcome = kind
    })
    await clock.advance(ms - 1)
    expect(outcome).toBeUndefined()
    await clock.advance(1)
    await end
    expect(outcome).toBe('late')
    expect(clock.pending).toBe(0)
  })

  test('kill is waited for as long as it takes', async () => {
    const clock = new VirtualClock(NOW)
    let isOver = false
    void ended(never, 'kill', { io: { killed: new AbortController().signal }, clock }).then(() => {
      isOver = true
    })
    await clock.advance(3_600_000)
    expect(isOver).toBe(false)
  })

  test('what ends, or fails to, leaves no timer behind', async () => {
    const clock = new VirtualClock(NOW)
    const options = { io: { killed: new AbortController().signal }, clock }
    const error = new Error('the state could not be closed')
    expect(await ended(Promise.resolve(), 'leave', options)).toEqual({ kind: 'done' })
    expect(await ended(Promise.reject(error), 'leave', options)).toEqual({ kind: 'failed', error })
    expect(clock.pending).toBe(0)
  })
})
