import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { JenkinsNode } from '../../src/core/jenkins-reading.ts'
import {
  applyStatus,
  drain,
  follow,
  isAlive,
  isEnded,
  launched,
  NEVER_SEEN,
  type Seen,
  settle,
  stop,
} from '../../src/core/lifecycle.ts'
import type { AgentRecord, AgentState } from '../../src/core/model.ts'
import { aRecord, NOW, nodeOf } from '../support/builders.ts'

const STATES = [
  'planned',
  'starting',
  'online',
  'disconnected',
  'unreachable',
  'draining',
  'stopping',
  'gone',
] as const satisfies readonly AgentState[]

const ENDINGS = [
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
] as const
const LIVING = ['TASK_STAGING', 'TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLING'] as const
const TASK_STATES = [...ENDINGS, ...LIVING, 'TASK_UNKNOWN', 'TASK_UNREACHABLE', 'TASK_OF_THE_FUTURE'] as const

/** As a record of that state looks. */
function inState(state: AgentState, over: Partial<Omit<AgentRecord, 'agentId'>> = {}): AgentRecord {
  const early = state === 'planned' || state === 'starting'
  return aRecord({
    state,
    launchedAt: state === 'planned' ? undefined : NOW,
    onlineAt: early ? undefined : NOW,
    idleSince: early ? undefined : NOW,
    taskState: state === 'planned' ? undefined : 'TASK_RUNNING',
    taskEnded: state === 'gone',
    nodeGone: state === 'gone',
    ...over,
  })
}

const told = (record: AgentRecord, state: string, now = NOW + 1_000): AgentRecord =>
  applyStatus(record, { state, reason: undefined, message: undefined }, now)

describe('a status of the task', () => {
  test.each(ENDINGS)('%s ends an agent in any state', (ending) => {
    for (const state of STATES) {
      const after = told(inState(state), ending)
      expect([state, after.state, after.taskEnded]).toEqual([state, state === 'gone' ? 'gone' : 'stopping', true])
    }
  })

  test('says why the task ended, in the words of Mesos', () => {
    const status = { state: 'TASK_FAILED', reason: 'REASON_COMMAND_EXECUTOR_FAILED', message: 'exit 1' }
    expect(applyStatus(inState('online'), status, NOW)).toMatchObject({
      reapReason: 'task_ended',
      reason: 'its task ended: TASK_FAILED, REASON_COMMAND_EXECUTOR_FAILED, exit 1',
    })
  })

  test('ends a draining agent without forgetting why it was drained', () => {
    const draining = drain(inState('online'), 'idle', 'idle for 180 s', NOW)
    expect(told(draining, 'TASK_FINISHED')).toMatchObject({ reapReason: 'idle', reason: 'idle for 180 s' })
  })

  test('is the last word once the node is gone too', () => {
    expect(told(inState('stopping', { nodeGone: true }), 'TASK_KILLED').state).toBe('gone')
  })

  test.each<[AgentState, AgentState]>([
    ['planned', 'starting'],
    ['starting', 'starting'],
    ['online', 'online'],
    ['disconnected', 'disconnected'],
    ['unreachable', 'disconnected'],
    ['draining', 'draining'],
    ['stopping', 'stopping'],
    ['gone', 'gone'],
  ])('of life takes %s to %s', (before, after) => {
    for (const state of LIVING) expect(told(inState(before), state).state).toBe(after)
  })

  test('brings an agent that was cut off before it was online back to starting', () => {
    expect(told(inState('unreachable', { onlineAt: undefined }), 'TASK_RUNNING').state).toBe('starting')
  })

  test.each<[AgentState, AgentState]>([
    ['planned', 'planned'],
    ['starting', 'unreachable'],
    ['online', 'unreachable'],
    ['disconnected', 'unreachable'],
    ['unreachable', 'unreachable'],
    ['draining', 'draining'],
    ['stopping', 'stopping'],
    ['gone', 'gone'],
  ])('TASK_UNREACHABLE takes %s to %s and ends nothing', (before, after) => {
    const record = inState(before)
    const cut = told(record, 'TASK_UNREACHABLE')
    expect([cut.state, cut.taskEnded]).toEqual([after, record.taskEnded])
  })

  test.each<[AgentState, AgentState]>([
    ['planned', 'stopping'],
    ['starting', 'stopping'],
    ['online', 'online'],
    ['disconnected', 'disconnected'],
    ['unreachable', 'unreachable'],
    ['draining', 'draining'],
    ['stopping', 'stopping'],
    ['gone', 'gone'],
  ])('TASK_UNKNOWN takes %s to %s: a master that lost its memory says so of living tasks', (before, after) => {
    expect(told(inState(before), 'TASK_UNKNOWN').state).toBe(after)
  })

  test('that nobody knows changes nothing', () => {
    for (const state of STATES) {
      const record = inState(state)
      expect(told(record, 'TASK_OF_THE_FUTURE')).toBe(record)
    }
  })

  test('told twice gives the same record the second time', () => {
    for (const state of STATES) {
      for (const taskState of TASK_STATES) {
        const once = told(inState(state), taskState)
        expect(told(once, taskState, NOW + 9_000)).toBe(once)
      }
    }
  })

  test('is of a living task, of one that ended, or of neither', () => {
    for (const state of TASK_STATES) expect(isAlive(state) && isEnded(state)).toBe(false)
    expect(TASK_STATES.filter(isEnded)).toEqual(ENDINGS)
    expect(TASK_STATES.filter(isAlive)).toEqual(LIVING)
  })
})

describe('a reading of Jenkins', () => {
  const RUNNING = [{ url: 'job/app/1/', name: 'app #1' }]
  const CONNECTED = {}
  const OFFLINE = { offline: true }
  const TAKEN = { offline: true, temporarilyOffline: true }
  const BUSY = { idle: false, running: RUNNING }
  const read = (
    record: AgentRecord,
    node: Partial<JenkinsNode> | undefined,
    seen: Seen = NEVER_SEEN,
    at = NOW + 1_000,
  ) => follow(record, node && nodeOf(record, node), seen, at)

  test.each<[AgentState, string, Partial<JenkinsNode>, AgentState]>([
    ['starting', 'connected', CONNECTED, 'online'],
    ['starting', 'offline', OFFLINE, 'starting'],
    ['starting', 'taken offline', TAKEN, 'starting'],
    ['online', 'connected', CONNECTED, 'online'],
    ['online', 'offline', OFFLINE, 'disconnected'],
    ['online', 'taken offline', TAKEN, 'online'],
    ['disconnected', 'connected', CONNECTED, 'online'],
    ['disconnected', 'offline', OFFLINE, 'disconnected'],
    ['unreachable', 'connected', CONNECTED, 'unreachable'],
    ['unreachable', 'offline', OFFLINE, 'unreachable'],
    ['draining', 'connected', CONNECTED, 'draining'],
    ['draining', 'offline', OFFLINE, 'draining'],
  ])('finds %s %s', (before, _how, node, after) => {
    expect(read(inState(before), node).record.state).toBe(after)
  })

  test.each(['planned', 'stopping', 'gone'] as const)('changes nothing of an agent that is %s', (state) => {
    const record = inState(state)
    for (const node of [CONNECTED, OFFLINE, BUSY, undefined]) {
      expect(read(record, node)).toEqual({ record, seen: NEVER_SEEN })
    }
  })

  test('starts the idle time with the node, and not while a build runs', () => {
    expect(read(inState('starting'), CONNECTED).record).toMatchObject({ onlineAt: NOW + 1_000, idleSince: NOW + 1_000 })
    const busy = read(inState('starting'), BUSY).record
    expect([busy.onlineAt, busy.idleSince, busy.buildsSeen]).toEqual([NOW + 1_000, undefined, 1])
  })

  test('ends the idle time with a build, and begins it anew after', () => {
    const busy = read(inState('online'), BUSY)
    expect(busy.record.idleSince).toBeUndefined()
    expect(read(busy.record, CONNECTED, busy.seen, NOW + 5_000).record.idleSince).toBe(NOW + 5_000)
  })

  test('keeps the idle time of an agent that stays idle', () => {
    const record = inState('online')
    expect(read(record, CONNECTED).record).toBe(record)
  })

  test('counts each build once', () => {
    let { record, seen } = read(inState('online'), BUSY)
    ;({ record, seen } = read(record, BUSY, seen))
    ;({ record } = read(record, { idle: false, running: [...RUNNING, { url: 'job/app/2/', name: 'app #2' }] }, seen))
    expect(record.buildsSeen).toBe(2)
  })

  test('ends what Mesos does not know and Jenkins has lost', () => {
    const unknown = inState('disconnected', { taskState: 'TASK_UNKNOWN' })
    expect(read(unknown, OFFLINE).record).toMatchObject({ state: 'stopping', taskEnded: true })
    expect(read(unknown, CONNECTED).record).toMatchObject({ state: 'online', taskEnded: false })
  })

  test.each<[string, readonly number[], AgentState]>([
    ['once', [0], 'online'],
    ['twice at once', [0, 100], 'online'],
    ['twice over 5 s', [0, 5_000], 'stopping'],
    ['often', [0, 1_000, 2_000, 6_000], 'stopping'],
  ])('that misses the node %s', (_often, times, expected) => {
    let at: { record: AgentRecord; seen: Seen } = { record: inState('online'), seen: NEVER_SEEN }
    for (const after of times) at = read(at.record, undefined, at.seen, NOW + after)
    expect([at.record.state, at.record.nodeGone]).toEqual([expected, expected === 'stopping'])
    expect(at.record.reapReason).toBe(expected === 'stopping' ? 'node_deleted' : undefined)
  })

  test('that finds the node again forgets that it was missing', () => {
    const missing = read(inState('online'), undefined)
    const found = read(missing.record, CONNECTED, missing.seen, NOW + 4_000)
    expect(read(found.record, undefined, found.seen, NOW + 9_000).record.state).toBe('online')
  })
})

describe('the end of an agent', () => {
  test.each(STATES)('drain changes %s only if it is not on its way out', (state) => {
    const out = state === 'draining' || state === 'stopping' || state === 'gone'
    const record = inState(state)
    const after = drain(record, 'idle', 'idle', NOW + 1)
    if (out) expect(after).toBe(record)
    else expect(after).toMatchObject({ state: 'draining', reapReason: 'idle', reason: 'idle', since: NOW + 1 })
  })

  test.each(STATES)('stop changes %s unless it has stopped', (state) => {
    const record = inState(state)
    const after = stop(record, 'operator', 'said so', NOW + 1)
    if (state === 'stopping' || state === 'gone') expect(after).toBe(record)
    else expect(after).toMatchObject({ state: 'stopping', reapReason: 'operator', since: NOW + 1 })
  })

  test.each([
    [false, false, 'stopping'],
    [true, false, 'stopping'],
    [false, true, 'stopping'],
    [true, true, 'gone'],
  ] as const)('task ended %s, node gone %s: %s', (taskEnded, nodeGone, state) => {
    expect(settle(inState('stopping', { taskEnded, nodeGone }), NOW).state).toBe(state)
  })

  test.each(STATES)('launched moves only a planned agent (%s)', (state) => {
    const record = inState(state)
    const after = launched(record, NOW + 7)
    if (state === 'planned') expect(after).toMatchObject({ state: 'starting', launchedAt: NOW + 7 })
    else expect(after).toBe(record)
  })
})

/** Where each state may lead in one step, whatever happens. */
const NEXT: Readonly<Record<AgentState, readonly AgentState[]>> = {
  planned: ['starting', 'stopping', 'draining', 'gone'],
  starting: ['online', 'unreachable', 'draining', 'stopping', 'gone'],
  online: ['disconnected', 'unreachable', 'draining', 'stopping', 'gone'],
  disconnected: ['online', 'unreachable', 'draining', 'stopping', 'gone'],
  unreachable: ['starting', 'disconnected', 'draining', 'stopping', 'gone'],
  draining: ['stopping', 'gone'],
  stopping: ['gone'],
  gone: [],
}

type Event = (at: { record: AgentRecord; seen: Seen }, now: number) => { record: AgentRecord; seen: Seen }
const only =
  (change: (record: AgentRecord, now: number) => AgentRecord): Event =>
  ({ record, seen }, now) => ({ record: change(record, now), seen })

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc
    .record({
      state: fc.oneof(fc.constantFrom(...TASK_STATES), fc.string()),
      reason: fc.option(fc.string(), { nil: undefined }),
      message: fc.option(fc.string(), { nil: undefined }),
    })
    .map((status) => only((record, now) => applyStatus(record, status, now))),
  fc
    .option(
      fc.record({
        offline: fc.boolean(),
        temporarilyOffline: fc.boolean(),
        idle: fc.boolean(),
        running: fc.subarray([
          { url: 'b/1', name: '1' },
          { url: 'b/2', name: '2' },
        ]),
      }),
      { nil: undefined },
    )
    .map(
      (node): Event =>
        ({ record, seen }, now) =>
          follow(record, node && nodeOf(record, node), seen, now),
    ),
  fc.constantFrom<Event[]>(
    only(launched),
    only(settle),
    only((record, now) => drain(record, 'idle', 'idle', now)),
    only((record, now) => stop(record, 'operator', 'stop', now)),
    only((record, now) => settle({ ...record, nodeGone: true }, now)),
  ),
)

test('whatever happens, late, twice or out of order: states follow the graph, gone is final, an end is an end', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STATES),
      fc.array(fc.tuple(anyEvent, fc.integer({ min: -5_000, max: 10_000 })), { maxLength: 40 }),
      (first, events) => {
        let at: { record: AgentRecord; seen: Seen } = { record: inState(first), seen: NEVER_SEEN }
        let now = NOW
        for (const [event, ms] of events) {
          const { record } = at
          now += ms
          at = event(at, now)
          if (at.record.state !== record.state) expect(NEXT[record.state]).toContain(at.record.state)
          if (record.taskEnded) expect(at.record.taskEnded).toBe(true)
          expect(at.record.buildsSeen).toBeGreaterThanOrEqual(record.buildsSeen)
          if (at.record.state === 'gone') expect(at.record.taskEnded && at.record.nodeGone).toBe(true)
        }
      },
    ),
    { numRuns: 2_000 },
  )
})
